"""A transfer as those see it who reported it or whose product it was."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from registration_service.transfers.domain import Kind, State


class TransferView(BaseModel):
    """A product changes hands."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    transfer_id: UUID = Field(examples=["0199a3c4-7b10-7017-8a5e-4d1f6c2b0017"])
    brand: str = Field(examples=["dynabook"])
    product_id: UUID = Field(examples=["0199a3c4-7b10-7005-8a5e-4d1f6c2b0005"])
    serial: str = Field(examples=["9H0123456X"])
    model: str = Field(examples=["PT5B1E-0K601"])
    kind: Kind = Field(examples=["sale"])
    state: State = Field(examples=["pending"])
    """`pending` until the day has come, then `transferred`; `withdrawn` when it does not take place."""
    transferred_on: date = Field(examples=["2026-12-01"])
    """Day of the sale, or of the return to the lessor."""
    takes_effect_on: date = Field(examples=["2026-12-01"])
    """From the start of this day, in the brand's time zone, the product is the new customer's. While somebody else
    claims the product it is the next day, again and again, and `last_billable_on` is no earlier."""
    last_billable_on: date = Field(examples=["2026-12-22"])
    """Last day charged to the former customer, inclusive."""
    from_customer_id: UUID = Field(examples=["0199a3c4-7b10-7004-8a5e-4d1f6c2b0004"])
    to_customer_id: UUID | None = Field(examples=["0199a3c4-7b10-7003-8a5e-4d1f6c2b0003"])
    """None for a lease return."""
    reason: str | None = Field(examples=["Sold with the office in Ghent."])
    financing_number: str | None = Field(examples=[None])
    reported_at: datetime = Field(examples=["2026-11-22T09:00:00Z"])
    settled_at: datetime | None = Field(examples=[None])
    """When it took effect or was withdrawn."""
