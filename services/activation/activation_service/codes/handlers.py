"""A code is bought, its units are used and given back, its buyer is warned before it lapses (ACT-03).

Everything may be heard in any order: units are counted by their redemptions, and what is to be said is for the timers.
"""

from datetime import date
from typing import Final
from uuid import UUID

from activation_service.codes import store
from activation_service.codes.domain import Code, lapse_moment, last_day_of_use, next_warning, warning_due
from activation_service.offers.handlers import offer_of
from activation_service.policy import policy_of
from chassis import timers
from chassis.database import Tx
from chassis.routes import Due
from event_schemas.activation import CodeLapsed, CodeLapsing
from event_schemas.registration import OrderConfirmed

CODE_LAPSING: Final = "code-lapsing"
CODE_LAPSED: Final = "code-lapsed"


async def note_order(event: OrderConfirmed, tx: Tx) -> None:
    """A code was bought; where it has a deadline, that is watched. Raises UnknownBrand.

    The deadline is the one that was said when the order was confirmed, whatever becomes of its offer. An order of
    before, which says no day of purchase, has that of the offer as it stands when the order is heard of.
    """
    policy = policy_of(event.brand)
    offer = await offer_of(event.brand, event.service_reference, tx)
    purchased_on, lapses_on = event.purchased_on, event.usable_until
    if purchased_on is None:
        purchased_on = policy.day_of(tx.now)
        lapses_on = last_day_of_use(purchased_on, offer.code_days if offer else None)
    code = Code(
        certificate_id=event.certificate_id,
        order_id=event.order_id,
        brand=event.brand,
        buyer_id=event.buyer_id,
        case_number=event.case_number,
        service_reference=event.service_reference,
        service_name=offer.name.speak(policy.language) if offer else event.service_name,
        quantity=event.quantity,
        purchased_on=purchased_on,
        lapses_on=lapses_on,
        confirmed_at=tx.now,
    )
    if await store.add(tx, code):
        await _watch(code, tx)


async def note_redeemed(certificate_id: UUID, redemption_id: UUID, tx: Tx) -> None:
    """A unit of a certificate is used, whether its order was heard of or not."""
    await store.take(tx, certificate_id, redemption_id)


async def note_returned(certificate_id: UUID, redemption_id: UUID, tx: Tx) -> None:
    """A unit is on its certificate again: what was not said for want of units is said by the timers, now or later."""
    code = await store.find(tx, certificate_id)
    await store.give_back(tx, certificate_id, redemption_id)
    if code:
        await _watch(code, tx)


async def is_usable(brand: str, service_reference: str, purchased_on: date, today: date, tx: Tx) -> bool:
    """Whether some code of a service that was bought on a day can be used today, whatever its offer says by now."""
    return await store.has_usable(tx, brand, service_reference, purchased_on, today)


async def warn_of_lapse(due: Due, tx: Tx) -> CodeLapsing | None:
    """Say the latest warning that is due, while units are left, and wait for the next one."""
    code = await store.find(tx, UUID(due.subject))
    if code is None:
        return None
    policy = policy_of(code.brand)
    if coming := next_warning(code, policy, tx.now):
        await timers.arm(tx, CODE_LAPSING, due.subject, coming)
    days, left = warning_due(code, policy, tx.now), await store.units_left(tx, code)
    if days is None or not left:
        return None
    await store.note_warning(tx, code.certificate_id, days)
    return code.lapsing(left)


async def end_code(due: Due, tx: Tx) -> CodeLapsed | None:
    """The last day is over: say so once, when units are left."""
    code = await store.find(tx, UUID(due.subject))
    if code is None or code.lapses_on is None or code.lapse_said:
        return None
    left = await store.units_left(tx, code)
    if not left:
        return None
    await store.note_lapse(tx, code.certificate_id)
    return code.lapsed(left)


async def _watch(code: Code, tx: Tx) -> None:
    if code.lapses_on is None:
        return
    policy, subject = policy_of(code.brand), str(code.certificate_id)
    warned = tx.now if warning_due(code, policy, tx.now) is not None else next_warning(code, policy, tx.now)
    if warned:
        await timers.arm(tx, CODE_LAPSING, subject, warned)
    if not code.lapse_said:
        await timers.arm(tx, CODE_LAPSED, subject, lapse_moment(code.lapses_on, policy))
