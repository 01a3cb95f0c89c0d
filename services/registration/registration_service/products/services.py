"""What becomes of redeemed services: they run out, go on, or never run, and then their unit comes back (REG-09)."""

from datetime import date
from uuid import UUID

import structlog

from chassis.database import Tx
from event_schemas.activation import ActivationRefused
from event_schemas.registration import CancellationReason, RegistrationCancelled
from registration_service.products import redemptions_store as store
from registration_service.products.handlers import cancel

log = structlog.get_logger()


async def give_unit_back(event: ActivationRefused, tx: Tx) -> RegistrationCancelled | None:
    """The service cannot run: its unit returns to the certificate, once; the product stays registered (REG-09)."""
    return await give_back(event.redemption_id, CancellationReason.ACTIVATION_REFUSED, tx)


async def give_back(redemption_id: UUID, reason: CancellationReason, tx: Tx) -> RegistrationCancelled | None:
    """Return the unit of a service that activation does not give; nothing when it is back, or there was none."""
    redemption = await store.lock_redemption(tx, redemption_id)
    if redemption is None:
        log.info("nothing to give back", redemption_id=str(redemption_id))
        return None
    return (await cancel(redemption, reason, "activation", tx)).fact


async def end_service(redemption_id: UUID, ended_on: date, tx: Tx) -> None:
    """A service of a product ends on a day, inclusive; the same may be registered for it again (REG-13, REG-17)."""
    await store.end(tx, redemption_id, ended_on)


async def take_up_service(redemption_id: UUID, ran_out_on: date, tx: Tx) -> None:
    """A service that had run out on a day goes on, unless the product has the same one anew by now (ACT-10)."""
    if await store.lock_redemption(tx, redemption_id):
        await store.take_up(tx, redemption_id, ran_out_on)
