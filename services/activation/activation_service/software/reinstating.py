"""Maintenance that has lapsed is quoted and taken up again for a fee, or only with a new licence (ACT-12, I16)."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.activations.handlers import hold_product
from activation_service.policy import policy_of
from activation_service.products.handlers import product_of
from activation_service.software import store
from activation_service.software.domain import Licence, Quote, quote, reinstatable_until, side_of
from activation_service.software.lapsing import lock, settle
from activation_service.software.views import licence_view
from chassis.caller import Caller, Whose
from chassis.database import Pool, Tx
from chassis.transact import Accepted, Refusal
from event_schemas.base import Money


class ReinstateMaintenance(BaseModel):
    """The fee is paid; payment itself is made elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    amount: Money = Field(examples=[{"amount": "97.50", "currency": "EUR"}])
    """The total of the day's quote."""


async def quote_for(licence: Licence, today: date, db: Pool | Tx) -> Quote | Refusal:
    """What reinstatement costs on the brand's day, or why there is none; all refusals are 409."""
    rule = policy_of(licence.brand).reinstatement
    lapsed_on = licence.first_day_without
    last = reinstatable_until(lapsed_on, rule)
    product = await product_of(licence.product_id, db)
    if licence.revoked_at:
        return Refusal("licence-revoked", 409)
    if today < lapsed_on:
        return Refusal("maintenance-running", 409, details={"maintained_until": licence.maintained_until})
    if product is not None and product.customer_id != licence.customer_id:
        return Refusal("product-not-held", 409, details={"serial": licence.serial})
    if rule is None or last is None or today > last:
        return Refusal("new-licence-needed", 409, details={"lapsed_on": lapsed_on, "reinstatable_until": last or "–"})
    return quote(lapsed_on, today, rule)


async def reinstate(command: ReinstateMaintenance, tx: Tx, licence_id: UUID, by: Caller) -> Accepted | Refusal:
    """Take maintenance up again when the amount is that of today's quote; 409 with the right one otherwise."""
    seen = await store.find(tx, Whose.seen_by(by), licence_id)
    if seen is None:
        return Refusal("not-found", 404)
    await hold_product(seen.product_id, tx)
    licence = await lock(licence_id, tx)
    today = policy_of(licence.brand).day_of(tx.now)
    quoted = await quote_for(licence, today, tx)
    if isinstance(quoted, Refusal):
        return quoted
    if command.amount != quoted.total:
        return Refusal("amount-not-quoted", 409, "/amount", _text(command.amount), _text(quoted.total))
    await store.reinstate(tx, licence_id, quoted.maintained_until)
    said = await settle(licence_id, tx, quoted.total)
    await store.note(tx, licence_id, "reinstated", side_of(by), by.subject)
    return Accepted(licence_view(await store.lock(tx, licence_id), today), said, 200)


def _text(money: Money) -> str:
    return f"{money.amount} {money.currency}"
