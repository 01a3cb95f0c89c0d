"""Where the life of some contracts is lived: a room, what is known of it, and how to ask it for something."""

from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from anyio.from_thread import BlockingPortal
from hypothesis.stateful import (
    RuleBasedStateMachine,
)
from tests.support.rooms import Room

from activation_service.policy import policy_of
from event_schemas import Event
from event_schemas.activation import ServiceActivated
from event_schemas.activation_contracts import ContractChanged, ContractExpired, ContractExpiring, ContractOpened
from event_schemas.registration import ProductRegistered

from .contract_model import Rules, World
from .contract_reader import Reader

ON_SITE, MAIL_IN, THREE_YEARS, ONE_YEAR = "SPAC-ONSITE-36", "SPAC-MAILIN-12", "DAS-A-36", "DAS-C-12"
SEAMLESS: Final = Rules("ibm", "9009-42A", {MAIL_IN: 12, ON_SITE: 36}, MAIL_IN, before=90, after=30, anew=False)
ANEW: Final = Rules("d-link", "DGS-3130", {ONE_YEAR: 12, THREE_YEARS: 36}, ONE_YEAR, before=90, after=20, anew=True)
STARTS: Final = [date(2027, 1, 31), date(2028, 2, 29), date(2027, 2, 28), date(2027, 3, 27), date(2027, 8, 31)]
OFFSETS: Final = [-91, -90, -89, -31, -30, -29, -8, -7, -1, 0, 1, 19, 20, 21, 30, 31]
"""Days from the end of a term to one on which something begins or ends to be possible."""


class Desk(RuleBasedStateMachine):
    """Three products, two customers, two certificates; every deed goes through the real service."""

    rules: Rules
    world: World

    def __init__(self, portal: BlockingPortal, room: Room) -> None:
        super().__init__()
        self.portal, self.room, self.reader = portal, room, Reader()
        self.products, self.people, self.certificates = ([uuid4() for _ in range(many)] for many in (3, 2, 2))

    def call(self, deed: Callable[..., Coroutine[Any, Any, Any]], *given: Any) -> Any:
        return self.portal.call(deed, *given)

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        answer: httpx.Response = self.call(self.room.post, path, body)
        return answer

    def hear(self, event: type[Event], product: int, **told: Any) -> None:
        label = {"product_id": self.products[product], "serial": f"S{product}", "model": self.rules.model}
        self.call(self.room.hear, event.model_validate({"brand": self.rules.brand, **label, **told}))

    def facts(self) -> list[Event]:
        """What was said since the last time, taken to heart."""
        said: list[Event] = self.call(self.room.said)
        self.reader.hear(said)
        return said

    def refused(self, answer: httpx.Response, code: str) -> None:
        assert (answer.status_code in (404, 409, 422), answer.json().get("code")) == (True, code), answer.text
        assert self.facts() == []

    def start(self, contract: UUID, facts: list[Event], unit: UUID | None = None) -> None:
        for fact in facts:
            if isinstance(fact, ServiceActivated):
                assert fact.contract_id == contract
                product = self.products.index(fact.product_id)
                self.world.start(fact.activation_id, contract, product, fact.service_reference, unit)

    def joined(self, facts: list[Event], expected: UUID | None) -> UUID:
        """The contract into which a line came: the expected one, or one that nobody knew."""
        into = [
            one for one in facts if isinstance(one, ContractOpened) or (isinstance(one, ContractChanged) and one.added)
        ]
        (fact,) = into
        assert isinstance(fact, ContractOpened) == (expected is None)
        assert fact.contract_id == (expected or fact.contract_id)
        assert (fact.contract_id in self.world.contracts) == (expected is not None)
        return fact.contract_id

    def set_clock(self) -> None:
        noon = datetime.combine(self.world.today, time(12), policy_of(self.rules.brand).time_zone)
        self.room.clock.set(noon.astimezone(UTC))

    def register(self, product: int, customer: int) -> None:
        days = {"purchased_on": self.world.today, "warranty_ends_on": self.world.today}
        self.hear(ProductRegistered, product, customer_id=self.people[customer], **days)
        self.world.owners[product] = customer

    def body(self, products: set[int], services: set[int]) -> dict[str, Any]:
        references = [list(self.rules.months)[service] for service in sorted(services)]
        lines = [{"product_id": str(self.products[one]), "service_references": references} for one in sorted(products)]
        return {"lines": lines}

    def covered(self, products: set[int], services: set[int]) -> str | None:
        """Why these lines cannot be agreed at all."""
        owners, references = [self.world.owners[one] for one in sorted(products)], list(self.rules.months)
        if None in owners:
            return "contract-product-unknown"
        for product, owner in zip(sorted(products), owners, strict=True):
            if owner != owners[0]:
                return "contract-two-customers"
            if any(self.world.running(product, references[service]) for service in services):
                return "service-covered-already"
        return None

    def any_contract(self, which: int) -> UUID:
        """The latest is 0."""
        return list(self.world.contracts)[-1 - which % len(self.world.contracts)]

    def go_to(self, day: date, in_time: bool) -> None:
        """The clock moves on; where timers are late, whatever comes next comes before them."""
        self.world.today = day
        self.set_clock()
        if not in_time:
            return
        while self.call(self.room.fire_timers):
            pass
        reminders, expired = self.world.fire()
        facts = self.facts()
        told = [(one.contract_id, one.ends_on, one.days_left) for one in facts if isinstance(one, ContractExpiring)]
        assert sorted(told) == sorted(reminders)
        assert sorted(one.contract_id for one in facts if isinstance(one, ContractExpired)) == sorted(expired)

    def rows(self, query: str, of: list[UUID]) -> list[Any]:
        found: list[Any] = self.call(self.room.database.pool.fetch, query, of)
        return found
