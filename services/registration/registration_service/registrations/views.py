"""What registration answers about a registered product."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from registration_service.products.handlers import Redeemed


class RegistrationView(BaseModel):
    """A registered product and the unit that it redeemed."""

    product_id: UUID
    redemption_id: UUID
    certificate_id: UUID
    serial: str = Field(examples=["9H0123456X"])
    """As it was understood: in capitals."""
    model: str = Field(examples=["PT5B1E-0K601"])
    """As it was understood, or found by the serial number."""
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    warranty_ends_on: date = Field(examples=["2027-11-19"])
    """Last day of the standard warranty, inclusive."""
    customer_id: UUID
    units_left: int = Field(examples=[2])


def registered(redeemed: Redeemed) -> RegistrationView:
    """The answer to whoever registered it."""
    redemption, product = redeemed.redemption, redeemed.redemption.product
    return RegistrationView(
        product_id=product.product_id,
        redemption_id=redemption.redemption_id,
        certificate_id=redemption.certificate_id,
        serial=product.serial,
        model=product.model,
        service_reference=redemption.service_reference,
        warranty_ends_on=product.warranty_ends_on,
        customer_id=product.customer_id,
        units_left=redeemed.units_left,
    )
