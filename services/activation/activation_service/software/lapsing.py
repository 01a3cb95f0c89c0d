"""Until when a licence is maintained follows from its services; the day after, it lapses (ACT-12)."""

from dataclasses import replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from activation_service.activations.handlers import services
from activation_service.policy import Policy, policy_of
from activation_service.software import store
from activation_service.software.domain import ITSELF, Licence
from chassis import timers
from chassis.database import Tx
from chassis.routes import Due
from event_schemas.activation_contracts import LicenceMaintenanceLapsed, LicenceMaintenanceReinstated
from event_schemas.base import Money

MAINTENANCE_OVER: Final = "maintenance-over"


async def settle(licence_id: UUID, tx: Tx, fee: Money | None = None) -> LicenceMaintenanceReinstated | None:
    """Write until when a licence is maintained, void it when no service is left, and set its timer.

    The fact comes when maintenance had lapsed and runs again, with the fee that was paid for it, if any.
    """
    licence = await lock(licence_id, tx)
    if licence.revoked_at:
        return None
    term = await _term(licence, tx)
    if term is None:
        await store.put(tx, replace(licence, revoked_at=tx.now))
        await store.note(tx, licence_id, "revoked", "service", ITSELF)
        return None
    policy = policy_of(licence.brand)
    now_until = replace(licence, activation_id=term.activation_id, maintained_until=term.until)
    if licence.lapsed_on is None and fee is None:
        await _keep(now_until, policy, tx)
        return None
    if now_until.maintenance(policy.day_of(tx.now)) == "lapsed":
        await store.put(tx, now_until)
        return None
    again = replace(now_until, lapsed_on=None)
    await _keep(again, policy, tx)
    if fee is None:
        await store.note(tx, licence_id, "continued", "service", ITSELF)
    return again.reinstated(fee or nothing(policy))


async def _term(licence: Licence, tx: Tx) -> store.Term | None:
    """The longest that its customer's services maintain it; another's count only where the customer has none."""
    terms = await store.terms(tx, licence.licence_id)
    known = await services([term.activation_id for term in terms], tx) if len(terms) > 1 else {}
    whose = {key: one.customer_id for key, one in known.items()}
    own = [term for term in terms if whose.get(term.activation_id, licence.customer_id) == licence.customer_id]
    return next(iter(own or terms), None)


async def lock(licence_id: UUID, tx: Tx) -> Licence:
    """A licence to be changed by somebody who holds its product; whoever changes it arms its timer anew."""
    # the timer first: a timer that goes off locks in the same order, so the two cannot block each other
    await timers.cancel(tx, MAINTENANCE_OVER, str(licence_id))
    return await store.lock(tx, licence_id)


async def lapse(due: Due, tx: Tx) -> LicenceMaintenanceLapsed | None:
    """The last day of maintenance is over: said once; nothing of a licence that is maintained on, or void."""
    licence = await store.lock(tx, UUID(due.subject))
    policy = policy_of(licence.brand)
    if licence.revoked_at or licence.lapsed_on:
        return None
    if licence.maintenance(policy.day_of(tx.now)) == "running":
        await _keep(licence, policy, tx)
        return None
    lapsed = replace(licence, lapsed_on=licence.first_day_without)
    await store.put(tx, lapsed)
    await store.note(tx, licence.licence_id, "lapsed", "service", ITSELF)
    return lapsed.lapsed(policy)


async def _keep(licence: Licence, policy: Policy, tx: Tx) -> None:
    await store.put(tx, licence)
    due_at = policy.start_of(licence.first_day_without)
    await timers.arm(tx, MAINTENANCE_OVER, str(licence.licence_id), due_at)


def nothing(policy: Policy) -> Money:
    """No fee, in the brand's currency."""
    currency = policy.reinstatement.fee.currency if policy.reinstatement else "EUR"
    return Money(amount=Decimal(0), currency=currency)
