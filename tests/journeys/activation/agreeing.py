"""What people do with contracts that have no codes: open them, look at them, let time go by."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from dateutil.relativedelta import relativedelta
from pypdf import PdfReader
from tests.journeys.activation.activating import Activating, Body, activating
from tests.journeys.brands import Played
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Heard, Watch

YEARS_AGO = relativedelta(years=4)
"""So old that no standard warranty is left: who is not covered by a contract pays."""


@dataclass
class Agreement:
    """A contract of one customer over some of their products."""

    journeys: list[Activating]
    contract: Body

    @property
    def one(self) -> Activating:
        """The first product."""
        return self.journeys[0]

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/contracts/{self.contract['contract_id']}"

    @property
    def number(self) -> str:
        """What people call it."""
        return str(self.contract["number"])

    @property
    def ends_on(self) -> date:
        """Last day of the term of now."""
        return date.fromisoformat(self.contract["ends_on"])

    async def look(self) -> Body:
        """The contract as it stands now."""
        self.contract = await self.one.read(self.path)
        return self.contract

    async def do(self, deed: str, body: Body) -> Body:
        """A command about it that must be accepted."""
        return await self.one.do(f"{self.path}/{deed}", body)

    async def refused(self, deed: str, body: Body) -> tuple[int, str]:
        """Status and code of a command about it that is not accepted."""
        answer = await self.one.send(f"{self.path}/{deed}", body)
        return answer.status_code, answer.json().get("code", "")

    async def said(self, kind: str, **fields: object) -> Heard:
        """What was said about it."""
        return await self.one.watch.event(kind, contract_id=self.contract["contract_id"], **fields)

    def so_far(self, kind: str, **fields: object) -> list[Body]:
        """What was said about it until now."""
        return [one.data for one in self.one.watch.heard(kind, contract_id=self.contract["contract_id"], **fields)]

    async def copy(self, language: str) -> str:
        """The text of its copy in a language."""
        headers = {"Authorization": f"Bearer {self.one.stack.token}", "Accept-Language": language}
        url = self.one.stack.url("activation") + f"{self.path}/copy"
        answer = await self.one.stack.client.get(url, headers=headers)
        assert (answer.status_code, answer.headers["content-language"]) == (200, language), answer.text
        assert answer.content.startswith(b"%PDF")
        return " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)


async def at_home(
    stack: Stack, watch: Watch, played: Played, products: int = 1, bought: relativedelta | None = YEARS_AGO
) -> list[Activating]:
    """Products of one customer without services."""
    first = await activating(stack, watch, played).home(bought)
    return [first, *[await activating(stack, watch, played).home(bought, first) for _ in range(products - 1)]]


async def agreed(journeys: list[Activating], months: int, *references: str) -> Agreement:
    """A contract over these products from today on, and everybody has heard of it."""
    one = journeys[0]
    wanted = list(references or (one.played.reference,))
    lines = [{"serial": journey.serial, "service_references": wanted} for journey in journeys]
    contract = await one.do("/contracts", {"brand": one.played.brand, "lines": lines, "months": months})
    for journey in journeys:
        await journey.covered_as("contract_in_setup", covered_until=contract["ends_on"])
    return Agreement(journeys, contract)
