"""Brands are data: five ship, a sixth needs a file alone (POL-01, POL-02, POL-03)."""

from importlib import resources
from pathlib import Path
from uuid import uuid4

import pytest
from tests.architecture.tree import BRANDS
from tests.support.policies import Shelf

from event_schemas.registration_mail import CertificateIssued
from notifications_service.policy import BOOK

from .conftest import Post, told


@pytest.mark.requirement("POL-01", "POL-02", "POL-03")
@pytest.mark.parametrize("brand", BRANDS)
async def test_each_brand_writes_under_its_own_name_colours_and_contacts(post: Post, brand: str) -> None:
    policy = BOOK.of(brand)
    person = await post.meet(language="nl", brand=brand)
    await post.room.hear(told(CertificateIssued, buyer_id=person, brand=brand))
    await post.send()
    [arrival] = post.mails_to(person)
    assert arrival.message["From"].addresses[0].display_name == policy.display_name
    assert arrival.message["From"].addresses[0].addr_spec == arrival.sender == policy.contact.email
    assert arrival.message["Subject"].startswith("Uw bestelling FR-2026-004711 is bevestigd")
    assert f"background:{policy.colours.accent}" in arrival.body("html")
    assert policy.signature["nl"] in arrival.body("plain")


@pytest.mark.requirement("POL-02", "NTF-03")
async def test_a_sixth_brand_needs_a_file_alone_and_is_written_in_its_own_language(post: Post, shelf: Shelf) -> None:
    shelf.load("notifications")
    person = await post.meet(language="fr", brand="acme", contact_id=uuid4())
    await post.room.hear(told(CertificateIssued, buyer_id=person, brand="acme"))
    await post.send()
    [arrival] = post.mails_to(person)
    assert arrival.message["Content-Language"] == "nl", "a brand that speaks no French writes in its first language"
    assert "Acme &amp; Sons" in arrival.body("html")
    assert "+31 20 000 00 00" in arrival.body("plain")


@pytest.mark.requirement("POL-01")
@pytest.mark.parametrize(
    ("right", "wrong", "field", "reason"),
    [
        ("#004d40", "#eeeeee", "colours", "contrast"),
        ("#004d40", "green", "colours.accent", "pattern"),
        ("Pacific/Auckland", "Europe/Atlantis", "time_zone", "no such time zone"),
        ('["nl"]', '["nl", "fr"]', "(whole file)", "signature has no text in fr"),
        ('["nl"]', '["de"]', "languages.0", "'en', 'fr' or 'nl'"),
        ("hallo@acme.example", "hallo", "contact.email", "pattern"),
    ],
)
def test_a_wrong_policy_is_refused_with_file_field_and_reason(
    shelf: Shelf, right: str, wrong: str, field: str, reason: str
) -> None:
    shelf.refuses("notifications", (right, wrong), field, reason)


def test_no_code_or_text_names_a_brand() -> None:
    package = Path(str(resources.files("notifications_service")))
    files = [file for file in package.rglob("*") if file.suffix in (".py", ".html", ".txt") or "texts" in file.parts]
    named = [f"{file.name}: {brand}" for file in files for brand in BRANDS if brand in logic(file)]
    assert named == []


def logic(file: Path) -> str:
    """The file without its OpenAPI examples."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return "\n".join(line for line in text.splitlines() if '"brand": "' not in line)
