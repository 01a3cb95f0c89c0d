"""A product without a service: registered, so that one can be activated by code, and let go of (ACT-02, L02)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.caller import Caller, Whose
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from registration_service.contests.handlers import is_contested
from registration_service.policy import policy_of
from registration_service.products.domain import Product
from registration_service.products.handlers import Held, find, keep, release, services_of
from registration_service.products.naming import lock_named
from registration_service.products.views import view_of
from registration_service.registrations import store
from registration_service.registrations.purchases import Purchase, claim, hold_claimed, model_said, unacceptable


class RegisterStandalone(Purchase):
    """One product of one customer, without a service; its standard warranty runs with or without it (REG-14)."""


class WithdrawProduct(BaseModel):
    """The customer does not keep the product registered."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{}]})


class WithdrawnProduct(BaseModel):
    """A product that is nobody's until it is registered again."""

    product_id: UUID
    state: Literal["withdrawn"] = "withdrawn"
    withdrawn_at: datetime


async def register_standalone(command: RegisterStandalone, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Register a product by the form's rules, with no unit (ProductView, 201). Raises UnknownBrand.

    One that another customer has registered is contested instead (ContestView, 202).
    """
    policy = policy_of(command.brand)
    if wrong := unacceptable(command, policy, policy.day_of(tx.now)):
        return wrong
    model = await model_said(command, tx)
    if isinstance(model, Refusal):
        return model
    claimed = await claim(command, model, tx, by)
    if isinstance(claimed, Refusal):
        return claimed
    held = await hold_claimed(claimed, None, tx, by)
    if not isinstance(held, Held):
        return held
    if held.product.given_up:
        await keep(held.product, tx)
    elif not held.is_fresh:
        return await _known(held.product, by, tx)
    return Accepted(await view_of(held.product, tx), (*claimed.facts, held.product.registered()))


async def withdraw_product(command: WithdrawProduct, tx: Tx, product_id: UUID, by: Caller) -> Accepted | Refusal:
    """Let go of a product on which nothing runs and that nobody claims, as with its last registration (REG-09)."""
    del command  # says nothing
    product = await find(tx, Whose.seen_by(by), product_id)
    locked = await lock_named(product, by, tx) if product else Refusal("not-found", 404)
    if isinstance(locked, Refusal):
        return locked
    if running := await _running(locked, tx):
        return running
    if await is_contested(product_id, tx):
        return Refusal("product-contested", 409)
    await release(locked, tx)
    return Accepted(WithdrawnProduct(product_id=product_id, withdrawn_at=tx.now), (), 200)


async def _running(product: Product, tx: Tx) -> Refusal | None:
    redeemed = [one.redemption_id for one in (await services_of(product, tx)).values()]
    last = await store.under_contract(tx, product.product_id, None, policy_of(product.brand).day_of(tx.now))
    if not redeemed and last is None:
        return None
    details = {"serial": product.serial, "redemption_ids": redeemed, "under_contract_until": last}
    return Refusal("services-running", 409, details=details)


async def _known(product: Product, by: Caller, tx: Tx) -> Refusal:
    details: dict[str, object] = {"contact_address": policy_of(product.brand).contacts.requests}
    if await find(tx, Whose.seen_by(by), product.product_id):
        details["product_id"] = product.product_id
    return Refusal("product-already-registered", 409, "/serial", product.serial, details=details)
