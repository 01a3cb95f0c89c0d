"""An offer stands in the policies of three services: what is sold is activated, and mails call it the same (POL-02)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.architecture.tree import BRANDS, package_of


def policy(service: str, brand: str) -> dict[str, Any]:
    file: Path = package_of(service) / "policies" / f"{brand}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@pytest.mark.requirement("POL-02")
@pytest.mark.parametrize("brand", BRANDS)
def test_what_registration_sells_activation_activates(brand: str) -> None:
    sold = {reference: offer["models"] for reference, offer in policy("registration", brand)["offers"].items()}
    activated = {offer["reference"]: offer["models"] for offer in policy("activation", brand)["offers"]}
    assert sold == activated


@pytest.mark.requirement("POL-02", "NTF-03")
@pytest.mark.parametrize("brand", BRANDS)
def test_mails_call_a_service_what_it_is_sold_as_in_each_language(brand: str) -> None:
    sold = {reference: offer["name"] for reference, offer in policy("registration", brand)["offers"].items()}
    assert policy("notifications", brand)["service_names"] == sold


@pytest.mark.parametrize("brand", BRANDS)
def test_the_services_of_a_brand_live_in_one_time_zone(brand: str) -> None:
    zones = {
        zone
        for service in ("registration", "activation", "tickets", "credits", "notifications")
        if (zone := policy(service, brand).get("time_zone"))
    }
    assert len(zones) == 1
