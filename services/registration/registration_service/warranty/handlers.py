"""What activation says of services, kept for the public check; any order and repetition give the same (REG-23)."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from chassis import timers
from chassis.database import Tx
from chassis.routes import Due
from event_schemas.activation import ServiceActivated, ServiceEnded, ServiceOperational
from registration_service.policy import policy_of
from registration_service.products.handlers import end_service
from registration_service.transfers.domain import start_of
from registration_service.warranty import store
from registration_service.warranty.domain import Activation

SERVICE_OVER: Final = "service-over"


async def note_activation(event: ServiceActivated, tx: Tx) -> None:
    """The service is active, and operational later; after its last day the product may redeem it anew (REG-13).

    Raises UnknownBrand.
    """
    await store.note(
        tx, Activation(event.activation_id, event.redemption_id, False, event.operational_at, event.ends_on)
    )
    over = start_of(event.ends_on + timedelta(days=1), policy_of(event.brand).zone)
    await timers.arm(tx, SERVICE_OVER, str(event.redemption_id), over, {"ends_on": event.ends_on.isoformat()})


async def note_operation(event: ServiceOperational, tx: Tx) -> None:
    """The service can be called on."""
    await store.note(tx, Activation(event.activation_id, None, True, event.operational_at, event.ends_on))


async def note_end(event: ServiceEnded, tx: Tx) -> None:
    """The service ends sooner than was planned; the product may redeem it anew (REG-17)."""
    await store.note(tx, Activation(event.activation_id, event.redemption_id, False, ended_on=event.ended_on))
    await end_service(event.redemption_id, event.ended_on, tx)


async def end_full_term(due: Due, tx: Tx) -> None:
    """The last day of a service is over: it gives its place to a new one, unless it had ended before (REG-13)."""
    await end_service(UUID(due.subject), date.fromisoformat(due.payload["ends_on"]), tx)
