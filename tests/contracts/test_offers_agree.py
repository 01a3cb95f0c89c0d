"""An offer stands in the policies of two services; what one sells the other must activate (POL-02)."""

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


@pytest.mark.parametrize("brand", BRANDS)
def test_the_services_of_a_brand_live_in_one_time_zone(brand: str) -> None:
    zones = {
        zone
        for service in ("registration", "activation", "tickets", "credits", "notifications")
        if (zone := policy(service, brand).get("time_zone"))
    }
    assert len(zones) == 1
