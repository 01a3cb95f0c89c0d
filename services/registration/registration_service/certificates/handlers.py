"""Orders become certificates; units leave them and come back (REG-08, REG-09)."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from uuid6 import uuid7

from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from registration_service.accounts.domain import PRINTABLE
from registration_service.accounts.handlers import Person, recognise
from registration_service.certificates import store
from registration_service.certificates.domain import Certificate, Order, Unit, as_issued, new_number
from registration_service.policy import BrandName, policy_of

Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=PRINTABLE)]
"""A number or reference that somebody else gave out."""
NUMBERS_TO_TRY: Final = 5


class ConfirmOrder(BaseModel):
    """A purchase of `quantity` times one service."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: BrandName
    case_number: Reference = Field(examples=["FR-2026-004711"])
    """The seller's own number of the order; unique within the brand."""
    service_reference: Reference = Field(examples=["PPCP013FR-VGAD"])
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[3])]
    """How many units the certificate gets."""
    buyer: Person
    """Who gets the certificate by mail."""


class OrderView(BaseModel):
    """A confirmed order; the certificate's number travels by mail only."""

    order_id: UUID
    certificate_id: UUID
    buyer_id: UUID
    quantity: int
    service_name: str
    """In the buyer's language."""


async def confirm_order(command: ConfirmOrder, tx: Tx, public_url: str) -> Accepted | Refusal:
    """Issue one certificate with as many units as were bought; its link leads to `public_url`. Raises UnknownBrand."""
    policy = policy_of(command.brand)
    offer = policy.offers.get(command.service_reference)
    if offer is None:
        return Refusal("offer-unknown", 422, "/service_reference", command.service_reference, sorted(policy.offers))
    buyer = await recognise(command.buyer, command.brand, tx, "/buyer")
    if isinstance(buyer, Refusal):
        return buyer
    order = _order(command, offer.name.speak(command.buyer.language), buyer.contact_id)
    if not await store.confirm(tx, order):
        return Refusal("order-exists", 409, "/case_number", command.case_number)
    number = await _issue(tx, order, policy.certificate_prefix)
    view = OrderView.model_validate(order, from_attributes=True)
    return Accepted(view, (*buyer.facts, order.confirmed(), order.issued(number, public_url)))


def _order(command: ConfirmOrder, service_name: str, buyer_id: UUID) -> Order:
    return Order(
        order_id=uuid7(),
        certificate_id=uuid7(),
        brand=command.brand,
        case_number=command.case_number,
        service_reference=command.service_reference,
        service_name=service_name,
        quantity=command.quantity,
        buyer_id=buyer_id,
    )


async def _issue(tx: Tx, order: Order, prefix: str) -> str:
    for _ in range(NUMBERS_TO_TRY):
        number = new_number(prefix)
        if await store.issue(tx, order, number):
            return number
    raise RuntimeError(f"{NUMBERS_TO_TRY} new certificate numbers in a row were taken: the source of chance is broken")


async def certificate_behind(typed: str, brand: str, tx: Tx) -> Certificate | Refusal:
    """The brand's certificate with the typed number; malformed, unknown and another brand's are one refusal."""
    certificate = await store.behind(tx, as_issued(typed), brand)
    # the number is not repeated: an answer may end up in somebody's log
    return certificate or Refusal("certificate-unknown", 422, "/certificate")


async def take_unit(certificate: Certificate, unit: Unit, tx: Tx) -> int | Refusal:
    """Take one unit; the number of units left, or the refusal when there was none."""
    left = await store.move(tx, unit, -1)
    if left is None:
        return Refusal("certificate-exhausted", 409, "/certificate", details={"quantity": certificate.quantity})
    return left


async def return_unit(unit: Unit, tx: Tx) -> None:
    """Give one taken unit back; once only, by the ledger's own constraint."""
    if await store.move(tx, unit, +1) is None:
        raise RuntimeError(f"certificate {unit.certificate_id} cannot hold one unit more than it was issued with")
