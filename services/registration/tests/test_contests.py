"""A second claim on a product opens a contest; both bring evidence, staff settle it (REG-16)."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from event_schemas.contacts import ContactChanged
from event_schemas.registration import CancellationReason, CertificateRedeemed, ProductRegistered, RegistrationCancelled
from event_schemas.registration_cases import ContestDecision, ContestSettled, RegistrationContested
from event_schemas.registration_mail import CertificateIssued, ContestAnswered

from .conftest import CAMILLE, JAN, refused
from .dealers import Visitor, dealer, staff
from .test_registering import typed

pytestmark = pytest.mark.requirement("REG-16")
WHY = "The invoice of the claimant names the serial number."


@dataclass
class Case:
    """A product that Jan's dealer registered and Camille's dealer claims with a certificate of her own."""

    holder: Visitor
    claimant: Visitor
    held: CertificateIssued
    claimed: CertificateIssued
    view: dict[str, Any]
    contest: dict[str, Any]
    serial: str

    @property
    def path(self) -> str:
        return f"/contests/{self.contest['contest_id']}"

    async def claim(self, **changes: Any) -> Any:
        body = typed(self.claimed.certificate_number, self.serial, customer=CAMILLE, purchased_on="2026-11-02")
        return await self.claimant.post("/registrations", {**body, **changes})

    async def decide(self, decision: str) -> Any:
        return await staff(self.holder.room).post(f"{self.path}/decision", {"decision": decision, "reason": WHY})


@pytest.fixture
async def case(desk) -> Case:
    held, claimed, serial = await desk.certificate(), await desk.certificate(quantity=1), desk.serial()
    case = Case(dealer(desk.room), dealer(desk.room), held, claimed, {}, {}, serial)
    case.view = (await case.holder.post("/registrations", typed(held.certificate_number, serial))).json()
    await desk.said()
    answer = await case.claim()
    assert answer.status_code == 202, answer.text
    case.contest = answer.json()
    return case


async def left(desk, issued: CertificateIssued) -> int:
    return int((await desk.ledger(issued.certificate_id))["units_left"])


async def test_a_second_customers_claim_opens_a_contest_and_the_registration_stays_in_force(desk, case) -> None:
    contest = case.contest
    assert (contest["state"], contest["serial"], contest["parties"]) == ("open", case.serial, ["claimant"])
    assert contest["holder_id"] is None
    said = [fact for fact in await desk.said() if not isinstance(fact, ContactChanged)]
    assert said == [
        RegistrationContested(
            brand="dynabook",
            product_id=UUID(case.view["product_id"]),
            contest_id=UUID(contest["contest_id"]),
            serial=case.serial,
            model="PT5B1E-0K601",
            holder_id=UUID(case.view["customer_id"]),
            claimant_id=UUID(contest["claimant_id"]),
        )
    ]
    assert await left(desk, case.claimed) == 1
    read = (await case.holder.get(f"/registrations/{case.view['redemption_id']}")).json()
    assert (read["state"], read["contested"]) == ("registered", True)


async def test_the_same_claimant_again_is_shown_the_open_contest_whatever_they_say_now(desk, case) -> None:
    await desk.said()
    other = await desk.certificate(service_reference="PPCP013FR-VGAD")
    again = [await case.claim(), await case.claim(certificate=other.certificate_number, purchased_on="2026-10-01")]
    assert [answer.status_code for answer in again] == [202, 202]
    assert [answer.json() for answer in again] == [case.contest] * 2
    assert await desk.said() == []


async def test_a_hundred_equal_claims_at_once_make_one_contest(desk) -> None:
    held, claimed, serial = await desk.certificate(), await desk.certificate(quantity=100), desk.serial()
    await desk.register(held.certificate_number, serial=serial)
    await desk.said()
    claims = (desk.register(claimed.certificate_number, serial=serial, customer=CAMILLE) for _ in range(100))
    answers = await asyncio.gather(*claims)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["contest_id"] for answer in answers}) == 1
    assert [type(fact) for fact in await desk.said()] == [RegistrationContested]
    assert await left(desk, claimed) == 100


async def test_when_the_claimant_gets_the_product_the_whole_story_is_said_in_order(desk, case) -> None:
    await desk.said()
    answer = await case.decide("claimant_gets")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    told_of_it = [told[name] for name in ("state", "decision", "reason", "not_redeemed")]
    assert told_of_it == ["settled", "claimant_gets", WHY, None]
    cancelled, settled, registered, redeemed, *mails = await desk.said()
    assert isinstance(cancelled, RegistrationCancelled)
    assert cancelled.reason is CancellationReason.CONTEST_SETTLED
    assert str(cancelled.redemption_id) == case.view["redemption_id"]
    assert isinstance(settled, ContestSettled)
    assert settled.decision is ContestDecision.CLAIMANT_GETS
    assert isinstance(registered, ProductRegistered)
    assert (str(registered.customer_id), registered.purchased_on.isoformat()) == (
        case.contest["claimant_id"],
        "2026-11-02",
    )
    assert registered.organisation_id == UUID(case.claimant.organisation)
    assert isinstance(redeemed, CertificateRedeemed)
    assert str(redeemed.redemption_id) == told["redemption_id"]
    assert redeemed.certificate_id == case.claimed.certificate_id
    assert [
        (mail.party_id, mail.keeps_product, mail.reason) for mail in mails if isinstance(mail, ContestAnswered)
    ] == [
        (UUID(case.view["customer_id"]), False, WHY),
        (UUID(case.contest["claimant_id"]), True, WHY),
    ]


async def test_the_holders_unit_returns_and_the_product_is_the_claimants_with_the_claimed_purchase(desk, case) -> None:
    await case.decide("claimant_gets")
    assert (await left(desk, case.held), await left(desk, case.claimed)) == (3, 0)
    lines = (await desk.ledger(case.held.certificate_id))["entries"]
    assert [(one["change"], one["by"], one["reason"]) for one in lines] == [
        (-1, case.holder.subject, "redeemed"),
        (1, "staff-7", "contest_settled"),
    ]
    product = (await case.claimant.get(f"/products/{case.view['product_id']}")).json()
    assert (product["customer_id"], product["warranty_ends_on"]) == (case.contest["claimant_id"], "2027-11-01")
    assert (await case.holder.get(f"/products/{case.view['product_id']}")).status_code == 404
    gone = (await case.holder.get(f"/registrations/{case.view['redemption_id']}")).json()
    assert (gone["state"], gone["purchased_on"], gone["cancellation_reason"]) == ("cancelled", None, "contest_settled")


async def test_the_holder_keeps_the_product_and_both_are_told_why(desk, case) -> None:
    await desk.said()
    assert (await case.decide("holder_keeps")).status_code == 200
    settled, *mails = await desk.said()
    assert isinstance(settled, ContestSettled)
    assert settled.decision is ContestDecision.HOLDER_KEEPS
    assert [mail.keeps_product for mail in mails if isinstance(mail, ContestAnswered)] == [True, False]
    assert (await left(desk, case.held), await left(desk, case.claimed)) == (2, 1)
    read = (await case.holder.get(f"/registrations/{case.view['redemption_id']}")).json()
    assert (read["state"], read["contested"]) == ("registered", False)
    assert (await case.claim()).json()["contest_id"] != case.contest["contest_id"]


async def test_a_claim_whose_certificate_is_used_up_by_then_gets_the_product_without_the_service(desk, case) -> None:
    await desk.register(case.claimed.certificate_number)
    await desk.said()
    told = (await case.decide("claimant_gets")).json()
    assert (told["redemption_id"], told["not_redeemed"]) == (None, "certificate-exhausted")
    said = [type(fact) for fact in await desk.said()]
    assert said == [RegistrationCancelled, ContestSettled, ProductRegistered, ContestAnswered, ContestAnswered]
    product = (await case.claimant.get(f"/products/{case.view['product_id']}")).json()
    assert product["services"] == []


async def test_a_unit_that_the_holder_took_from_the_claimants_own_certificate_is_the_claimants_again(desk) -> None:
    issued, serial, room = await desk.certificate(quantity=1), desk.serial(), desk.room
    first = await desk.register(issued.certificate_number, serial=serial)
    claim = await desk.register(issued.certificate_number, serial=serial, customer=CAMILLE)
    assert (first.status_code, claim.status_code) == (201, 202)
    body = {"decision": "claimant_gets", "reason": WHY}
    told = (await staff(room).post(f"/contests/{claim.json()['contest_id']}/decision", body)).json()
    assert told["redemption_id"]
    changes = [one["change"] for one in (await desk.ledger(issued.certificate_id))["entries"]]
    assert changes == [-1, 1, -1]


async def test_of_two_decisions_at_once_one_counts_and_the_other_hears_which(desk, case) -> None:
    answers = await asyncio.gather(*(case.decide("claimant_gets") for _ in range(10)), case.decide("holder_keeps"))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 10
    loser = next(answer for answer in answers if answer.status_code == 409).json()
    winner = next(answer for answer in answers if answer.status_code == 200).json()
    assert (loser["code"], loser["details"]["decision"]) == ("contest-settled", winner["decision"])


async def test_two_claimants_each_have_a_contest_and_the_second_is_then_against_the_new_holder(desk, case) -> None:
    third = {**JAN, "email": "third@example.com"}
    other = (await desk.register(case.held.certificate_number, serial=case.serial, customer=third)).json()
    assert other["contest_id"] != case.contest["contest_id"]
    await desk.said()
    await case.decide("claimant_gets")
    again = [fact for fact in await desk.said() if isinstance(fact, RegistrationContested)]
    assert [(str(fact.contest_id), str(fact.holder_id)) for fact in again] == [
        (other["contest_id"], case.contest["claimant_id"])
    ]
    seen = (await case.claimant.get(f"/contests/{other['contest_id']}")).json()
    assert seen["parties"] == ["holder"]
    assert (await case.holder.get(f"/contests/{other['contest_id']}")).status_code == 404


async def test_a_decision_needs_a_word_that_is_known_and_a_reason(desk, case) -> None:
    path = f"{case.path}/decision"
    wrong = {"decision": "nobody", "reason": WHY}
    refused(await staff(desk.room).post(path, wrong), 422, "fields-not-acceptable", "/decision")
    empty = {"decision": "holder_keeps", "reason": " "}
    refused(await staff(desk.room).post(path, empty), 422, "fields-not-acceptable", "/reason")
    assert (await case.holder.post(path, {"decision": "holder_keeps", "reason": WHY})).status_code == 403


async def test_while_a_product_is_contested_its_holder_can_cancel_but_does_not_let_it_go(desk, case) -> None:
    await case.holder.post(f"/registrations/{case.view['redemption_id']}/cancellation", {})
    third = {**JAN, "email": "third.again@example.com"}
    answer = await desk.register(case.held.certificate_number, serial=case.serial, customer=third)
    assert answer.status_code == 202
    assert (await case.decide("claimant_gets")).json()["redemption_id"]
