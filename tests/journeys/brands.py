"""What each brand's journey is played with: data of the shipped policies, one unit each."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Played:
    """One brand's order and unit; `serial` has a counter in it, so that every journey has a unit of its own."""

    brand: str
    reference: str
    model: str
    serial: str
    language: str

    def unit(self, number: int) -> str:
        """The serial number of the n-th unit."""
        return self.serial.format(number)


PLAYED: Final = (
    Played("dynabook", "PPCP013FR-VGAD", "PT5B1E-0K601", "9H{:07d}X", "fr"),
    Played("d-link", "DAS-A-36", "DGS-1210", "RZ9B{:09d}", "en"),
    Played("samsung-belux", "SEC-HOME-24", "DV80K6010CW/EN", "0V6Q5AB18{:05d}N", "nl"),
    Played("ibm", "SPAC-ONSITE-36", "9009-42A", "78{:05d}", "en"),
    Played("carri", "CARRI-SITE-36", "CRT-2400", "CR{:08d}", "fr"),
)
