"""Brands are data: five ship, a sixth is a file, a wrong one is refused by field."""

import pytest

from registration_service.policy import BOOK

from .conftest import JAN

SERIALS = {
    "dynabook": ("PPCP013FR-VGAD", "9H7654321X", "PT5B1E-0K601", "2027-11-19"),
    "d-link": ("DAS-A-36", "R33K1D8000123", "DGS-1210-28", "2028-11-19"),
    "samsung-belux": ("SEC-HOME-24", "0V6Q5AB1800045N", "WD80T554ABT/S2", "2028-11-19"),
    "ibm": ("SPAC-ONSITE-36", "78A1B2C", "9105-22A", "2027-11-19"),
    "carri": ("CARRI-SITE-36", "CRT-2600171", "CRT-RACK-2U", "2029-11-19"),
}


@pytest.mark.requirement("POL-02")
@pytest.mark.parametrize("brand", SERIALS)
async def test_each_brand_goes_from_order_to_registration(desk, brand) -> None:
    reference, serial, model, warranty_ends_on = SERIALS[brand]
    issued = await desk.certificate(brand=brand, service_reference=reference)
    assert issued.certificate_number.startswith(BOOK.of(brand).certificate_prefix)
    answer = await desk.register(issued.certificate_number, brand=brand, serial=serial, model=model)
    assert answer.status_code == 201, answer.text
    assert answer.json()["warranty_ends_on"] == warranty_ends_on
    again = await desk.register(issued.certificate_number, brand=brand, serial=f" {serial}", model=model)
    assert again.json()["errors"][0]["accepted"] == serial


@pytest.mark.requirement("POL-02")
async def test_a_sixth_brand_is_a_file_and_goes_from_order_to_registration(desk, shelf) -> None:
    shelf.load("registration")
    issued = await desk.certificate(brand="acme", service_reference="SIX-12", buyer=JAN)
    assert issued.certificate_number.startswith("AC")
    product = {"brand": "acme", "serial": "0123456789AB", "model": "S6-01"}
    refused = await desk.register(issued.certificate_number, **product, customer={**JAN, "language": "en"})
    assert refused.json()["errors"][0] == {
        "pointer": "/customer/language",
        "message": "This brand does not write in the language en; accepted: nl.",
        "value": "en",
        "accepted": ["nl"],
    }
    answer = await desk.register(issued.certificate_number, **product)
    assert (answer.status_code, answer.json()["warranty_ends_on"]) == (201, "2028-05-19")


@pytest.mark.requirement("POL-01")
async def test_every_decision_event_carries_brand_and_policy_version(desk, shelf) -> None:
    shelf.load("registration", ("2026-12-01.2", "2026-12-24.3"))
    await desk.order(brand="acme", service_reference="SIX-12", buyer=JAN)
    rows = await desk.room.database.pool.fetch("SELECT headers FROM outbox")
    assert len(rows) >= 2
    for row in rows:
        assert '["ce_brand","acme"]' in row["headers"]
        assert '["ce_policyversion","2026-12-24.3"]' in row["headers"]


@pytest.mark.requirement("POL-01")
@pytest.mark.parametrize(
    ("right", "wrong", "field", "reason"),
    [
        ("_months = 18", "_months = 0", "standard_warranty_months", "greater than or equal to 1 (got 0)"),
        ('"AC"', '"A"', "certificate_prefix", "should match pattern"),
        ("Pacific/Auckland", "Europe/Atlantis", "time_zone", "not a time zone"),
        ('"NL"', '"Nederland"', "country", "should match pattern"),
        ('"O" = "0"', '"5" = "0"', "serial", "'5' is possible by characters"),
        ("shortest = 12", "shortest = 13", "serial", "shortest is more than longest"),
        ('["nl"]', '["de"]', "languages.0", "'fr', 'nl' or 'en'"),
        ("hallo@acme.example", "hallo", "contacts.requests", "email"),
        ("dossier_days = 5", "dossier_days = 0", "deadlines.dossier_days", "greater than or equal to 1"),
        ('fr = "Sous le couvercle', 'de = "Sous le couvercle', "serial_hint.fr", "Field required"),
        ("[contacts]", 'colour = "red"\n[contacts]', "colour", "Extra inputs are not permitted"),
    ],
)
def test_an_invalid_policy_is_refused_with_file_field_and_reason(shelf, right, wrong, field, reason) -> None:
    shelf.refuses("registration", (right, wrong), field, reason)
