"""Texts are data: complete in each language, filled in without a gap, written as people write (NTF-01, NTF-03)."""

import re
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from types import NoneType
from typing import Any, get_args

import pytest
from jinja2 import Environment, UndefinedError, meta

from event_schemas import CATALOGUE, Money, OpenEnum
from event_schemas.activation import ActivationRefused, ServiceActivated
from event_schemas.activation_offers import Names, OfferPublished
from event_schemas.credits import CreditIssued
from event_schemas.examples import examples_of
from event_schemas.registration import CodeRefused
from event_schemas.registration_mail import CertificateIssued
from event_schemas.tickets import CoverageDecided, RepairFinished
from notifications_service.mails import formats
from notifications_service.mails.kinds import Mailed, mails_of
from notifications_service.mails.letter import lay_out
from notifications_service.mails.wording import Letter, Wording, wording, write
from notifications_service.policy import Language, policy_of
from notifications_service.routes import HEARS

from .conftest import samples, told

LANGUAGES = ("en", "fr", "nl")
BRANDS = ("dynabook", "d-link", "samsung-belux", "ibm", "carri")
EVENTS = {mail.kind: type(event) for event in samples() for mail in mails_of(event)}
MAILED = set(EVENTS.values())
MAILS = {  # NTF-01 as far as registration, activation and the path of order, repair, return and credit go
    *("code-refused", "code-lapsing", "code-lapsed"),
    *("activation-held", "review-released", "review-refused", "activation-cancelled"),
    *("contract-opened", "contract-lines-added", "contract-lines-removed"),
    *("contract-renewed", "contract-renewed-anew", "contract-expiring", "contract-expired"),
    *("contract-ended-by-customer", "contract-terminated"),
    *("dispute-opened", "dispute-covered", "dispute-not-covered", "dispute-closed"),
    *("licence-issued", "maintenance-lapsed", "maintenance-reinstated"),
    *("verification-requested", "sign-up-repeated", "password-reset-requested", "password-changed"),
    *("approval-requested", "approval-granted", "approval-refused", "codes-sent", "dossier-completed"),
    *("contest-holder", "contest-claimant", "contest-won", "contest-lost"),
    *("product-handed-over", "product-received", "service-ended"),
    *("move-assigned", "move-approved", "move-refused", "move-executed"),
    *("order-confirmed", "product-registered", "registration-cancelled"),
    *("service-activated", "service-operational", "activation-refused"),
    *("ticket-received", "coverage-revised", "unit-received"),
    *("unit-repaired", "unit-not-repairable", "repair-finished"),
    *("return-requested", "return-accepted", "return-refused", "credit-issued", "credit-refused"),
}


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [text for one in (value.values() if isinstance(value, dict) else value) for text in strings(one)]


def asked_for(text: Any) -> set[str]:
    environment = Environment(autoescape=True)
    return {name for one in strings(text) for name in meta.find_undeclared_variables(environment.parse(one))}


def raw(language: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for file in (resources.files("notifications_service.mails") / "texts" / language).iterdir():
        for name, part in tomllib.loads(file.read_text(encoding="utf-8")).items():
            assert not said.setdefault(name, {}).keys() & part.keys(), f"{file.name}: said elsewhere too"
            said[name] |= part
    return said


@pytest.mark.requirement("NTF-01")
@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_text_for_every_mail_and_a_mail_for_every_text(language: str) -> None:
    assert set(wording(language).mails) == MAILS == set(EVENTS)
    assert {route.event for route in HEARS} == {*MAILED, CATALOGUE["contact.changed.v1"], OfferPublished}


@pytest.mark.requirement("NTF-03")
@pytest.mark.parametrize("language", ["fr", "nl"])
def test_each_language_says_the_same_things_with_the_same_placeholders(language: str) -> None:
    ours, english = raw(language), raw("en")
    assert {name: set(words) for name, words in ours["words"].items()} == {
        name: set(words) for name, words in english["words"].items()
    }
    assert ours["layout"].keys() == english["layout"].keys()
    for kind, text in english["mails"].items():
        assert ours["mails"][kind].keys() == text.keys(), kind
        assert len(ours["mails"][kind].get("facts", [])) == len(text.get("facts", [])), kind
        assert fields_of_file(ours["mails"][kind]) == fields_of_file(text), kind
        for (_, value), (_, translated) in zip(
            text.get("facts", []), ours["mails"][kind].get("facts", []), strict=True
        ):
            assert asked_for(translated) == asked_for(value), kind
        assert asked_for(ours["mails"][kind]) == asked_for(text), kind


def fields_of_file(text: dict[str, Any]) -> list[str]:
    file = text.get("file", {"rows": "", "columns": []})
    return [file["rows"], *(field for _, field in file["columns"])]


@pytest.mark.requirement("NTF-03")
def test_french_lets_no_question_mark_or_colon_begin_a_line() -> None:
    assert [one for one in strings(raw("fr")) if re.search(r" [?:;!](?!=)", one)] == []


@pytest.mark.requirement("NTF-03")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_an_enumeration_is_translated_and_later_words_have_one_too(language: str) -> None:
    enumerations = {
        kind
        for event in MAILED
        for annotation in (field.annotation for field in event.model_fields.values())
        for kind in (annotation, *get_args(annotation))
        if isinstance(kind, type) and issubclass(kind, OpenEnum)
    }
    words = raw(language)["words"]
    assert {kind.__name__ for kind in enumerations} == set(words)
    for kind in enumerations:
        assert {member.value for member in kind} | {"other"} == set(words[kind.__name__])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_field_that_may_be_empty_stands_in_a_row_of_its_own_that_can_fall_away(language: str) -> None:
    for kind, text in raw(language)["mails"].items():
        fields = EVENTS[kind].model_fields.items()
        optional = {name for name, field in fields if NoneType in get_args(field.annotation)}
        prose = {part: value for part, value in text.items() if part != "facts"}
        assert not asked_for(prose) & optional, kind
        for label, value in text.get("facts", []):
            assert not asked_for(label) & optional
            assert len(asked_for(value)) == 1, f"{kind}: {label}"


@pytest.mark.requirement("NTF-03", "POL-03")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("brand", BRANDS)
def test_every_example_of_every_event_becomes_a_mail_without_a_gap(brand: str, language: Language) -> None:
    policy = policy_of(brand)
    for event in samples():
        for mail in mails_of(event):
            letter = write(mail.kind, event, "Camille Dupont", policy, language)
            html, plain = lay_out(letter, policy, "html"), lay_out(letter, policy, "txt")
            for body in (html, plain):
                assert "None" not in body
                assert "{{" not in body
                assert policy.display_name in body
                assert policy.contact.email in body
                assert policy.signature[language] in body.replace("&#39;", "'")
            assert all(paragraph in plain for paragraph in letter.paragraphs)
            assert letter.code in html
            assert policy.colours.accent in html
            assert f'<html lang="{language}">' in html
            assert (policy.contact.phone or policy.contact.email) in plain


@pytest.mark.requirement("NTF-03")
def test_a_placeholder_without_a_value_is_an_error_while_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = raw("en")
    texts["mails"]["order-confirmed"]["paragraphs"] = ["Your {{ colour }} order"]
    monkeypatch.setattr("notifications_service.mails.wording.wording", lambda _: Wording.model_validate(texts))
    with pytest.raises(UndefinedError, match="colour"):
        write("order-confirmed", told(CertificateIssued), "Camille", policy_of("dynabook"), "en")


def letter_of(event: Mailed, language: str = "en", brand: str = "dynabook") -> Letter:
    return write(mails_of(event)[0].kind, event, "Camille Dupont", policy_of(brand), language)


@pytest.mark.requirement("REG-08", "NTF-01")
def test_an_order_confirmation_has_every_field_and_the_link_to_the_form() -> None:
    event = told(CertificateIssued)
    letter = letter_of(event, "fr")
    assert [value for _, value in letter.facts] == [
        *("FR-2026-004711", "Pack Pro Connect 3 ans", "PPCP013FR-VGAD", "3", "FCN9016FB7")
    ]
    assert letter.facts_title == "Activation de Pack Pro Connect 3 ans"
    assert letter.button == ("Enregistrer le produit et le service", event.registration_url)
    assert "FCN9016FB7" not in letter.subject
    html = lay_out(letter, policy_of("dynabook"), "html")
    assert f'href="{event.registration_url}"' in html
    assert event.registration_url in lay_out(letter, policy_of("dynabook"), "txt")


@pytest.mark.requirement("ACT-03", "NTF-01")
@pytest.mark.parametrize(
    ("language", "label", "last"),
    [
        ("en", "Usable until", "18 February 2027 (included)"),
        ("fr", "Utilisable jusqu’au", "18 février 2027 (inclus)"),
        ("nl", "Te gebruiken tot en met", "18 februari 2027"),
    ],
)
def test_an_order_confirmation_tells_the_last_day_where_there_is_one(language: str, label: str, last: str) -> None:
    facts = dict(letter_of(told(CertificateIssued, usable_until="2027-02-18"), language).facts)
    assert facts[label].replace("\u00a0", " ") == last
    assert label not in dict(letter_of(told(CertificateIssued), language).facts)


@pytest.mark.requirement("CRD-02", "NTF-01")
@pytest.mark.parametrize(
    ("language", "arithmetic"),
    [
        ("en", "€450.00 × (100% − 43%) = €256.50"),
        ("fr", "450,00 € × (100 % − 43 %) = 256,50 €"),
        ("nl", "€ 450,00 × (100% − 43%) = € 256,50"),
    ],
)
def test_a_credit_shows_its_arithmetic(language: str, arithmetic: str) -> None:
    letter = letter_of(told(CreditIssued), language)
    assert " ".join(letter.facts_title.split()) == arithmetic
    assert "GRMS-2026-000815" in [value for _, value in letter.facts]


@pytest.mark.requirement("ACT-07", "NTF-01")
@pytest.mark.parametrize(("language", "day"), [("en", "4 March 2026"), ("fr", "4 mars 2026"), ("nl", "4 maart 2026")])
def test_an_activation_names_the_day_on_which_the_service_is_operational(language: str, day: str) -> None:
    letter = letter_of(told(ServiceActivated), language)
    assert day in letter.paragraphs[0].replace("\u00a0", " ")


@pytest.mark.requirement("NTF-03")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_service_has_the_name_of_the_readers_language_else_the_name_in_its_event_else_its_reference(
    language: str,
) -> None:
    policy, names = policy_of("dynabook"), Names(en="Pack 3 years", fr="Pack 3 ans", nl="Pack 3 jaar")
    named = write("service-activated", told(ServiceActivated), "Camille", policy, language, names)
    assert getattr(names, language) in named.subject
    assert "Pack Pro Connect 3 ans" in letter_of(told(ServiceActivated), language).subject
    refused = dict(letter_of(told(CodeRefused), language).facts)
    assert refused["Service"] == "DAS-A-36"


def test_a_moment_is_told_in_the_time_of_the_brand() -> None:
    late = told(ServiceActivated, operational_at="2026-03-04T23:30:00Z")
    facts = dict(letter_of(late).facts)
    assert facts["Operational from"].replace("\u00a0", " ") == "5 March 2026 at 0:30"
    assert (
        dict(letter_of(late, brand="ibm").facts)["Operational from"].replace("\u00a0", " ") == "4 March 2026 at 18:30"
    )


@pytest.mark.requirement("TKT-09")
def test_a_verdict_is_told_in_words_and_a_billable_one_shows_no_empty_rows() -> None:
    setup, billable = (
        letter_of(CoverageDecided.model_validate(one))
        for verdict in ("contract_in_setup", "billable")
        for one in examples_of(CoverageDecided)
        if one["verdict"] == verdict
    )
    assert dict(setup.facts)["Coverage"] == "covered by your service, which is still being set up"
    assert dict(billable.facts)["Because"] == "this serial number is not registered"
    assert set(dict(setup.facts)) - set(dict(billable.facts)) == {
        *("Service reference", "Service operational from", "Covered until")
    }


def test_words_that_a_later_publisher_adds_are_survived() -> None:
    assert dict(letter_of(told(CoverageDecided, verdict="goodwill")).facts)["Coverage"] == "being examined"
    assert dict(letter_of(told(RepairFinished, outcome="exchanged")).facts)["Result"] == "finished"
    assert "cannot be used" in dict(letter_of(told(ActivationRefused, reason="new")).facts)["Reason"]


@pytest.mark.requirement("NTF-03")
def test_days_amounts_and_numbers_are_written_as_each_language_does() -> None:
    amount, first = Money(amount=Decimal("1234567.80")), date(2026, 8, 1)
    said = {language: formats.money(amount, language) for language in LANGUAGES}
    assert said == {"en": "€1,234,567.80", "fr": "1\u202f234\u202f567,80\u00a0€", "nl": "€\u00a01.234.567,80"}
    assert formats.money(Money(amount=Decimal(5), currency="CHF"), "en") == "CHF\u00a05.00"
    days = [formats.day(first, language).replace("\u00a0", " ") for language in LANGUAGES]
    assert days == ["1 August 2026", "1er août 2026", "1 augustus 2026"]
    noon = datetime(2026, 8, 2, 10, 5, tzinfo=UTC)
    moments = [" ".join(formats.moment(noon, language, "Europe/Brussels").split()) for language in LANGUAGES]
    assert moments == ["2 August 2026 at 12:05", "2 août 2026 à 12 h 05", "2 augustus 2026 om 12.05 uur"]
    assert all(len(form.months) == 12 for form in formats.FORMATS.values())
