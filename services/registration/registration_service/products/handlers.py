"""Whose a product is, and which units of certificates it redeemed or gave back (REG-09, REG-13, REG-16)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from uuid6 import uuid7

from chassis.calendar import last_day
from chassis.caller import FILES_ALL, Caller, Whose
from chassis.database import Pool, Tx
from chassis.transact import Refusal
from event_schemas.registration import CancellationReason, RegistrationCancelled
from registration_service.certificates.domain import Certificate, Unit
from registration_service.certificates.handlers import lock_certificates, return_unit, take_unit
from registration_service.policy import policy_of
from registration_service.products import redemptions_store, store
from registration_service.products.domain import Product, Redemption, Registrant, Running, canonical


@dataclass(frozen=True, slots=True)
class Held:
    """A locked product."""

    product: Product
    is_fresh: bool
    """Whether it was nobody's until now: new, or let go of."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A unit taken for a product."""

    redemption: Redemption
    units_left: int


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A unit on its certificate again."""

    fact: RegistrationCancelled
    units_left: int


def unit_of(brand: str, model: str, serial: str, purchased_on: date, customer_id: UUID, by: Registrant) -> Product:
    """A product as somebody claims it, with the last day of its standard warranty (REG-14). Raises UnknownBrand."""
    return Product(
        product_id=uuid7(),
        brand=brand,
        model=model,
        serial=serial,
        purchased_on=purchased_on,
        warranty_ends_on=last_day(purchased_on, policy_of(brand).warranty_months(model)),
        customer_id=customer_id,
        owner=by.owner,
        organisation_id=by.organisation_id,
        registered_as=by.registered_as,
        proof_of_purchase=by.proof_of_purchase,
    )


async def queue(brand: str, serials: Iterable[str], tx: Tx) -> None:
    """Take several serial numbers' turns at once, before any product or certificate is locked."""
    await store.queue(tx, brand, sorted({canonical(serial) for serial in serials}))


async def hold(claimed: Product, tx: Tx, by: Caller) -> Held | Refusal:
    """The product locked as it is registered: as claimed when it is new, or nobody's any more.

    A known product does not become younger by changing hands; only those who see every file correct its day (REG-14).
    """
    held = await store.hold(tx, claimed)
    if not held.released:
        return Held(held, held.product_id == claimed.product_id)
    if claimed.purchased_on > held.purchased_on and FILES_ALL not in by.scopes:
        return _bought_earlier(claimed, held.purchased_on)
    return Held(await store.hand_over(tx, claimed.known_as(held.product_id)), True)


def _bought_earlier(claimed: Product, known: date) -> Refusal:
    details = {"known": known, "contact_address": policy_of(claimed.brand).contacts.requests}
    said = str(claimed.purchased_on)
    return Refusal("purchase-later-than-known", 409, "/purchased_on", said, f"≤ {known}", details)


async def lock(product_id: UUID, tx: Tx) -> Product:
    """A product that exists, locked."""
    product = await store.lock(tx, product_id)
    assert product is not None  # products are never deleted
    return product


async def lock_registered(product_id: UUID, tx: Tx) -> Product | None:
    """A product that is somebody's, locked; None for one that is unknown or let go of."""
    product = await store.lock(tx, product_id)
    return None if product is None or product.released else product


async def find(db: Pool | Tx, whose: Whose, product_id: UUID) -> Product | None:
    """A product that somebody may see; None for an unknown, a released and another's alike (REG-06)."""
    return await store.find(db, whose, product_id)


async def services_of(product: Product, tx: Tx) -> dict[str, Running]:
    """The running services of a locked product, by reference."""
    return {
        service.service_reference: service for service in await redemptions_store.services_of(tx, product.product_id)
    }


async def redeem(
    product: Product, certificate: Certificate, by: Registrant, tx: Tx, request_id: UUID | None = None
) -> Redeemed | Refusal:
    """Take one unit for a locked product, or the refusal when none is left (REG-09).

    `request_id`: of the activation request whose code it is (ACT-02).
    """
    reference = certificate.service_reference
    redemption = Redemption(
        uuid7(), certificate.certificate_id, reference, product.customer_id, product, request_id=request_id
    )
    left = await take_unit(certificate, _unit(redemption, by.subject, "redeemed"), tx)
    if isinstance(left, Refusal):
        return left
    await redemptions_store.redeem(tx, redemption, by)
    return Redeemed(redemption, left)


async def is_redeemed(request_id: UUID, tx: Tx) -> bool:
    """Whether an activation request has taken its unit, even when it came back since (ACT-02)."""
    return await redemptions_store.is_redeemed(tx, request_id)


async def lock_redemption(redemption_id: UUID, tx: Tx) -> Redemption | None:
    """A running redemption, locked together with its product."""
    return await redemptions_store.lock_redemption(tx, redemption_id)


async def cancel(
    redemption: Redemption, reason: CancellationReason, by: str, tx: Tx, note: str | None = None
) -> GivenBack:
    """Take a locked redemption back: its unit is on the certificate again; the product stays registered."""
    await redemptions_store.cancel(tx, redemption.redemption_id, reason, note)
    left = await return_unit(_unit(redemption, by, reason), tx)
    return GivenBack(redemption.cancelled(reason), left)


async def cancel_all(
    product: Product, reason: CancellationReason, by: str, tx: Tx, certificate_id: UUID | None
) -> tuple[RegistrationCancelled, ...]:
    """Take every running redemption of a locked product back; `certificate_id` is of a unit to be taken next."""
    running = await redemptions_store.services_of(tx, product.product_id)
    certificates = [one.certificate_id for one in running]
    await lock_certificates([*certificates, certificate_id] if certificate_id else certificates, tx)
    redemptions = [
        Redemption(one.redemption_id, one.certificate_id, one.service_reference, one.customer_id, product)
        for one in running
    ]
    return tuple([(await cancel(one, reason, by, tx)).fact for one in redemptions])


async def release(product: Product, tx: Tx) -> None:
    """Let a locked product go: whoever registers it next has it."""
    await store.release(tx, product.product_id)


async def give_up(product: Product, tx: Tx) -> None:
    """Note that the customer of a locked product lets it go as soon as nobody claims it any more."""
    await store.give_up(tx, product.product_id)


async def keep(product: Product, tx: Tx) -> None:
    """Note that the customer of a locked product, who had given it up, registers it again."""
    await store.keep(tx, product.product_id)


async def hand_over(product: Product, customer_id: UUID, owner: str, organisation_id: UUID | None, tx: Tx) -> Product:
    """Make a locked product another customer's and its file somebody else's; warranty and services stay (REG-17)."""
    new = replace(product, customer_id=customer_id, owner=owner, organisation_id=organisation_id)
    return await store.hand_over(tx, replace(new, registered_as=None, proof_of_purchase=()))


async def settle_on(claimed: Product, tx: Tx) -> Product:
    """Make a locked product what its claimant said it is: customer, day of purchase, warranty, owner (REG-16)."""
    return await store.hand_over(tx, claimed)


def _unit(redemption: Redemption, by: str, reason: str) -> Unit:
    return Unit(
        redemption_id=redemption.redemption_id,
        certificate_id=redemption.certificate_id,
        customer_id=redemption.customer_id,
        serial=redemption.product.serial,
        by=by,
        reason=str(reason),
    )
