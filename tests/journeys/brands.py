"""What each brand's journey is played with: data of the shipped policies and of a sixth brand, one unit each."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.architecture.tree import package_of
from tests.support.policies import FILES, SIXTH


@dataclass(frozen=True, slots=True)
class Played:
    """One brand's order and unit; `serial` has a counter in it, so that every journey has a unit of its own."""

    brand: str
    reference: str
    model: str
    serial: str
    language: str
    mistyped: str
    """A serial number as people mistype it; `meant` is what the brand proposes instead."""
    meant: str
    uncovered: str
    """A model number of the brand for which the service is not."""
    warranty_months: int
    extends_warranty: bool = False
    currency: str = "EUR"

    def unit(self, number: int) -> str:
        """The serial number of the n-th unit."""
        return self.serial.format(number)

    def policy(self, service: str) -> dict[str, Any]:
        """The brand's policy file of a service, read as a person would."""
        folder = FILES / service if self.brand == SIXTH else package_of(service) / "policies"
        return tomllib.loads((folder / f"{self.brand}.toml").read_text(encoding="utf-8"))

    @property
    def offer(self) -> dict[str, Any]:
        """The service's entry in the catalogue, which is activation's."""
        entries = self.policy("activation")["offers"]
        return next(dict(entry) for entry in entries if entry["reference"] == self.reference)

    @property
    def zone(self) -> ZoneInfo:
        """Where the brand is."""
        return ZoneInfo(self.policy("registration")["time_zone"])

    def today(self, now: datetime) -> date:
        """The day that it is there: nobody can have bought anything later."""
        return now.astimezone(self.zone).date()


PLAYED: Final = (
    Played(
        brand="dynabook",
        reference="PPCP013FR-VGAD",
        model="PT5B1E-0K601",
        serial="9H{:07d}X",
        language="fr",
        mistyped="9HS000001X",
        meant="9H5000001X",
        uncovered="Z10-A",
        warranty_months=12,
        extends_warranty=True,
    ),
    Played(
        brand="d-link",
        reference="DAS-A-36",
        model="DGS-1210",
        serial="RZ9B{:09d}",
        language="en",
        mistyped="RZ9BO90000001",
        meant="RZ9B090000001",
        uncovered="DAP-2610",
        warranty_months=24,
    ),
    Played(
        brand="samsung-belux",
        reference="SEC-HOME-24",
        model="DV80K6010CW/EN",
        serial="0V6Q5AB18{:05d}N",
        language="nl",
        mistyped="0V6Q5ABI890001N",
        meant="0V6Q5AB1890001N",
        uncovered="SM-G991B",
        warranty_months=24,
        extends_warranty=True,
    ),
    Played(
        brand="ibm",
        reference="SPAC-ONSITE-36",
        model="9009-42A",
        serial="78{:05d}",
        language="en",
        mistyped="78-90001",
        meant="7890001",
        uncovered="90AB-42A",
        warranty_months=12,
    ),
    Played(
        brand="carri",
        reference="CARRI-SITE-36",
        model="CRT-2400",
        serial="CR{:08d}",
        language="fr",
        mistyped="CR_0000001",
        meant="CR-0000001",
        uncovered="PCX-1",
        warranty_months=36,
        extends_warranty=True,
    ),
)
ADDED: Final = Played(
    brand=SIXTH,
    reference="SIX-12",
    model="S6-01",
    serial="AC{:010d}",
    language="nl",
    mistyped="AC-9000000001",
    meant="AC9000000001",
    uncovered="T4-01",
    warranty_months=18,
    extends_warranty=True,
    currency="CHF",
)
"""The sixth brand, which the stack of these tests knows from files alone."""
EVERY: Final = (*PLAYED, ADDED)
