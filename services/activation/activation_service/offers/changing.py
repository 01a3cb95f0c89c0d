"""Staff publish, change and withdraw offers; each change is the next revision (ACT-04)."""

from activation_service.offers import store
from activation_service.offers.catalogue import take_over
from activation_service.offers.commands import ChangeOffer, PublishOffer, WithdrawOffer, etag_of, view_of
from activation_service.offers.domain import Listed, changed, withdrawn
from activation_service.policy import LANGUAGES
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.activation_offers import OfferPublished


async def publish_offer(command: PublishOffer, tx: Tx, language: str) -> Accepted | Refusal:
    """A new offer, on sale from now on; a reference names one offer of a brand for ever. Raises UnknownBrand."""
    published = await take_over(command.brand, tx)
    if await store.find(tx, command.brand, command.reference):
        return Refusal("offer-exists", 409, "/reference", command.reference)
    return await _write(Listed(command.brand, command.offer), published, tx, language, 201)


async def change_offer(
    command: ChangeOffer, tx: Tx, reference: str, if_match: str | None, language: str
) -> Accepted | Refusal:
    """Other content from now on, or on sale again; what runs already keeps what it was activated with."""
    published = await take_over(command.brand, tx)
    found = await _found(command.brand, reference, if_match, language, tx)
    if isinstance(found, Refusal):
        return found
    changes = command.model_dump(exclude={"brand"}, exclude_unset=True)
    return await _settle(found, changed(found, changes), published, tx, language)


async def withdraw_offer(
    command: WithdrawOffer, tx: Tx, reference: str, if_match: str | None, language: str
) -> Accepted | Refusal:
    """Nothing new is sold; certificates that were sold can still be redeemed. Once it is so, it stays so."""
    published = await take_over(command.brand, tx)
    found = await _found(command.brand, reference, if_match, language, tx)
    if isinstance(found, Refusal):
        return found
    return await _settle(found, withdrawn(found), published, tx, language)


async def _found(brand: str, reference: str, if_match: str | None, language: str, tx: Tx) -> Listed | Refusal:
    found = await store.find(tx, brand, reference)
    if found is None:
        return Refusal("not-found", 404)
    if if_match is not None and if_match.strip() not in ("*", *(etag_of(found, each) for each in LANGUAGES)):
        return Refusal("offer-changed", 412, "/If-Match", if_match, etag_of(found, language))
    return found


async def _settle(
    before: Listed, after: Listed, published: list[OfferPublished], tx: Tx, language: str
) -> Accepted | Refusal:
    if after == before:
        return Accepted(view_of(before, language), published, 200)
    return await _write(after, published, tx, language, 200)


async def _write(listed: Listed, published: list[OfferPublished], tx: Tx, language: str, status: int) -> Accepted:
    await store.put(tx, listed)
    return Accepted(view_of(listed, language), [*published, listed.published], status)
