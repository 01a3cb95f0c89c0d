"""What activation says reaches whom it concerns, in their own language, once, and nothing that is private (NTF-01)."""

from datetime import timedelta
from typing import Any

import pytest

from event_schemas import Event
from event_schemas.activation import (
    ActivationCancelled,
    ActivationHeld,
    ActivationRefused,
    CodeLapsed,
    CodeLapsing,
    ServiceActivated,
    ServiceEnded,
    ServiceOperational,
)
from event_schemas.activation_contracts import (
    ContractChanged,
    ContractExpired,
    ContractExpiring,
    ContractOpened,
    ContractRenewed,
    ContractTerminated,
    DisputeOpened,
    LicenceIssued,
    LicenceMaintenanceLapsed,
    LicenceMaintenanceReinstated,
)
from event_schemas.activation_mail import DisputeAnswered, ReviewAnswered
from event_schemas.registration import CodeRefusal, CodeRefused, RegistrationCancelled

from .conftest import Post, told

LANGUAGES = ("en", "fr", "nl")
WRITTEN = "Rue de l’Ouest <b>12</b>"


def case(requirement: str, event: Event, kind: str, recipient: str = "customer_id") -> Any:
    return pytest.param(event, kind, recipient, marks=pytest.mark.requirement(requirement, "NTF-01"), id=kind)


ADDED = told(ContractChanged).added
TAKEN_OUT: dict[str, Any] = {"added": (), "removed": ADDED * 2, "removed_until": "2027-06-22"}
CASES = [
    case("ACT-02", told(CodeRefused), "code-refused"),
    case("ACT-03", told(CodeLapsing), "code-lapsing", "buyer_id"),
    case("ACT-03", told(CodeLapsed), "code-lapsed", "buyer_id"),
    case("ACT-05", told(ActivationHeld), "activation-held"),
    case("ACT-05", told(ReviewAnswered, released=True, reason=None), "review-released"),
    case("ACT-05", told(ReviewAnswered), "review-refused"),
    case("ACT-05", told(ActivationRefused, reason="country_not_covered"), "activation-refused"),
    case("ACT-14", told(ActivationCancelled), "activation-cancelled"),
    case("ACT-09", told(ContractOpened), "contract-opened"),
    case("ACT-10", told(ContractChanged), "contract-lines-added"),
    case("ACT-10", told(ContractChanged, **TAKEN_OUT), "contract-lines-removed"),
    case("ACT-10", told(ContractChanged, **TAKEN_OUT, agreed=False), "contract-lines-removed"),
    case("ACT-10", told(ContractRenewed), "contract-renewed"),
    case("ACT-10", told(ContractRenewed, seamless=False), "contract-renewed-anew"),
    case("ACT-10", told(ContractExpiring), "contract-expiring"),
    case("ACT-10", told(ContractExpired), "contract-expired"),
    case("ACT-11", told(ContractTerminated), "contract-ended-by-customer"),
    case("ACT-11", told(ContractTerminated, by="vendor"), "contract-terminated"),
    case("ACT-10", told(ServiceEnded, reason="removal"), "service-ended"),
    case("ACT-12", told(LicenceIssued), "licence-issued"),
    case("ACT-12", told(LicenceMaintenanceLapsed), "maintenance-lapsed"),
    case("ACT-12", told(LicenceMaintenanceReinstated), "maintenance-reinstated"),
    case("ACT-13", told(DisputeOpened), "dispute-opened"),
    case("ACT-13", told(DisputeAnswered), "dispute-covered"),
    case("ACT-13", told(DisputeAnswered, decision="not_covered"), "dispute-not-covered"),
    case("ACT-13", told(DisputeAnswered, decision="withdrawn"), "dispute-closed"),
]
SILENT = [
    pytest.param(told(ActivationRefused, reason="address_not_confirmed"), id="a review has told it"),
    pytest.param(told(RegistrationCancelled, reason="activation_refused"), id="the refusal has told it"),
    pytest.param(told(RegistrationCancelled, reason="activation_cancelled"), id="the cancellation has told it"),
    pytest.param(told(ServiceEnded, reason="termination"), id="the contract's mail has told it"),
    pytest.param(told(ServiceActivated, agreed=True), id="the contract that brings it tells it"),
    pytest.param(told(ServiceOperational, agreed=True), id="the contract that brought it told it"),
    pytest.param(told(ServiceEnded, reason="removal", together=True), id="the contract tells it with the others"),
    pytest.param(told(ContractOpened, agreed=False), id="each service that opens it tells it"),
    pytest.param(told(ContractChanged, agreed=False), id="each service that comes in tells it"),
    pytest.param(told(ContractChanged, removed=ADDED), id="the renewal that starts all anew tells it"),
    pytest.param(told(ContractChanged, added=(), removed=ADDED), id="the service's end tells it"),
    pytest.param(told(ContractTerminated, by=None, reason="no_lines"), id="the last service's end has told it"),
]


@pytest.mark.requirement("NTF-03", "NTF-04")
@pytest.mark.parametrize(("event", "kind", "recipient"), CASES)
async def test_each_fact_is_one_mail_to_the_person_it_concerns_in_each_language(
    post: Post, event: Event, kind: str, recipient: str
) -> None:
    for language in LANGUAGES:
        person = await post.meet(language=language, brand=event.brand)
        said = event.model_copy(update={recipient: person})
        event_id = await post.room.hear(said)
        await post.room.database.pool.execute("DELETE FROM inbox")  # a redelivery only the mails' own rule can stop
        await post.room.hear(said, event_id)
        await post.send()
        [arrival], row = post.mails_to(person), await post.row(person)
        assert (row["kind"], row["state"], row["caused_by"]) == (kind, "sent", str(event_id))
        assert arrival.message["Content-Language"] == row["language"] == language
        assert arrival.message["Subject"] == row["subject"]
        assert "False" not in arrival.body("plain")
        assert "True" not in arrival.body("plain")
    assert len({arrival.message["Subject"] for arrival in post.mailbox.arrivals}) == len(LANGUAGES)


@pytest.mark.requirement("NTF-04", "ACT-05", "ACT-11", "ACT-14")
@pytest.mark.parametrize("event", SILENT)
async def test_what_another_mail_tells_makes_no_second_one(post: Post, event: Event) -> None:
    person = await post.meet(brand=event.brand)
    await post.room.hear(event.model_copy(update={"customer_id": person}))
    await post.send()
    assert post.mailbox.arrivals == []
    assert await post.room.database.pool.fetchval("SELECT count(*) FROM mails") == 0


@pytest.mark.requirement("ACT-02", "NTF-03")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_reason_for_which_a_code_is_refused_is_said_in_words_of_its_own(post: Post, language: str) -> None:
    person = await post.meet(language=language, brand="d-link")
    for reason in (*CodeRefusal, "in_a_later_word"):
        await post.room.hear(told(CodeRefused, customer_id=person, reason=str(reason)))
    await post.send()
    label = {"en": "- Reason: ", "fr": "- Motif\u00a0: ", "nl": "- Reden: "}[language]
    bodies = [arrival.body("plain") for arrival in post.mails_to(person)]
    reasons = {line for body in bodies for line in body.splitlines() if line.startswith(label)}
    assert len(reasons) == len(CodeRefusal) + 1
    assert not [reason for reason in CodeRefusal if "_" in reason and any(reason in body for body in bodies)]


@pytest.mark.requirement("ACT-05", "ACT-13", "NTF-04")
@pytest.mark.parametrize(
    "event",
    [told(ReviewAnswered, reason=WRITTEN), told(DisputeAnswered, reason=WRITTEN)],
    ids=["review", "dispute"],
)
async def test_what_staff_wrote_reaches_its_reader_and_is_not_kept(post: Post, event: Event) -> None:
    person = await post.meet(brand=event.brand, language="en")
    post.mailbox.busy = [post.known[person]]
    await post.room.hear(event.model_copy(update={"customer_id": person}))
    await post.send()
    kept = "SELECT string_agg(event::text, '') FROM mails"
    assert WRITTEN in await post.room.database.pool.fetchval(kept), "a second attempt needs it"
    post.room.clock.advance(timedelta(minutes=1))
    await post.send()
    [arrival] = post.mails_to(person)
    assert f"- Reason: {WRITTEN}" in arrival.body("plain").splitlines()
    assert "<b>12</b>" not in arrival.body("html")
    assert "Ouest" not in await post.room.database.pool.fetchval(kept)
    assert (await post.row(person))["state"] == "sent"


@pytest.mark.requirement("ACT-12")
async def test_a_licence_mail_says_where_the_key_is(post: Post) -> None:
    person = await post.meet(brand="d-link", language="en")
    event = told(LicenceIssued, customer_id=person)
    await post.room.hear(event)
    await post.send()
    [arrival] = post.mails_to(person)
    assert f"- Key, for programs: POST /licences/{event.licence_id}/key" in arrival.body("plain").splitlines()
    assert "not in this message" in arrival.body("plain")


@pytest.mark.requirement("ACT-10", "ACT-11", "NTF-03")
async def test_days_of_a_contract_are_told_as_the_reader_writes_them_and_an_empty_one_has_no_row(post: Post) -> None:
    person = await post.meet(brand="ibm", language="fr")
    for event in (
        told(ContractExpiring, customer_id=person),
        told(ContractTerminated, customer_id=person),
        told(ContractExpired, customer_id=person, renewable_until=None),
    ):
        await post.room.hear(event)
    await post.send()
    expiring, ended, expired = [arrival.body("plain").replace("\u00a0", " ") for arrival in post.mails_to(person)]
    assert "- Dernier jour : 21 novembre 2029 (inclus)" in expiring
    assert "- Jours restants : 90" in expiring
    assert "- Dernier jour facturable : 30 juin 2027 (inclus)" in ended
    assert "- Parce que : un préavis a été donné" in ended
    assert "Peut encore être renouvelé" not in expired


@pytest.mark.requirement("ACT-12", "NTF-03")
async def test_the_fee_of_a_reinstatement_is_told(post: Post) -> None:
    person = await post.meet(brand="d-link", language="nl")
    await post.room.hear(told(LicenceMaintenanceReinstated, customer_id=person))
    await post.send()
    [arrival] = post.mails_to(person)
    assert "- Vergoeding: €\u00a0120,00" in arrival.body("plain").splitlines()
