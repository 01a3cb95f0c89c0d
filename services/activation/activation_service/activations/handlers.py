"""A redeemed certificate is activated, announced as operational, or stopped (ACT-01, ACT-07)."""

from typing import Final
from uuid import UUID

from uuid6 import uuid7

from activation_service.activations import store
from activation_service.activations.domain import decide
from activation_service.policy import policy_of
from chassis import timers
from chassis.database import Tx
from chassis.routes import Due
from event_schemas.activation import ActivationRefused, ServiceActivated, ServiceOperational
from event_schemas.registration import CertificateRedeemed, RegistrationCancelled

SETUP_OVER: Final = "setup-over"


async def activate_service(event: CertificateRedeemed, tx: Tx) -> ServiceActivated | ActivationRefused | None:
    """One decision per redemption, however often and in however many events it is heard; UnknownBrand passes."""
    outcome = decide(event, policy_of(event.brand), uuid7(), tx.now)
    refused = isinstance(outcome, ActivationRefused)
    if not await store.claim(tx, event.redemption_id, "refused" if refused else "activated"):
        return None
    if isinstance(outcome, ServiceActivated):
        await store.add(tx, outcome)
        await timers.arm(tx, SETUP_OVER, str(outcome.activation_id), outcome.operational_at)
    return outcome


async def announce_operational(due: Due, tx: Tx) -> ServiceOperational | None:
    """The set-up is over; says nothing about an activation that was cancelled meanwhile."""
    return await store.become_operational(tx, UUID(due.subject))


async def stop_activation(event: RegistrationCancelled, tx: Tx) -> None:
    """The redemption was taken back; a certificate heard of later, out of order, is not activated either."""
    activation_id = await store.take_back(tx, event.redemption_id)
    if activation_id is None:
        return
    # the timer first: a timer that goes off locks in the same order, so the two cannot block each other
    await timers.cancel(tx, SETUP_OVER, str(activation_id))
    await store.cancel(tx, activation_id)
