"""What activation says of services, kept for the public check; any order and repetition give the same (REG-23)."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from chassis import timers
from chassis.database import Tx
from chassis.routes import Due
from event_schemas.activation import (
    ActivationCancelled,
    ServiceActivated,
    ServiceEnded,
    ServiceExtended,
    ServiceOperational,
)
from event_schemas.registration import CancellationReason, RegistrationCancelled
from registration_service.policy import policy_of
from registration_service.products.services import end_service, give_back, take_up_service
from registration_service.transfers.domain import start_of
from registration_service.warranty import store
from registration_service.warranty.domain import Activation, Standing

SERVICE_OVER: Final = "service-over"
Told = ServiceActivated | ServiceOperational | ServiceExtended | ServiceEnded | ActivationCancelled


async def note_activation(event: ServiceActivated, tx: Tx) -> None:
    """The service is active, and operational later; after its last day the product may redeem it anew (REG-13).

    Raises UnknownBrand.
    """
    said = Activation(
        *_which(event),
        redemption_id=event.redemption_id,
        operational_at=event.operational_at,
        ends_on=event.ends_on,
        activated_at=event.activated_at,
    )
    await _await_end(event, await store.note(tx, said), tx)


async def note_operation(event: ServiceOperational, tx: Tx) -> None:
    """The service can be called on."""
    await store.note(
        tx, Activation(*_which(event), is_operational=True, operational_at=event.operational_at, ends_on=event.ends_on)
    )


async def note_extension(event: ServiceExtended, tx: Tx) -> None:
    """The service goes on to a later day, also when its last day was over already (ACT-10). Raises UnknownBrand."""
    before = await store.lock(tx, event.activation_id)
    standing = await store.note(
        tx, Activation(*_which(event), redemption_id=event.redemption_id, ends_on=event.ends_on)
    )
    await _await_end(event, standing, tx)
    ran_out_on = before.ends_on if before else None
    if ran_out_on and standing.ended_on is None and standing.ends_on != ran_out_on:
        await take_up_service(event.redemption_id, ran_out_on, tx)


async def note_end(event: ServiceEnded, tx: Tx) -> None:
    """The service ends sooner than was planned; the product may redeem it anew (REG-17)."""
    await store.note(tx, Activation(*_which(event), redemption_id=event.redemption_id, ended_on=event.ended_on))
    await end_service(event.redemption_id, event.ended_on, tx)


async def note_cancellation(event: ActivationCancelled, tx: Tx) -> RegistrationCancelled | None:
    """The service was activated in error: its unit returns, once; the product stays registered (ACT-14)."""
    await store.note(tx, Activation(*_which(event), redemption_id=event.redemption_id, cancelled=True))
    await timers.cancel(tx, SERVICE_OVER, str(event.redemption_id))
    return await give_back(event.redemption_id, CancellationReason.ACTIVATION_CANCELLED, tx)


async def end_full_term(due: Due, tx: Tx) -> None:
    """The last day of a service is over: it gives its place to a new one, unless it goes on (REG-13)."""
    redemption_id, last_day = UUID(due.subject), date.fromisoformat(due.payload["ends_on"])
    standing = await store.of_redemption(tx, redemption_id)
    if standing is None or standing.ends_on is None or standing.ends_on <= last_day:
        await end_service(redemption_id, last_day, tx)


def _which(event: Told) -> tuple[UUID, UUID, str]:
    return event.activation_id, event.product_id, event.service_reference


async def _await_end(event: ServiceActivated | ServiceExtended, standing: Standing, tx: Tx) -> None:
    """Arm the timer for the latest end that was said, whichever fact came last."""
    if standing.cancelled or standing.ends_on is None:
        return
    over = start_of(standing.ends_on + timedelta(days=1), policy_of(event.brand).zone)
    await timers.arm(tx, SERVICE_OVER, str(event.redemption_id), over, {"ends_on": standing.ends_on.isoformat()})
