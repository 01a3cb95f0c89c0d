"""What registration says of units and products reaches every room that it concerns (ACT-01, ACT-09, REG-17, REG-18).

Each deed holds the product first, so that no two of them miss each other.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from activation_service.activations.handlers import adopt, hold_product, service_redeemed, services_of, take_back
from activation_service.codes.handlers import note_redeemed, note_returned
from activation_service.contracts.handlers import adopt as adopt_contracts
from activation_service.contracts.handlers import take_out
from activation_service.policy import Offer, policy_of
from activation_service.products.handlers import fact_of, note_move, note_product, note_transfer
from activation_service.redemptions import hands_store, store
from activation_service.redemptions.domain import move_told, transfer_told
from activation_service.redemptions.hands import catch_up
from activation_service.redemptions.starting import begin, facts_of, refusal, usable_offer
from activation_service.requests.domain import Item
from activation_service.requests.handlers import call_off, hold, item_of, item_of_redemption, settle
from activation_service.software.handlers import adopt as adopt_licences
from activation_service.software.handlers import revoke
from chassis.database import Tx
from event_schemas import Event
from event_schemas.activation import ActivationRefusal
from event_schemas.registration import (
    CertificateRedeemed,
    CodeRefused,
    ProductRegistered,
    RegistrationCancelled,
)
from event_schemas.registration_cases import MoveExecuted, ProductTransferred


async def register_product(event: ProductRegistered, tx: Tx) -> None:
    """A product is known, and whose file it is; services that were heard of before become that owner's too."""
    await hold_product(event.product_id, tx)
    await note_product(event, tx)
    await _keep_holder(event.product_id, event.customer_id, event.registered_by or "", event.organisation_id, tx)


async def activate_service(event: CertificateRedeemed, tx: Tx) -> list[Event]:
    """One decision per redemption, however often and in however many events it is heard; UnknownBrand passes.

    What was heard of its product before, out of order, is applied at once.
    """
    await hold_product(event.product_id, tx)
    await note_redeemed(event.certificate_id, event.redemption_id, tx)
    fact, item = fact_of(tx), await item_of(event.request_id, tx)
    offer = await usable_offer(event, fact, tx)
    if item:
        item = await _where_it_stands(item, event, fact, tx)
    outcome: store.Outcome = "refused" if not isinstance(offer, Offer) else "held" if _waits(item) else "activated"
    if not await store.claim(tx, event, fact, outcome):
        await _settle_taken_back(event, tx)
        return []
    if not isinstance(offer, Offer):
        return await _refuse(event, offer, tx)
    if item and item.mismatch and (held := await hold(item, event, tx)):
        return [held]
    return await begin(event, offer, item, tx)


async def stop_activation(event: RegistrationCancelled, tx: Tx) -> list[Event]:
    """The redemption was taken back; a certificate heard of later, out of order, is not activated either."""
    await hold_product(event.product_id, tx)
    await note_returned(event.certificate_id, event.redemption_id, tx)
    await store.take_back(tx, event.redemption_id)
    await hands_store.drop_waiting(tx, event.redemption_id)
    if item := await item_of_redemption(event.redemption_id, tx):
        await settle(item.item_id, event, tx)
    found = await service_redeemed(event.redemption_id, tx)
    if found is None or await take_back(found.activation_id, tx) is None:
        return []
    await revoke(found.activation_id, tx)
    return facts_of(await take_out(found.activation_id, None, tx))


async def note_code_refusal(event: CodeRefused, tx: Tx) -> None:
    """The code that was given with a request is not redeemed: its item says why (ACT-02)."""
    await hold_product(event.product_id, tx)
    await settle(event.request_id, event, tx)


async def transfer_services(event: ProductTransferred, tx: Tx) -> list[Event]:
    """The services that were the product's then follow it to its new customer, or end (REG-17); UnknownBrand passes.

    Registration names those of redeemed units; what a contract brought without one goes the same way.
    """
    await hold_product(event.product_id, tx)
    policy_of(event.brand)
    await note_transfer(event, tx)
    transfer = transfer_told(event, fact_of(tx))
    if event.to_customer_id:
        to = (event.to_customer_id, transfer.to_owner, transfer.to_organisation_id)
        await _keep_holder(event.product_id, *to, tx)
    facts: list[Event] = []
    changes_on = event.takes_effect_on or event.transferred_on
    for one in [*event.redemption_ids, *await _without_unit(event.product_id, changes_on, tx)]:
        await hands_store.keep_transfer(tx, one, transfer)
        facts += await catch_up(one, tx)
    return facts


async def follow_move(event: MoveExecuted, tx: Tx) -> list[Event]:
    """The product stands in another country: nobody knows its site, and what is not given there ends (REG-18)."""
    await hold_product(event.product_id, tx)
    await note_move(event, tx)
    facts: list[Event] = []
    if await hands_store.keep_move(tx, event.product_id, move_told(event, fact_of(tx))):
        for one in await services_of(event.product_id, tx):
            facts += await catch_up(one.redemption_id, tx)
    return facts


def _waits(item: Item | None) -> bool:
    return item is not None and item.state == "presented" and item.mismatch


async def _where_it_stands(item: Item, event: CertificateRedeemed, fact: UUID, tx: Tx) -> Item:
    """The item; with `country` among the differences when a move has brought the product elsewhere than its site."""
    country = await hands_store.country_before(tx, event.product_id, event.customer_id, fact)
    if country is None or item.site is None or country == item.site.country or "country" in item.differences:
        return item
    return replace(item, differences=(*item.differences, "country"))


async def _refuse(event: CertificateRedeemed, reason: ActivationRefusal, tx: Tx) -> list[Event]:
    refused = refusal(event, reason)
    await hands_store.drop_waiting(tx, event.redemption_id)
    await settle(event.request_id, refused, tx)
    return [refused]


async def _settle_taken_back(event: CertificateRedeemed, tx: Tx) -> None:
    """An item whose unit was taken back before it was heard to be redeemed is over as well."""
    decided = await store.read(tx, event.redemption_id)
    if decided and decided.outcome == "cancelled" and decided.fact is None:
        await call_off(event.request_id, event.redemption_id, tx)


async def _without_unit(product_id: UUID, day: date, tx: Tx) -> list[UUID]:
    """The entitlements that contracts brought to a product without a redeemed unit and that are not over on a day."""
    live = [one.redemption_id for one in await services_of(product_id, tx) if one.is_live and day <= one.last_day]
    return await store.never_redeemed(tx, live)


async def _keep_holder(product_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None, tx: Tx) -> None:
    if await store.keep_holder(tx, product_id, customer_id, owner, organisation_id, fact_of(tx)):
        for adopting in (adopt, adopt_contracts, adopt_licences):
            await adopting(product_id, customer_id, owner, organisation_id, tx)
