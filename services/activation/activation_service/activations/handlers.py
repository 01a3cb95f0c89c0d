"""A redeemed certificate is activated, announced as operational, stopped, or changes hands (ACT-01, ACT-07, REG-17)."""

from typing import Final
from uuid import UUID

from uuid6 import uuid7

from activation_service.activations import store
from activation_service.activations.domain import Transfer, decide, transfer_told
from activation_service.policy import policy_of
from chassis import timers
from chassis.database import Tx
from chassis.routes import Due
from event_schemas.activation import ActivationRefused, ServiceActivated, ServiceEnded, ServiceOperational
from event_schemas.registration import CertificateRedeemed, RegistrationCancelled
from event_schemas.registration_cases import ProductTransferred

SETUP_OVER: Final = "setup-over"


async def activate_service(
    event: CertificateRedeemed, tx: Tx
) -> list[ServiceActivated | ServiceEnded] | ActivationRefused | None:
    """One decision per redemption, however often and in however many events it is heard; UnknownBrand passes.

    A transfer that was heard before, out of order, is applied at once.
    """
    await store.hold_product(tx, event.product_id)
    outcome = decide(event, policy_of(event.brand), uuid7(), tx.now)
    refused = isinstance(outcome, ActivationRefused)
    if not await store.claim(tx, event.redemption_id, "refused" if refused else "activated"):
        return None
    if isinstance(outcome, ActivationRefused):
        return outcome
    await store.add(tx, outcome)
    await timers.arm(tx, SETUP_OVER, str(outcome.activation_id), outcome.operational_at)
    waited = await store.transfers_waiting(tx, event.redemption_id)
    ended = [await _change_hands(event.redemption_id, transfer, event.brand, tx) for transfer in waited]
    return [outcome, *(each for each in ended if each)]


async def announce_operational(due: Due, tx: Tx) -> ServiceOperational | None:
    """The set-up is over; says nothing about an activation that was cancelled meanwhile, or ended before its set-up."""
    return await store.become_operational(tx, UUID(due.subject))


async def stop_activation(event: RegistrationCancelled, tx: Tx) -> None:
    """The redemption was taken back; a certificate heard of later, out of order, is not activated either."""
    await store.hold_product(tx, event.product_id)
    activation_id = await store.take_back(tx, event.redemption_id)
    if activation_id is None:
        return
    # the timer first: a timer that goes off locks in the same order, so the two cannot block each other
    await timers.cancel(tx, SETUP_OVER, str(activation_id))
    await store.cancel(tx, activation_id)


async def transfer_services(event: ProductTransferred, tx: Tx) -> list[ServiceEnded]:
    """The services that were the product's then follow it to its new customer, or end (REG-17); UnknownBrand passes."""
    await store.hold_product(tx, event.product_id)
    transfer = transfer_told(event)
    ended = [await _change_hands(one, transfer, event.brand, tx) for one in event.redemption_ids]
    return [each for each in ended if each]


async def _change_hands(redemption_id: UUID, transfer: Transfer, brand: str, tx: Tx) -> ServiceEnded | None:
    service = await store.service_of(tx, redemption_id)
    if service is None:  # its certificate is still to be heard of, or never became a service
        await store.keep_transfer(tx, redemption_id, transfer)
        return None
    policy = policy_of(brand)
    if not transfer.ends(service.service_reference, policy):
        await store.follow(tx, service.activation_id, transfer)
        return None
    if service.ends_on <= transfer.last_billable_on:  # it is over by then of itself
        return None
    if policy.day_of(service.operational_at) <= transfer.last_billable_on:
        return await store.end(tx, service.activation_id, transfer.last_billable_on, sets_up=True)
    await timers.cancel(tx, SETUP_OVER, str(service.activation_id))  # first, as in stop_activation
    at_once = min(transfer.last_billable_on, policy.day_of(tx.now))
    return await store.end(tx, service.activation_id, at_once, sets_up=False)
