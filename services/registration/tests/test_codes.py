"""A code that was given for a registered product is redeemed once, or refused with the reason (ACT-02 to ACT-04)."""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.support.catalogue import offer
from tests.support.records import record_of
from tests.support.rooms import MORNING

from event_schemas.activation_codes import CodePresented
from event_schemas.registration import (
    CertificateRedeemed,
    CodeRefusal,
    CodeRefused,
    RegistrationCancelled,
)
from event_schemas.registration_mail import CertificateIssued
from registration_service.certificates.domain import ALPHABET

from .casework import claim, open_case
from .conftest import NUMBERS, Desk, without_offer

pytestmark = pytest.mark.requirement("ACT-02")
PLUS = {"models": ["PT*"], "name": "Plus"}


@dataclass
class Holder:
    """A customer with a registered product, an account, and an offer of their own that a code may bring."""

    desk: Desk
    product: dict[str, Any]
    reference: str
    account: UUID

    def code(self, number: str, **changes: Any) -> CodePresented:
        usual = {
            "brand": "dynabook",
            "request_id": uuid4(),
            "product_id": self.product["product_id"],
            "serial": self.product["serial"],
            "customer_id": self.product["customer_id"],
            "service_reference": self.reference,
            "code": number,
            "purchased_on": "2026-11-20",
            "presented_at": MORNING,
            "owner": str(self.account),
        }
        return CodePresented(**{**usual, **changes})

    async def bought(self, **changes: Any) -> CertificateIssued:
        return await self.desk.certificate(service_reference=self.reference, **changes)

    async def gives(self, code: CodePresented) -> list[Any]:
        """What is said to a code."""
        await self.desk.said()
        await self.desk.room.hear(code)
        return await self.desk.said()

    async def refused(self, code: CodePresented) -> str:
        """The reason, when nothing but a refusal was said and nothing has changed."""
        before = await self.desk.rows()
        [fact] = await self.gives(code)
        assert isinstance(fact, CodeRefused)
        names = ("request_id", "product_id", "serial", "service_reference", "customer_id", "brand")
        assert [getattr(fact, name) for name in names] == [getattr(code, name) for name in names]
        assert await self.desk.rows() == before
        return str(fact.reason)


@pytest.fixture
async def holder(desk) -> Holder:
    await desk.room.database.pool.execute("DELETE FROM wrong_codes")
    reference = f"PLUS-{next(NUMBERS)}"
    await desk.room.hear(offer(reference=reference, **PLUS))
    issued = await desk.certificate()
    answer = await desk.register(issued.certificate_number)
    assert answer.status_code == 201, answer.text
    await desk.said()
    return Holder(desk, answer.json(), reference, uuid4())


def wrong() -> str:
    """A number that looks like one and is none."""
    return "FC" + "".join(random.choices(ALPHABET, k=10))


async def test_a_code_redeems_a_unit_for_its_owner_and_names_the_request(holder) -> None:
    issued, organisation = await holder.bought(quantity=2), uuid4()
    code = holder.code(
        f" {issued.certificate_number.lower()} ",
        owner=f"{holder.account}@{organisation}",
        organisation_id=organisation,
    )
    [fact] = await holder.gives(code)
    assert isinstance(fact, CertificateRedeemed)
    assert (fact.request_id, fact.certificate_id) == (code.request_id, issued.certificate_id)
    assert (str(fact.product_id), fact.service_reference) == (holder.product["product_id"], holder.reference)
    ledger = await holder.desk.ledger(issued.certificate_id)
    assert (ledger["units_left"], ledger["entries"][0]["by"]) == (1, str(holder.account))
    seen = await holder.desk.room.get(
        f"/registrations/{fact.redemption_id}", scopes=["registrations:read"], claims={"sub": str(holder.account)}
    )
    assert seen.status_code == 404  # as a member's file, it is the organisation's
    claims = {"sub": str(holder.account), "organisation": str(organisation)}
    seen = await holder.desk.room.get(
        f"/registrations/{fact.redemption_id}", scopes=["registrations:read"], claims=claims
    )
    assert seen.json()["service_reference"] == holder.reference


async def test_a_code_on_a_product_without_a_running_service_does_not_say_the_product_again(holder) -> None:
    room = holder.desk.room
    cancelled = await room.post(f"/registrations/{holder.product['redemption_id']}/cancellation", {})
    assert cancelled.status_code == 200
    issued = await holder.bought()
    assert await holder.refused(holder.code(issued.certificate_number)) == CodeRefusal.PRODUCT_UNKNOWN  # it was let go
    await room.database.pool.execute(
        "UPDATE products SET released_at = NULL WHERE product_id = $1", UUID(holder.product["product_id"])
    )
    facts = await holder.gives(holder.code(issued.certificate_number))
    assert [type(fact) for fact in facts] == [CertificateRedeemed]


async def test_the_same_request_takes_one_unit_however_often_and_under_whichever_event_it_comes(holder) -> None:
    issued = await holder.bought(quantity=9)
    code = holder.code(issued.certificate_number)
    assert len(await holder.gives(code)) == 1
    event = await holder.desk.room.hear(code)
    await holder.desk.room.hear(code, event)
    records = [record_of(code, 2_000_000 + place) for place in range(8)]
    await asyncio.gather(*(holder.desk.room.delivery().take([record]) for record in records))
    assert await holder.desk.said() == []
    assert (await holder.desk.ledger(issued.certificate_id))["units_left"] == 8


async def test_two_requests_at_once_for_one_product_and_service_take_one_unit_and_the_other_is_told(holder) -> None:
    issued = await holder.bought(quantity=9)
    codes = [holder.code(issued.certificate_number) for _ in range(6)]
    records = [record_of(code, 3_000_000 + next(NUMBERS)) for code in codes]
    await asyncio.gather(*(holder.desk.room.delivery().take([record]) for record in records))
    facts = await holder.desk.said()
    assert [type(fact) for fact in facts].count(CertificateRedeemed) == 1
    reasons = [fact.reason for fact in facts if isinstance(fact, CodeRefused)]
    assert reasons == [CodeRefusal.ALREADY_COVERED] * 5
    assert (await holder.desk.ledger(issued.certificate_id))["units_left"] == 8


async def test_the_last_unit_goes_to_one_of_many_products_and_a_unit_that_came_back_can_be_taken_again(holder) -> None:
    issued = await holder.bought(quantity=1)
    [taken] = await holder.gives(holder.code(issued.certificate_number))
    other = await open_case(holder.desk)
    named = {name: other.registered[name] for name in ("product_id", "serial", "customer_id")}
    assert await holder.refused(holder.code(issued.certificate_number, **named)) == CodeRefusal.USED_UP
    answer = await holder.desk.room.post(f"/registrations/{taken.redemption_id}/cancellation", {})
    assert answer.status_code == 200, answer.text
    assert [type(fact) for fact in await holder.desk.said()] == [RegistrationCancelled]
    [again] = await holder.gives(holder.code(issued.certificate_number, **named))
    assert str(again.product_id) == other.product_id


@pytest.mark.parametrize("typed", ["", "FC-12", "FCAAAAAAAAAA", "A" * 5000, "FC\x00", "ＦＣ34679ACDEF"])
async def test_whatever_is_no_code_of_the_brand_is_unknown(holder, typed) -> None:
    assert await holder.refused(holder.code(typed)) == CodeRefusal.UNKNOWN


async def test_a_code_of_another_brand_is_unknown_and_one_for_another_service_is_said_to_be(holder) -> None:
    foreign = await holder.desk.certificate(brand="carri", service_reference="CARRI-SITE-36")
    assert await holder.refused(holder.code(foreign.certificate_number)) == CodeRefusal.UNKNOWN
    other = await holder.desk.certificate(service_reference="EXT2FR-X40")
    assert await holder.refused(holder.code(other.certificate_number)) == CodeRefusal.OTHER_SERVICE


@pytest.mark.requirement("ACT-04")
async def test_a_code_for_other_models_and_one_for_a_running_service_are_refused(holder) -> None:
    other = await holder.desk.certificate(service_reference="EXT2FR-X40")
    code = holder.code(other.certificate_number, service_reference="EXT2FR-X40")
    assert await holder.refused(code) == CodeRefusal.MODEL_NOT_COVERED
    same = await holder.desk.certificate()
    code = holder.code(same.certificate_number, service_reference="PPCP013FR-VGAD")
    assert await holder.refused(code) == CodeRefusal.ALREADY_COVERED


async def test_a_product_that_is_unknown_anothers_or_contested_takes_no_code(holder) -> None:
    issued = await holder.bought()
    for change in ({"product_id": uuid4()}, {"customer_id": uuid4()}):
        assert await holder.refused(holder.code(issued.certificate_number, **change)) == CodeRefusal.PRODUCT_UNKNOWN
    case = await open_case(holder.desk)
    await claim(case, holder.desk)
    named = {name: case.registered[name] for name in ("product_id", "serial", "customer_id")}
    assert await holder.refused(holder.code(issued.certificate_number, **named)) == CodeRefusal.PRODUCT_CONTESTED


@pytest.mark.requirement("REG-15", "ACT-03")
@pytest.mark.parametrize(
    ("entry", "last", "reason"),
    [
        ({"extends_warranty": True}, date(2027, 11, 19), CodeRefusal.STANDARD_WARRANTY_OVER),
        ({"code_days": 90}, date(2027, 2, 18), CodeRefusal.LAPSED),
    ],
)
async def test_a_code_is_judged_on_the_day_on_which_it_was_given_not_on_which_it_arrives(
    holder, entry, last, reason
) -> None:
    await holder.desk.room.hear(offer(reference=holder.reference, revision=2, **{**PLUS, **entry}))
    issued = await holder.bought(purchased_on="2026-11-20")
    midnight = datetime(last.year, last.month, last.day, 23, tzinfo=UTC)  # in Paris, winter
    holder.desk.room.clock.set(midnight + timedelta(days=30))
    code = holder.code(issued.certificate_number, presented_at=midnight)
    assert await holder.refused(code) == reason
    [fact] = await holder.gives(holder.code(issued.certificate_number, presented_at=midnight - timedelta(seconds=1)))
    assert isinstance(fact, CertificateRedeemed)


async def test_ten_wrong_codes_an_hour_and_then_no_further_one_is_looked_at_not_even_a_right_one(holder) -> None:
    issued = await holder.bought()
    for _ in range(10):
        assert await holder.refused(holder.code(wrong())) == CodeRefusal.UNKNOWN
    assert await holder.refused(holder.code(issued.certificate_number)) == CodeRefusal.UNKNOWN
    elsewhere = holder.code(issued.certificate_number, owner=f"{holder.account}@{uuid4()}")
    organisation = UUID(elsewhere.owner.partition("@")[2])
    elsewhere = elsewhere.model_copy(update={"organisation_id": organisation})
    assert await holder.refused(elsewhere) == CodeRefusal.UNKNOWN  # another organisation is no way round
    holder.desk.room.clock.advance(timedelta(minutes=60))
    [fact] = await holder.gives(holder.code(issued.certificate_number))
    assert isinstance(fact, CertificateRedeemed)


async def test_a_guesser_shuts_nobody_else_out_not_even_behind_the_same_server(holder) -> None:
    issued, other = await holder.bought(), await open_case(holder.desk)
    named = {name: other.registered[name] for name in ("product_id", "serial", "customer_id")}
    for _ in range(12):
        await holder.gives(holder.code(wrong(), owner="gateway", **named))
    assert await holder.refused(holder.code(wrong(), owner="gateway", **named)) == CodeRefusal.UNKNOWN
    [fact] = await holder.gives(holder.code(issued.certificate_number, owner="gateway"))
    assert isinstance(fact, CertificateRedeemed)


async def test_codes_that_are_refused_for_another_reason_do_not_count_as_wrong(holder) -> None:
    other = await holder.desk.certificate(service_reference="EXT2FR-X40")
    for _ in range(12):
        assert await holder.refused(holder.code(other.certificate_number)) == CodeRefusal.OTHER_SERVICE


async def test_a_wrong_code_is_kept_nowhere(holder, capsys) -> None:
    typed = wrong()
    assert await holder.refused(holder.code(typed)) == CodeRefusal.UNKNOWN
    pool = holder.desk.room.database.pool
    tables = [row["relname"] for row in await pool.fetch("SELECT relname FROM pg_stat_user_tables")]
    assert {"wrong_codes", "inbox", "outbox", "dead_letter"} <= set(tables)
    found = [
        name
        for name in tables
        if await pool.fetchval(f'SELECT EXISTS (SELECT FROM "{name}" t WHERE t::text ILIKE $1)', f"%{typed}%")
    ]
    assert found == []
    assert typed not in "".join(capsys.readouterr())


@pytest.mark.requirement("ACT-04")
async def test_a_code_for_a_service_that_is_in_no_catalogue_any_more_is_refused_and_its_customer_told(holder) -> None:
    issued = await holder.bought()
    async with without_offer(holder.desk.room, holder.reference):
        for _ in range(12):  # no guesses: the code was a right one
            assert await holder.refused(holder.code(issued.certificate_number)) == CodeRefusal.SERVICE_WITHDRAWN
    await holder.desk.room.hear(offer(reference=holder.reference, **PLUS))
    [fact] = await holder.gives(holder.code(issued.certificate_number))
    assert isinstance(fact, CertificateRedeemed)


async def test_a_code_whose_catalogue_was_not_heard_waits_among_the_dead_letters_which_do_not_tell_it(
    holder, capsys
) -> None:
    issued = await holder.bought()
    record = record_of(holder.code(issued.certificate_number), 4_000_000 + next(NUMBERS))
    pool = holder.desk.room.database.pool
    async with without_offer(holder.desk.room, ""):
        await holder.desk.room.delivery().take([record])
    row = await pool.fetchrow('SELECT error_class, message FROM dead_letter WHERE "offset" = $1', record.offset)
    assert row["error_class"] == "CatalogueUnknown"
    assert holder.reference in row["message"]
    assert issued.certificate_number not in row["message"] + "".join(capsys.readouterr())
    await pool.execute("DELETE FROM dead_letter")
    await holder.desk.room.hear(offer(reference=holder.reference, **PLUS))
    [fact] = await holder.gives(holder.code(issued.certificate_number))
    assert isinstance(fact, CertificateRedeemed)
