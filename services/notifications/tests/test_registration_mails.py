"""What registration says reaches whom it concerns, in their own language (NTF-01, NTF-03)."""

import csv
from typing import Any
from uuid import UUID, uuid4

import pytest

from event_schemas import Event
from event_schemas.activation import ServiceEnded
from event_schemas.registration import RegistrationCancelled
from event_schemas.registration_cases import (
    MoveAssigned,
    MoveExecuted,
    ProductTransferred,
    RegistrationContested,
    TransferKind,
)
from event_schemas.registration_dossiers import DossierCompleted
from event_schemas.registration_mail import (
    ApprovalAnswered,
    ApprovalRequested,
    CodesSent,
    ContestAnswered,
    IssuedCode,
    MoveAnswered,
    PasswordChanged,
    PasswordResetRequested,
    SignUpRepeated,
    VerificationRequested,
)

from .conftest import Post, told

BOTH = {"from_customer_id": "product-handed-over", "to_customer_id": "product-received"}
PARTIES = {"holder_id": "contest-holder", "claimant_id": "contest-claimant"}
TEXTS = {
    "fr": {"contest-holder": "revendique votre produit", "contest-claimant": "au nom d’un autre client"},
    "nl": {"contest-holder": "aanspraak op uw product", "contest-claimant": "voor een andere klant"},
    "en": {"contest-holder": "claims your product", "contest-claimant": "for another customer"},
}


def case(requirement: str, event: Event, recipients: dict[str, str]) -> Any:
    names = "-".join(recipients.values())
    return pytest.param(event, recipients, marks=pytest.mark.requirement(requirement, "NTF-01"), id=names)


CASES = [
    case("REG-01", told(VerificationRequested), {"contact_id": "verification-requested"}),
    case("REG-01", told(SignUpRepeated), {"contact_id": "sign-up-repeated"}),
    case("REG-05", told(PasswordResetRequested), {"contact_id": "password-reset-requested"}),
    case("REG-05", told(PasswordChanged), {"contact_id": "password-changed"}),
    case("REG-04", told(ApprovalRequested), {"administrator_id": "approval-requested"}),
    case("REG-04", told(ApprovalAnswered, approved=True), {"applicant_id": "approval-granted"}),
    case("REG-04", told(ApprovalAnswered, approved=False), {"applicant_id": "approval-refused"}),
    case("REG-11", told(CodesSent), {"recipient_id": "codes-sent"}),
    case("REG-16", told(RegistrationContested), PARTIES),
    case("REG-16", told(ContestAnswered, keeps_product=True), {"party_id": "contest-won"}),
    case("REG-16", told(ContestAnswered, keeps_product=False), {"party_id": "contest-lost"}),
    case("REG-17", told(ProductTransferred, kind="sale", to_customer_id=str(uuid4())), BOTH),
    case("REG-17", told(ServiceEnded), {"customer_id": "service-ended"}),
    case("REG-18", told(MoveAssigned), {"customer_id": "move-assigned"}),
    case("REG-18", told(MoveAnswered, approved=True), {"customer_id": "move-approved"}),
    case("REG-18", told(MoveAnswered, approved=False), {"customer_id": "move-refused"}),
    case("REG-18", told(MoveExecuted), {"customer_id": "move-executed"}),
    case("REG-20", told(DossierCompleted), {"submitter_id": "dossier-completed"}),
]


@pytest.mark.requirement("NTF-03", "NTF-04")
@pytest.mark.parametrize(("event", "recipients"), CASES)
async def test_each_person_concerned_gets_one_mail_in_their_language(
    post: Post, event: Event, recipients: dict[str, str]
) -> None:
    people = {
        field: await post.meet(language=language)
        for field, language in zip(recipients, ("nl", "en"), strict=False)  # at most two are concerned
    }
    event = event.model_copy(update=people)
    event_id = await post.room.hear(event)
    await post.room.database.pool.execute("DELETE FROM inbox")  # a redelivery that only the mails' own rule can stop
    await post.room.hear(event, event_id)
    await post.send()
    assert len(post.mailbox.arrivals) == len(recipients)
    for (field, kind), language in zip(recipients.items(), ("nl", "en"), strict=False):
        [arrival], row = post.mails_to(people[field]), await post.row(people[field])
        assert (row["kind"], row["state"], row["caused_by"]) == (kind, "sent", str(event_id))
        assert arrival.message["Content-Language"] == row["language"] == language
        assert arrival.message["Subject"] == row["subject"]


@pytest.mark.requirement("REG-01", "NTF-03")
@pytest.mark.parametrize(("asked", "sent"), [("nl", "nl"), (None, "fr"), ("pl", "fr")])
async def test_a_verification_is_in_the_language_that_was_asked_for(post: Post, asked: str | None, sent: str) -> None:
    person = await post.meet(name="", language="fr")
    await post.room.hear(told(VerificationRequested, contact_id=person, language=asked))
    await post.send()
    [arrival] = post.mails_to(person)
    assert arrival.message["Content-Language"] == sent
    assert (await post.row(person))["language"] == sent


@pytest.mark.requirement("REG-01", "NTF-03")
@pytest.mark.parametrize(("brand", "until"), [("dynabook", "10 h 30"), ("ibm", "4 h 30")])
async def test_a_verification_shows_code_and_link_and_until_when_they_count(post: Post, brand: str, until: str) -> None:
    person = await post.meet(name="", brand=brand)
    event = told(VerificationRequested, contact_id=person, brand=brand)
    await post.room.hear(event)
    await post.send()
    [arrival] = post.mails_to(person)
    plain, html = arrival.body("plain"), arrival.body("html")
    assert event.code in [line.strip() for line in plain.splitlines()], "alone on its line"
    assert f">{event.code}</p>" in html
    assert "user-select:all" in html
    assert event.verification_url in plain.splitlines()
    assert f'href="{event.verification_url}"' in html
    assert until in plain.replace("\u00a0", " ")
    assert "heure" in plain
    assert "Vous n’avez rien à faire" in plain
    assert "Bonjour," in plain.splitlines()
    assert arrival.message["To"] == post.known[person]
    assert event.code not in arrival.message["Subject"]


@pytest.mark.requirement("REG-04", "NTF-01")
async def test_an_administrator_reads_who_applies_and_where_to_decide(post: Post) -> None:
    administrator = await post.meet(language="en")
    event = told(ApprovalRequested, administrator_id=administrator, applicant_name="Joris\r\n<i>Evil</i>")
    await post.room.hear(event)
    await post.send()
    [arrival] = post.mails_to(administrator)
    for said in (event.applicant_email, event.organisation_name, event.decision_url):
        assert said in arrival.body("plain")
        assert said in arrival.body("html")
    assert "<i>Evil</i>" not in arrival.body("html")
    assert "Joris" not in arrival.message["Subject"], "what a stranger typed is no headline"


@pytest.mark.requirement("REG-04")
async def test_a_refused_applicant_reads_the_reason(post: Post) -> None:
    applicant = await post.meet(language="nl")
    await post.room.hear(told(ApprovalAnswered, applicant_id=applicant, approved=False, reason="Geen collega."))
    await post.send()
    [arrival] = post.mails_to(applicant)
    assert "- Reden volgens de beheerder: Geen collega." in arrival.body("plain").splitlines()


@pytest.mark.requirement("REG-11")
@pytest.mark.parametrize(
    ("language", "name", "title"),
    [
        ("en", "certificates.csv", "Certificate number (activation key)"),
        ("fr", "certificats.csv", "Numéro de certificat (clé d’activation)"),
        ("nl", "certificaten.csv", "Certificaatnummer (activeringssleutel)"),
    ],
)
async def test_codes_travel_as_a_table_that_spreadsheets_open(post: Post, language: str, name: str, title: str) -> None:
    buyer = await post.meet(language=language)
    event = told(CodesSent, recipient_id=buyer)
    odd = IssuedCode.model_validate({**event.codes[0].model_dump(), "case_number": '=1+"é;\nx"', "units_left": 0})
    await post.room.hear(event.model_copy(update={"codes": (*event.codes, odd)}))
    await post.send()
    [arrival] = post.mails_to(buyer)
    [file] = arrival.message.iter_attachments()
    assert (file.get_filename(), file.get_content_disposition()) == (name, "attachment")
    assert (file.get_content_type(), file.get_content_charset()) == ("text/csv", "utf-8")
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(content.decode("utf-8-sig").splitlines(keepends=True), delimiter=";")
    assert header[3] == title
    assert rows[0] == ["FR-2026-004711", "PPCP013FR-VGAD", "Pack Pro Connect 3 ans", "FC7KQ3MXT9WA", "3", "3"]
    assert [row[0] for row in rows[1:]] == ["FR-2026-004712", '\'=1+"é;\nx"']
    assert "FC7KQ3MXT9WA" not in arrival.body("plain") + arrival.body("html")


@pytest.mark.requirement("REG-16", "NTF-03")
@pytest.mark.parametrize("language", ["en", "fr", "nl"])
async def test_holder_and_claimant_of_a_product_read_different_letters(post: Post, language: str) -> None:
    holder, claimant = await post.meet(language=language), await post.meet(language=language)
    await post.room.hear(told(RegistrationContested, holder_id=holder, claimant_id=claimant))
    await post.send()
    for person, kind in ((holder, "contest-holder"), (claimant, "contest-claimant")):
        [arrival] = post.mails_to(person)
        assert TEXTS[language][kind] in arrival.message["Subject"]
    assert "post.example" not in "".join(arrival.body("plain") for arrival in post.mailbox.arrivals)


@pytest.mark.requirement("REG-16")
async def test_one_party_who_is_not_known_yet_keeps_nobody_else_waiting(post: Post) -> None:
    claimant, holder = await post.meet(), uuid4()
    await post.room.hear(told(RegistrationContested, holder_id=holder, claimant_id=claimant))
    await post.send()
    assert len(post.mails_to(claimant)) == 1
    assert (await post.row(holder))["state"] == "waiting"
    await post.meet(contact_id=holder)
    await post.send()
    assert len(post.mails_to(holder)) == 1


@pytest.mark.requirement("REG-16")
async def test_a_service_lost_in_a_contest_is_told_with_its_reason(post: Post) -> None:
    holder = await post.meet(language="en")
    await post.room.hear(told(RegistrationCancelled, customer_id=holder, reason="contest_settled"))
    await post.send()
    [arrival] = post.mails_to(holder)
    assert "the product turned out to be another customer’s" in arrival.body("plain")


@pytest.mark.requirement("REG-17")
async def test_a_lease_return_is_told_to_the_former_customer_alone_with_the_last_billable_day(post: Post) -> None:
    former = await post.meet(language="fr")
    event = told(ProductTransferred, from_customer_id=former, kind=TransferKind.LEASE_RETURN, to_customer_id=None)
    await post.room.hear(event)
    await post.send()
    [arrival] = post.mailbox.arrivals
    said = arrival.body("plain").replace("\u00a0", " ")
    assert "- Dernier jour facturable : 22 décembre 2026 (inclus)" in said
    assert "- Nature du transfert : restitution d’un produit en location" in said


@pytest.mark.requirement("REG-17")
async def test_a_buyer_is_welcomed_and_reads_nothing_of_the_sellers_bill(post: Post) -> None:
    seller, buyer = await post.meet(language="nl"), await post.meet(language="nl")
    event = told(ProductTransferred, from_customer_id=seller, to_customer_id=buyer, kind="sale")
    await post.room.hear(event)
    await post.send()
    [sold], [bought] = post.mails_to(seller), post.mails_to(buyer)
    assert "22\u00a0december 2026" in sold.body("plain")
    assert "22\u00a0december 2026" not in bought.body("plain")
    assert "Welkom bij dynabook" in bought.body("plain")


@pytest.mark.requirement("REG-18", "NTF-03")
@pytest.mark.parametrize(
    ("language", "countries"),
    [("en", ["Belgium", "Switzerland"]), ("fr", ["Belgique", "Suisse"]), ("nl", ["België", "Zwitserland"])],
)
async def test_countries_of_a_move_are_called_by_their_names(post: Post, language: str, countries: list[str]) -> None:
    mover = await post.meet(language=language)
    for event in (MoveAssigned, MoveExecuted):
        await post.room.hear(told(event, customer_id=mover))
    await post.room.hear(told(MoveAnswered, customer_id=mover, to_country="CH", approved=False, reason="Courant"))
    await post.send()
    arrivals = post.mails_to(mover)
    assert len(arrivals) == 3
    for arrival in arrivals:
        assert [name for name in countries if name not in arrival.body("plain")] == []
    assert "Courant" in arrivals[-1].body("plain")


@pytest.mark.requirement("REG-20", "REG-21")
async def test_the_sender_of_a_file_reads_every_count_and_how_to_fetch_the_answer(post: Post) -> None:
    sender: UUID = await post.meet(language="en")
    event = told(DossierCompleted, submitter_id=sender, rows=100000, registered=99980, already_registered=11)
    await post.room.hear(event)
    await post.send()
    [arrival] = post.mails_to(sender)
    lines = arrival.body("plain").splitlines()
    assert arrival.message["Subject"] == "Your file is processed: 99,980 of 100,000 registered"
    assert [line for line in lines if line.startswith("- ")] == [
        f"- Dossier number: {event.dossier_id}",
        "- Rows: 100,000",
        "- Registered: 99,980",
        "- Registered before: 11",
        "- Claimed by somebody else too: 1",
        "- Refused: 4",
        f"- Answer, for programs: GET /dossiers/{event.dossier_id}/answer",
    ]
