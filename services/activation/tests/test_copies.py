"""The copy of a contract as PDF: what it says, in the reader's language, on as many pages as it takes (ACT-09, I05)."""

import re
import tomllib
from datetime import date
from importlib import resources
from io import BytesIO
from string import Formatter
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from tests.support.rooms import Room

from activation_service import copies

from .agreements import BUYER, CUSTOMER, MAIL_IN, ON_SITE, at, fault, opened, registered, transferred

ALL_LETTERS = "Zażółć gęślą jaźń, Ελληνικά, Їжак; œuvre d’été à 12,50 € – “x” ≤ ½"


async def copied(room: Room, contract: dict, language: str = "en", **more) -> list[str]:
    """The text of each page, with any white space as one blank."""
    answer = await room.get(f"/contracts/{contract['contract_id']}/copy", language=language, **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{contract["number"]}.pdf"'
    assert (answer.headers["content-language"], answer.headers["cache-control"]) == (language, "private, no-store")
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.content)).pages]


async def a_contract(room: Room, services=(MAIL_IN,), products: int = 1, **more) -> dict:
    return await opened(room, *[await registered(room) for _ in range(products)], services=services, **more)


async def an_offer(room: Room, **more) -> str:
    reference = f"GOLD-{uuid4().hex[:6]}"
    offer = {
        "brand": "ibm",
        "reference": reference,
        "name": {"en": "Gold", "fr": "Or", "nl": "Goud"},
        "duration_months": 36,
        "response_level": "gold",
        "models": ["9009-*"],
        "terms_version": "2026-03",
    }
    answer = await room.post("/offers", {**offer, **more})
    assert answer.status_code == 201, answer.text
    return reference


@pytest.mark.requirement("ACT-09")
async def test_a_copy_says_what_is_covered_from_when_until_when_and_how_the_contract_ends(room):
    contract = await a_contract(room, services=(MAIL_IN, ON_SITE), months=36)
    (page,) = await copied(room, contract)
    serial = contract["lines"][0]["serial"]
    for text in (
        f"IBM Contract {contract['number']} Copy",
        f"Customer reference {CUSTOMER}",
        "Under contract since 22 November 2026",
        "Term 22 November 2026 to 21 November 2029, both days included",
        "State Active",
        "Services and products covered (2)",
        f"{serial} 9009-42A ServicePac workshop repair, 1 year mail-in 2026-01 2026-11-22 2029-11-21",
        f"{serial} 9009-42A ServicePac on-site repair, 3 years on-site-next-business-day 2026-01 2026-11-22 2029-11-21",
        "The customer may end the contract with a notice of 1 month, once it has been under contract for 6 months.",
        "The vendor may end the contract with a notice of 3 months, once it has been under contract for 12 months.",
        "Either party may end the contract at once for breach by the other.",
        "If the customer gave notice on 22 November 2026, the last day charged would be 22 June 2027.",
        "If the vendor gave notice on 22 November 2026, the last day charged would be 22 February 2028.",
        "maintenance@ibm.example",
        "Printed on 22 November 2026 at 04:00 (America/Toronto) Page 1 of 1",
    ):
        assert text in page


@pytest.mark.requirement("ACT-09", "ACT-11")
@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "fr",
            [
                "Contrat {number} Copie",
                "Sous contrat depuis le 22 novembre 2026",
                "ServicePac réparation en atelier, 1 an",
                "Le client peut mettre fin au contrat avec un préavis de 1 mois, après 6 mois sous contrat.",
                "Si le client donnait son préavis le 22 novembre 2026, le dernier jour facturé serait le 22 juin 2027.",
                "Page 1 sur 1",
            ],
        ),
        (
            "nl",
            [
                "Contract {number} Kopie",
                "Onder contract sinds 22 november 2026",
                "ServicePac herstelling in het atelier, 1 jaar",
                "De leverancier mag het contract beëindigen met een opzegtermijn van 3 maanden, na 12 maanden",
                "Als de klant op 22 november 2026 opzegde, zou de laatste aangerekende dag 22 juni 2027 zijn.",
                "Pagina 1 van 1",
            ],
        ),
    ],
)
async def test_a_copy_speaks_the_readers_language(room, language, texts):
    contract = await a_contract(room, months=36)
    (page,) = await copied(room, contract, language)
    for text in texts:
        assert text.format(number=contract["number"]) in page
    assert "notice" not in page


@pytest.mark.requirement("ACT-09")
@pytest.mark.parametrize(("language", "day"), [("en", "1 May 2027"), ("fr", "1er mai 2027"), ("nl", "1 mei 2027")])
async def test_the_first_of_a_month_is_written_as_each_language_does(room, language, day):
    at(room, "2027-05-01")
    (page,) = await copied(room, await a_contract(room), language)
    assert page.count(day) > 2
    assert re.search(r"\b1 mai", page) is None


@pytest.mark.requirement("ACT-09")
async def test_five_hundred_lines_go_over_several_pages_with_the_headings_on_each(room):
    contract = await a_contract(room, services=(MAIL_IN, ON_SITE), products=250)
    pages = await copied(room, contract)
    assert len(pages) > 10
    heading = "Serial number Model Service Response level Site Terms From Until"
    with_lines = [page for page in pages if "9009-42A" in page]
    assert len(with_lines) > 10
    assert all(heading in page for page in with_lines)
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert f"Contract {contract['number']}" in page
    rows = await room.database.pool.fetch(
        "SELECT serial FROM contract_lines WHERE contract_id = $1", UUID(contract["contract_id"])
    )
    text = " ".join(pages)
    assert len({row["serial"] for row in rows if text.count(row["serial"]) == 2}) == 250


@pytest.mark.requirement("ACT-09", "ACT-11")
async def test_additional_terms_stand_in_a_copy_with_every_letter_and_a_rule_of_its_own(room):
    terms = {language: f"{language}: {ALL_LETTERS}\nSecond line." for language in ("en", "fr", "nl")}
    own = {"months": 2, "minimum_months": 0}
    reference = await an_offer(
        room, additional_terms=terms, customer_notice=own, name=dict.fromkeys(terms, ALL_LETTERS)
    )
    (page,) = await copied(room, await a_contract(room, services=(MAIL_IN, reference), months=36))
    assert f"Additional terms {ALL_LETTERS} en: {ALL_LETTERS} Second line." in page
    assert f"{ALL_LETTERS}: the customer may end this service with a notice of 2 months." in page
    assert "The strictest of these rules holds for the contract as a whole." in page


@pytest.mark.requirement("ACT-09", "ACT-11")
async def test_a_copy_of_a_contract_under_notice_says_who_ended_it_and_lists_what_it_covers_still(room):
    contract = await a_contract(room, services=(MAIL_IN, ON_SITE), months=36)
    at(room, "2027-07-31")
    path = f"/contracts/{contract['contract_id']}"
    first = {"lines": [contract["lines"][0]["activation_id"]], "reason": "breach", "note": "Opened."}
    assert (await room.post(f"{path}/removals", first)).status_code == 200
    assert (await room.post(f"{path}/termination", {"reason": "notice"})).status_code == 200
    at(room, "2027-08-31")
    (page,) = await copied(room, contract)
    assert "Notice was given by the customer on 31 July 2027; the last day charged is 31 August 2027" in page
    assert "(1)" in page
    assert "2026-11-22 2027-08-31" in page
    assert "may end the contract" not in page
    at(room, "2028-01-01")
    await room.fire_timers()
    (page,) = await copied(room, contract)
    assert "2026-11-22 2027-08-31" in page
    assert "Opened." not in page


@pytest.mark.requirement("ACT-09", "REG-06")
async def test_a_copy_is_for_those_who_see_the_contract(room):
    contract = await a_contract(room)
    scopes = ["contracts:read"]
    own = {"sub": str(uuid4()), "contact": str(CUSTOMER)}
    assert len(await copied(room, contract, scopes=scopes, claims=own)) == 1
    other = {**own, "contact": str(BUYER)}
    answer = await room.get(f"/contracts/{contract['contract_id']}/copy", scopes=scopes, claims=other)
    assert fault(answer)[:2] == (404, "not-found")
    assert (await room.get(f"/contracts/{uuid4()}/copy")).status_code == 404
    answer = await room.get(f"/contracts/{contract['contract_id']}/copy", scopes=["activations:read"])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")


@pytest.mark.requirement("ACT-09")
async def test_the_same_contract_at_the_same_moment_is_the_same_file(room):
    contract = await a_contract(room, products=3)
    path = f"/contracts/{contract['contract_id']}/copy"
    first, second = (await room.get(path)).content, (await room.get(path)).content
    assert first == second
    at(room, "2026-11-23")
    assert (await room.get(path)).content != first


@pytest.mark.requirement("ACT-09", "REG-17")
async def test_after_a_change_of_hands_each_customers_copy_shows_the_days_that_are_theirs(room):
    product = await registered(room)
    contract = await opened(room, product, months=36)
    at(room, "2027-12-01")
    await room.hear(transferred(product, transferred_on=date(2027, 12, 1), last_billable_on=date(2028, 1, 1)))
    at(room, "2027-12-24")
    await room.fire_timers()
    (page,) = await copied(room, contract)
    assert "State Ended with its last service; the last day charged is 1 December 2027" in page
    assert "mail-in 2026-01 2026-11-22 2027-12-01" in page
    (other,) = (await room.get(f"/contracts?customer_id={BUYER}&serial={product.serial}")).json()["items"]
    (page,) = await copied(room, other)
    assert f"Customer reference {BUYER} Under contract since 2 December 2027" in page
    assert "mail-in 2026-01 2027-12-02 2029-11-21" in page


@pytest.mark.requirement("ACT-09", "ACT-11")
async def test_a_copy_says_so_when_a_notice_would_change_nothing(room):
    (page,) = await copied(room, await a_contract(room, months=5))
    for party in ("customer", "vendor"):
        told = f"If the {party} gave notice on 22 November 2026, nothing would change: the last day is 21 April 2027"
        assert told in page


@pytest.mark.requirement("ACT-09")
def test_the_words_of_a_copy_are_the_same_in_three_languages_with_the_same_blanks():
    def told(language: str) -> dict[tuple[str, str], set[str | None]]:
        texts = tomllib.loads((resources.files(copies) / "words" / f"{language}.toml").read_text(encoding="utf-8"))
        parts = {**{name: part for name, part in texts.items() if isinstance(part, dict)}, "": {"day": texts["day"]}}
        assert len(texts["months"]) == 12
        return {
            (part, name): {blank for _, blank, _, _ in Formatter().parse(text)} - {None}
            for part, named in parts.items()
            for name, text in named.items()
        }

    assert told("en") == told("fr") == told("nl")
    assert len(told("en")) > 30
