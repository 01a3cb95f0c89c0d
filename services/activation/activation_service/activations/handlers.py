"""Services start, become operational, go on, change hands and end (ACT-01, ACT-07, ACT-14, REG-17, REG-18).

Whoever calls one of the deeds holds the product (`hold_product`), before any other lock.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid6 import uuid7

from activation_service.activations import find_store, store
from activation_service.activations.domain import Activation, ContractRef, NewService
from activation_service.activations.setup import operational_at
from activation_service.policy import Policy, policy_of
from chassis import timers
from chassis.caller import Caller, Whose
from chassis.database import Pool, Tx
from chassis.routes import Due
from event_schemas.activation import (
    ActivationCancelled,
    EndReason,
    ServiceActivated,
    ServiceEnded,
    ServiceExtended,
    ServiceOperational,
    SiteAssigned,
)

SETUP_OVER: Final = "setup-over"


async def hold_product(product_id: UUID, tx: Tx) -> None:
    """One deed about a product's services at a time; several products are held in the order of their ids."""
    await store.hold_product(tx, product_id)


async def start(new: NewService, tx: Tx) -> ServiceActivated:
    """The service is active from its moment on, and its set-up is timed (ACT-01, ACT-07). Raises UnknownBrand."""
    policy = policy_of(new.brand)
    fact = _activated(new, policy, tx)
    first = new.first_day(policy, tx.now)
    await store.add(tx, fact, new.product.owner, new.product.organisation_id, first)
    await timers.arm(tx, SETUP_OVER, str(fact.activation_id), fact.operational_at)
    return fact


def _activated(new: NewService, policy: Policy, tx: Tx) -> ServiceActivated:
    starts_at = new.starts_at or tx.now
    zone, country = policy.time_zone, policy.country
    if new.site:
        zone, country = ZoneInfo(new.site.time_zone), new.site.country
    return ServiceActivated(
        brand=new.brand,
        activation_id=uuid7(),
        product_id=new.product.product_id,
        redemption_id=new.redemption_id,
        serial=new.product.serial,
        service_reference=new.offer.reference,
        service_name=new.offer.name.speak(policy.language),
        response_level=new.offer.response_level,
        customer_id=new.customer_id,
        activated_at=starts_at,
        operational_at=operational_at(policy, starts_at, zone, country),
        ends_on=new.final_day(policy, tx.now),
        model=new.product.model,
        site_number=new.site.number if new.site else None,
        contract_id=new.contract.contract_id if new.contract else None,
        contract_number=new.contract.number if new.contract else None,
        terms_version=new.terms_version,
        request_id=new.request_id,
        agreed=new.agreed,
    )


async def announce_operational(dues: Sequence[Due], tx: Tx) -> list[ServiceOperational | None]:
    """These set-ups are over; says nothing of one that was cancelled meanwhile, or is over before that.

    Many at a time, because many are activated in one minute and so are operational in one.
    """
    found = await find_store.read_all(tx, [UUID(due.subject) for due in dues])
    in_time = [one.activation_id for one in found if one.last_day >= policy_of(one.brand).day_of(one.operational_at)]
    said = {str(fact.activation_id): fact for fact in await store.become_operational(tx, in_time)}
    return [said.get(due.subject) for due in dues]


async def end(activation_id: UUID, last_day: date, reason: EndReason, tx: Tx) -> ServiceEnded | None:
    """The service ends early, on this day inclusive; None when it is cancelled, or over by then anyway.

    Of several ends the earliest counts. One that ends before its set-up is over is never announced; when its product
    has gone it ends at once then, today at the latest, while a contract that ends pays for it until its last day.
    """
    found = await find_store.read(tx, activation_id)
    if found is None or found.state == "cancelled" or found.last_day <= last_day:
        return None
    policy = policy_of(found.brand)
    sets_up = policy.day_of(found.operational_at) <= last_day
    if not sets_up:
        await timers.cancel(tx, SETUP_OVER, str(activation_id))  # before the row, as in `take_back`
        if reason in (EndReason.TRANSFER, EndReason.MOVE):
            last_day = min(last_day, policy.day_of(tx.now))
    return await store.end(tx, activation_id, last_day, reason, sets_up=sets_up)


async def extend(activation_id: UUID, ends_on: date, tx: Tx) -> ServiceExtended | None:
    """It goes on to a later day, inclusive; None when it ends early, is cancelled or goes on as long already.

    One that was over before its set-up is announced now that it is not.
    """
    found = await find_store.read(tx, activation_id)
    if found and found.state == "in_setup" and found.operational_at <= tx.now:
        await timers.arm(tx, SETUP_OVER, str(activation_id), found.operational_at)  # before the row, as in `take_back`
    return await store.extend(tx, activation_id, ends_on)


async def take_back(activation_id: UUID, tx: Tx) -> ActivationCancelled | None:
    """The service never counted; None when that is so already. Whether it is said depends on who knows it already."""
    # the timer first: a timer that goes off locks in the same order, so the two cannot block each other
    await timers.cancel(tx, SETUP_OVER, str(activation_id))
    return await store.cancel(tx, activation_id)


async def cancel_in_error(activation_id: UUID, tx: Tx) -> ActivationCancelled | None:
    """The service was activated in error; registration gives its unit back when it hears of it (ACT-14)."""
    return await take_back(activation_id, tx)


async def hand_over(
    activation_id: UUID, to_customer_id: UUID, owner: str, organisation_id: UUID | None, tx: Tx
) -> bool:
    """A live service is another customer's from now on; False when it ends early or is cancelled (REG-17)."""
    return await store.follow(tx, activation_id, to_customer_id, owner, organisation_id)


async def adopt(product_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None, tx: Tx) -> None:
    """A customer's services whose owner was not known are this owner's files (REG-06)."""
    await store.adopt(tx, product_id, customer_id, owner, organisation_id)


async def assign_site(activation_id: UUID, site_number: str | None, tx: Tx) -> SiteAssigned | None:
    """It is given at this site, None: not known where; says nothing when that is so already (ACT-05)."""
    return await store.assign(tx, activation_id, site_number)


async def put_under(activation_id: UUID, contract: ContractRef, tx: Tx) -> None:
    """It is a line of this contract from now on (ACT-09)."""
    await store.put_under(tx, activation_id, contract.contract_id, contract.number)


async def running(product_id: UUID, service_reference: str, tx: Tx) -> Activation | None:
    """The same service on the product, in set-up, operational or not over yet; None when there is none (ACT-06)."""
    found = await find_store.latest(tx, product_id, service_reference)
    if found is None or found.last_day < policy_of(found.brand).day_of(tx.now):
        return None
    return found


async def running_on(product_ids: Sequence[UUID], tx: Tx) -> dict[tuple[UUID, str], Activation]:
    """As `running`, for each service of some products: by product and reference (ACT-06)."""
    found = await find_store.latest_of(tx, product_ids)
    today = {brand: policy_of(brand).day_of(tx.now) for brand in {one.brand for one in found}}
    return {(one.product_id, one.service_reference): one for one in found if one.last_day >= today[one.brand]}


async def service(activation_id: UUID, tx: Pool | Tx) -> Activation | None:
    """An activation, whoever asks."""
    return await find_store.read(tx, activation_id)


async def services(activation_ids: Sequence[UUID], tx: Pool | Tx) -> dict[UUID, Activation]:
    """Some activations by their ids, whoever asks."""
    return {one.activation_id: one for one in await find_store.read_all(tx, activation_ids)}


async def service_seen(activation_id: UUID, by: Caller, tx: Pool | Tx) -> Activation | None:
    """An activation that the caller may see; None for an unknown and another's alike (REG-06)."""
    return await find_store.find(tx, Whose.seen_by(by), activation_id)


async def service_redeemed(redemption_id: UUID, tx: Tx) -> Activation | None:
    """The activation that runs on a redeemed unit."""
    return await find_store.read_redeemed(tx, redemption_id)


async def services_of(product_id: UUID, tx: Pool | Tx) -> list[Activation]:
    """All that a product had and has, newest first, whoever asks."""
    return await find_store.of_product(tx, product_id)
