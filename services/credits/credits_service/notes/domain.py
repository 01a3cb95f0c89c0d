"""By what a credit is looked up (CRD-04)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LookUp:
    """What has to match; null matches everything."""

    brand: str | None = None
    grms_number: str | None = None
    serial: str | None = None
    invoice_number: str | None = None
