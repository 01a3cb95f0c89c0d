"""Orders become certificates; units leave them and come back (REG-08, REG-09)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from uuid6 import uuid7

from chassis.caller import FILES_ALL, Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from registration_service.certificates import store
from registration_service.certificates.domain import Certificate, Order, PurchaseDay, Unit, as_issued, new_number
from registration_service.contacts.domain import PRINTABLE
from registration_service.contacts.handlers import Person, recognise
from registration_service.offers.domain import Offer, catalogue_unknown
from registration_service.offers.handlers import offers_of
from registration_service.policy import BrandName, policy_of

Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=PRINTABLE)]
"""A number or reference that somebody else gave out."""
NUMBERS_TO_TRY: Final = 5
REMEMBERED: Final = 4096
_known: Final[dict[tuple[str, str], Certificate]] = {}
"""By brand and number, what never changes of certificates: a large one is asked for on every redemption."""


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
    organisation_id: UUID | None = Field(None, examples=["019a8f3e-2b7c-7d41-9c55-0a1b2c3d4e01"])
    """The dealer's organisation whose order it is: its members see the certificate's ledger."""
    purchased_on: PurchaseDay | None = Field(None, examples=["2026-11-20"])
    """Day of purchase, from which a code's days count; today in the brand's time zone unless given (ACT-03)."""


class OrderView(BaseModel):
    """A confirmed order; the certificate's number travels by mail only."""

    order_id: UUID
    certificate_id: UUID
    buyer_id: UUID
    quantity: int
    service_name: str
    """In the buyer's language."""
    purchased_on: date = Field(examples=["2026-11-20"])


async def confirm_order(command: ConfirmOrder, tx: Tx, public_url: str, by: Caller) -> Accepted | Refusal:
    """Issue one certificate with as many units as were bought; its link leads to `public_url`. Raises UnknownBrand."""
    if command.organisation_id and FILES_ALL not in by.scopes and command.organisation_id != by.organisation:
        return Refusal("organisation-not-yours", 403, "/organisation_id", command.organisation_id, by.organisation)
    policy = policy_of(command.brand)
    today = policy.day_of(tx.now)
    if command.purchased_on and command.purchased_on > today:
        return Refusal("purchase-in-future", 422, "/purchased_on", str(command.purchased_on), f"≤ {today}")
    offer = await _on_sale(command, tx)
    if isinstance(offer, Refusal):
        return offer
    buyer = await recognise(command.buyer, command.brand, tx, "/buyer", by)
    if isinstance(buyer, Refusal):
        return buyer
    order = _order(command, offer, buyer.contact_id, command.purchased_on or today, by)
    if not await store.confirm(tx, order):
        return Refusal("order-exists", 409, "/case_number", command.case_number)
    number = await _issue(tx, order, policy.certificate_prefix)
    view = OrderView.model_validate(order, from_attributes=True)
    return Accepted(view, (*buyer.facts, order.confirmed(), order.issued(number, public_url)))


async def _on_sale(command: ConfirmOrder, tx: Tx) -> Offer | Refusal:
    offers = await offers_of(command.brand, tx)
    if not offers:
        return catalogue_unknown()
    offer = offers.get(command.service_reference)
    if offer is None or not offer.on_sale:
        accepted = [one.reference for one in offers.values() if one.on_sale]
        return Refusal("offer-unknown", 422, "/service_reference", command.service_reference, accepted)
    return offer


def _order(command: ConfirmOrder, offer: Offer, buyer_id: UUID, purchased_on: date, by: Caller) -> Order:
    return Order(
        order_id=uuid7(),
        certificate_id=uuid7(),
        brand=command.brand,
        case_number=command.case_number,
        service_reference=command.service_reference,
        service_name=offer.name_in(command.buyer.language),
        quantity=command.quantity,
        buyer_id=buyer_id,
        purchased_on=purchased_on,
        usable_until=offer.usable_until(purchased_on),
        owner=by.owner,
        organisation_id=command.organisation_id or by.organisation,
    )


async def _issue(tx: Tx, order: Order, prefix: str) -> str:
    for _ in range(NUMBERS_TO_TRY):
        number = new_number(prefix)
        if await store.issue(tx, order, number):
            return number
    raise RuntimeError(f"{NUMBERS_TO_TRY} new certificate numbers in a row were taken: the source of chance is broken")


async def certificate_behind(typed: str, brand: str, tx: Tx) -> Certificate | Refusal:
    """The brand's certificate with the typed number; malformed, unknown and another brand's are one refusal."""
    number = as_issued(typed)
    certificate = _known.get((brand, number)) or await store.behind(tx, number, brand)
    if certificate is None:  # the number is not repeated: an answer may end up in somebody's log
        return Refusal("certificate-unknown", 422, "/certificate")
    if len(_known) >= REMEMBERED:
        _known.clear()
    _known[brand, number] = certificate
    return certificate


async def certificate_of(certificate_id: UUID, tx: Tx) -> Certificate:
    """A certificate that exists, by its id."""
    return await store.of(tx, certificate_id)


async def lock_certificates(certificate_ids: Iterable[UUID], tx: Tx) -> None:
    """Lock certificates before units of several move: in the order of their numbers, as every batch takes them."""
    await store.lock(tx, sorted(set(certificate_ids)))


async def take_unit(certificate: Certificate, unit: Unit, tx: Tx) -> int | Refusal:
    """Take one unit; the number of units left, or the refusal when there was none."""
    left = await store.move(tx, unit, -1)
    if left is None:
        return Refusal("certificate-exhausted", 409, "/certificate", details={"quantity": certificate.quantity})
    return left


async def return_unit(unit: Unit, tx: Tx) -> int:
    """Give one taken unit back, once only by the ledger's own constraint; the number of units left."""
    left = await store.move(tx, unit, +1)
    if left is None:
        raise RuntimeError(f"certificate {unit.certificate_id} cannot hold one unit more than it was issued with")
    return left


async def issued_numbers(brand: str, numbers: Sequence[str], tx: Tx) -> list[str]:
    """Those of some numbers (in capitals) that the brand's certificates have (REG-22)."""
    return await store.issued(tx, brand, numbers)


async def set_units_aside(number: str, brand: str, units: int, tx: Tx) -> None:
    """Rehearse that so many units are taken, in a transaction that is rolled back: no entry says who took them."""
    if units > 0:
        await store.set_aside(tx, brand, number, units)
