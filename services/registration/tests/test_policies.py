"""Brands are data: five ship, a sixth is a file, a wrong one stops the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from registration_service.policy import BOOK

SHIPPED = Path(__file__).parents[1] / "registration_service" / "policies"
SERIALS = {
    "dynabook": ("PPCP013FR-VGAD", "9H7654321X", "PT5B1E-0K601", "2027-11-19"),
    "d-link": ("DAS-A-36", "R33K1D8000123", "DGS-1210-28", "2028-11-19"),
    "samsung-belux": ("SEC-HOME-24", "0V6Q5AB1800045N", "WD80T554ABT/S2", "2028-11-19"),
    "ibm": ("SPAC-ONSITE-36", "78A1B2C", "9105-22A", "2027-11-19"),
    "carri": ("CARRI-SITE-36", "CRT-2600171", "CRT-RACK-2U", "2029-11-19"),
}


def sixth_brand(folder: Path, **changes: str) -> Path:
    """A directory with one more brand, `zenbook`, from a shipped file with lines replaced."""
    text = (SHIPPED / "dynabook.toml").read_text(encoding="utf-8").replace('"dynabook"', '"zenbook"')
    for old, new in changes.items():
        lines = [new if line.startswith(f"{old} =") else line for line in text.splitlines()]
        text = "\n".join(lines)
    file = folder / "registration" / "zenbook.toml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.requirement("POL-02")
async def test_five_brands_ship(desk) -> None:
    assert BOOK.brands() == sorted(SERIALS)


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
async def test_a_sixth_brand_is_a_file_and_goes_from_order_to_registration(desk, tmp_path) -> None:
    BOOK.load(sixth_brand(tmp_path, certificate_prefix='certificate_prefix = "ZB"', languages='languages = ["fr"]'))
    issued = await desk.certificate(brand="zenbook")
    assert issued.certificate_number.startswith("ZB")
    answer = await desk.register(issued.certificate_number, brand="zenbook")
    assert answer.json()["errors"][0] == {
        "pointer": "/customer/language",
        "message": "This brand does not write in the language nl; accepted: fr.",
        "value": "nl",
        "accepted": ["fr"],
    }
    french = {"name": "Jan Peeters", "email": "jan.peeters@example.com", "language": "fr"}
    assert (await desk.register(issued.certificate_number, brand="zenbook", customer=french)).status_code == 201


@pytest.mark.requirement("POL-01")
async def test_every_decision_event_carries_brand_and_policy_version(desk, tmp_path) -> None:
    BOOK.load(sixth_brand(tmp_path, version='version = "2026-12-24.2"'))
    await desk.order(brand="zenbook")
    rows = await desk.room.database.pool.fetch("SELECT headers FROM outbox")
    assert len(rows) >= 2
    for row in rows:
        assert '["ce_brand","zenbook"]' in row["headers"]
        assert '["ce_policyversion","2026-12-24.2"]' in row["headers"]


@pytest.mark.requirement("POL-01")
@pytest.mark.parametrize(
    ("field", "line", "reason"),
    [
        ("standard_warranty_months", "standard_warranty_months = 0", "greater than or equal to 1 (got 0)"),
        ("certificate_prefix", 'certificate_prefix = "F"', "should match pattern"),
        ("time_zone", 'time_zone = "Europe/Atlantis"', "not a time zone"),
        ("serial", 'likely = { "5" = "S" }', "'5' is possible by characters"),
        ("colour", 'contact_address = "a@example.com"\ncolour = "red"', "Extra inputs are not permitted"),
    ],
)
def test_a_policy_that_is_wrong_stops_the_start_with_file_field_and_reason(tmp_path, field, line, reason) -> None:
    folder = sixth_brand(tmp_path, **{line.split(" =")[0]: line})
    settings = {"DATABASE_URL": "postgresql://127.0.0.1:9/x", "KAFKA": "127.0.0.1:9", "POLICIES": str(folder)}
    started = subprocess.run(
        [sys.executable, "-m", "registration_service", "api"],
        env={**os.environ, **{f"AFTERCARE_{name}": value for name, value in settings.items()}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode != 0
    assert f"zenbook.toml: {field}: " in started.stderr
    assert reason in started.stderr
