"""Licences follow the services that maintain them: issued, prolonged, revoked, handed over (ACT-12).

Whoever calls holds the product, so that nobody else changes its licences meanwhile but a timer that goes off.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from uuid6 import uuid7

from activation_service.activations.handlers import services
from activation_service.keys.handlers import take
from activation_service.policy import Offer, Software, policy_of
from activation_service.products.domain import Product
from activation_service.software import store
from activation_service.software.domain import DAY, ITSELF, Licence
from activation_service.software.lapsing import settle
from chassis.caller import Caller, Whose
from chassis.database import Pool, Tx
from event_schemas.activation import ServiceActivated
from event_schemas.activation_contracts import LicenceIssued, LicenceMaintenanceReinstated

Said = LicenceIssued | LicenceMaintenanceReinstated
"""What a service that starts can mean for licences."""


async def issue(activated: ServiceActivated, offer: Offer, product: Product, tx: Tx) -> list[Said]:
    """A licence for each program of a service that starts; one that has to wait for its key says nothing yet.

    A licence that the customer has for the product, and that was maintained until yesterday at least, goes on with the
    new service; that is said of one that has lapsed this morning.
    """
    said: list[Said] = []
    yesterday = policy_of(activated.brand).day_of(activated.activated_at) - DAY
    for program in sorted(offer.software, key=lambda one: one.reference):
        held = await store.continued(
            tx, activated.product_id, activated.customer_id, program.reference, on_or_after=yesterday
        )
        if held:
            await store.serve(tx, activated.activation_id, held, activated.ends_on)
            continued = await settle(held, tx)
            said += [continued] if continued else []
        else:
            said += await _grant(activated, program, product, tx)
    return said


async def maintained_until(activation_id: UUID, until: date, tx: Tx) -> list[LicenceMaintenanceReinstated]:
    """The service has another last day, inclusive, later or earlier than before.

    There is something to say only when maintenance had lapsed and goes on without a gap, by a late renewal: no fee.
    """
    await store.reschedule(tx, activation_id, until)
    settled = [await settle(licence_id, tx) for licence_id in await store.served(tx, activation_id)]
    return [said for said in settled if said]


async def revoke(activation_id: UUID, tx: Tx) -> None:
    """The service never counted: licences that it alone maintains are void, and their keys are used up."""
    licence_ids = await store.served(tx, activation_id)
    await store.unserve(tx, activation_id)
    for licence_id in licence_ids:
        await settle(licence_id, tx)


async def hand_over(
    activation_id: UUID, to_customer_id: UUID, owner: str, organisation_id: UUID | None, tx: Tx
) -> list[LicenceMaintenanceReinstated]:
    """The service goes on for another customer, and its licences with it: the former one sees them no more.

    One that another service maintains for a customer whose product it was stays with them until that ends too.
    """
    said: list[LicenceMaintenanceReinstated | None] = []
    for licence_id in await store.served(tx, activation_id):
        kept = await _kept(licence_id, to_customer_id, tx)
        if not kept and await store.hand_over(tx, licence_id, to_customer_id, owner, organisation_id):
            await store.note(tx, licence_id, "handed_over", "service", ITSELF)
        said.append(await settle(licence_id, tx))
    return [one for one in said if one]


async def _kept(licence_id: UUID, to_customer_id: UUID, tx: Tx) -> bool:
    """Whether a service maintains a licence today that is not this customer's."""
    found = await services([term.activation_id for term in await store.terms(tx, licence_id)], tx)
    return any(
        one.customer_id != to_customer_id and one.runs_on(policy_of(one.brand).day_of(tx.now)) for one in found.values()
    )


async def adopt(product_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None, tx: Tx) -> None:
    """A customer's licences whose owner was not known are this owner's files (REG-06)."""
    await store.adopt(tx, product_id, customer_id, owner, organisation_id)


async def licence_seen(licence_id: UUID, by: Caller, db: Pool | Tx) -> Licence | None:
    """A licence that the caller may see; None for an unknown and another's alike (REG-06)."""
    return await store.find(db, Whose.seen_by(by), licence_id)


async def _grant(activated: ServiceActivated, program: Software, product: Product, tx: Tx) -> list[LicenceIssued]:
    licence = _licence(activated, program, product, tx)
    await store.add(tx, licence)
    await store.serve(tx, activated.activation_id, licence.licence_id, activated.ends_on)
    await store.note(tx, licence.licence_id, "granted", "service", ITSELF)
    await settle(licence.licence_id, tx)
    has_key = await take(licence.brand, licence.software, licence.licence_id, tx)
    return [await issue_key(licence, tx)] if has_key else []


async def issue_key(licence: Licence, tx: Tx) -> LicenceIssued:
    """A licence has got its key."""
    issued = replace(licence, issued_at=tx.now)
    await store.put(tx, issued)
    await store.note(tx, licence.licence_id, "issued", "service", ITSELF)
    return issued.issued()


def _licence(activated: ServiceActivated, program: Software, product: Product, tx: Tx) -> Licence:
    return Licence(
        licence_id=uuid7(),
        brand=activated.brand,
        software=program.reference,
        software_name=program.name,
        product_id=activated.product_id,
        serial=activated.serial,
        model=product.model,
        customer_id=activated.customer_id,
        owner=product.owner,
        organisation_id=product.organisation_id,
        activation_id=activated.activation_id,
        maintained_until=activated.ends_on,
        created_at=tx.now,
    )
