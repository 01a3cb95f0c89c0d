"""A change of hands is reported (REG-17)."""

from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from dateutil.relativedelta import relativedelta
from pydantic import Field
from uuid6 import uuid7

from chassis import timers
from chassis.caller import Caller
from chassis.database import Tx
from chassis.days import Day
from chassis.transact import Accepted, Refusal
from event_schemas import Event
from event_schemas.registration_cases import TransferWithdrawn
from registration_service.certificates.handlers import Reference
from registration_service.contacts.domain import Reason
from registration_service.contacts.handlers import Person, Recognised, recognise
from registration_service.contests.handlers import is_contested
from registration_service.policy import policy_of
from registration_service.products.domain import Product
from registration_service.products.naming import NamedProduct, find_named, lock_named
from registration_service.transfers import store
from registration_service.transfers.domain import Kind, Transfer, last_billable_day
from registration_service.transfers.handlers import TRANSFER_DUE, arm, is_overtaken, take_effect, void
from registration_service.transfers.views import TransferView

LATEST: Final = relativedelta(years=1)


class ReportTransfer(NamedProduct):
    """A leased product goes back, or a product is sold."""

    kind: Kind = Field(examples=["sale"])
    transferred_on: Day = Field(examples=["2026-12-01"])
    """Day of the sale or of the return: from the day of purchase to a year from today, in the brand's time zone."""
    reason: Reason | None = Field(None, examples=["Sold with the office in Ghent."])
    """Why the owner changes; needed for a sale. Shown to those who see the transfer, never said in public."""
    financing_number: Reference | None = Field(None, examples=[None])
    """Of the lease, where it is known."""
    new_customer: Person | None = None
    """Needed for a sale, not given for a lease return."""


async def report_transfer(command: ReportTransfer, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Report a transfer; one of today or before takes effect at once, a later one on its day. Raises UnknownBrand."""
    product = await find_named(command, by, tx)
    if isinstance(product, Refusal):
        return product
    if wrong := _wrong_fields(command) or _wrong_day(command, product, policy_of(product.brand).day_of(tx.now)):
        return wrong
    # contact before product: one order of locks
    buyer = (
        await recognise(command.new_customer, product.brand, tx, "/new_customer", by) if command.new_customer else None
    )
    if isinstance(buyer, Refusal):
        return buyer
    held = await lock_named(product, by, tx)
    if isinstance(held, Refusal):
        return held
    overtaken = await _withdraw_overtaken(held, tx)
    return await _refused(held, buyer, tx) or await _report(command, held, buyer, overtaken, tx, by)


def _wrong_fields(command: ReportTransfer) -> Refusal | None:
    if command.kind == "sale":
        for name in ("reason", "new_customer"):
            if getattr(command, name) is None:
                return Refusal("needed-for-a-sale", 422, f"/{name}")
        return Refusal("lease-return-only", 422, "/financing_number") if command.financing_number else None
    return Refusal("sale-only", 422, "/new_customer") if command.new_customer else None


def _wrong_day(command: ReportTransfer, product: Product, today: date) -> Refusal | None:
    first, last = product.purchased_on, today + LATEST
    if first <= command.transferred_on <= last:
        return None
    return Refusal("transfer-day-impossible", 422, "/transferred_on", str(command.transferred_on), f"{first} … {last}")


async def _withdraw_overtaken(product: Product, tx: Tx) -> tuple[TransferWithdrawn, ...]:
    pending = await store.pending_of(tx, product.product_id)
    if pending is None or not is_overtaken(pending, product):
        return ()
    await timers.cancel_unless_firing(tx, TRANSFER_DUE, str(pending.transfer_id))
    return (await void(pending, tx),)


async def _refused(product: Product, buyer: Recognised | None, tx: Tx) -> Refusal | None:
    if pending := await store.pending_of(tx, product.product_id):
        details = {"transfer_id": pending.transfer_id, "takes_effect_on": pending.takes_effect_on}
        return Refusal("transfer-pending", 409, "/product_id", pending.transfer_id, details=details)
    if await is_contested(product.product_id, tx):
        return Refusal("product-contested", 409, "/product_id", product.product_id)
    if buyer and buyer.contact_id == product.customer_id:
        return Refusal("customer-unchanged", 422, "/new_customer/email")
    return None


async def _report(
    command: ReportTransfer,
    product: Product,
    buyer: Recognised | None,
    overtaken: tuple[TransferWithdrawn, ...],
    tx: Tx,
    by: Caller,
) -> Accepted:
    transfer = _transfer(command, product, buyer.contact_id if buyer else None, tx, by)
    await store.report(tx, transfer)
    said: tuple[Event, ...] = (*(buyer.facts if buyer else ()), *overtaken, transfer.reported())
    if transfer.takes_effect_on > policy_of(product.brand).day_of(tx.now):
        await arm(transfer, tx)
        return Accepted(TransferView.model_validate(transfer), said)
    done = replace(transfer, state="transferred", settled_at=tx.now)
    return Accepted(TransferView.model_validate(done), (*said, *await take_effect(transfer, product, tx)))


def _transfer(command: ReportTransfer, product: Product, buyer: UUID | None, tx: Tx, by: Caller) -> Transfer:
    policy = policy_of(product.brand)
    today = policy.day_of(tx.now)
    return Transfer(
        transfer_id=uuid7(),
        brand=product.brand,
        product_id=product.product_id,
        serial=product.serial,
        model=product.model,
        kind=command.kind,
        state="pending",
        from_customer_id=product.customer_id,
        to_customer_id=buyer,
        transferred_on=command.transferred_on,
        takes_effect_on=max(command.transferred_on, today),
        last_billable_on=last_billable_day(command.transferred_on, today, policy.deadlines.transfer_notice_months),
        reason=command.reason,
        financing_number=command.financing_number,
        owner=by.owner,
        organisation_id=by.organisation,
        by_customer=by.sight.owner is not None and by.organisation is None,
        reported_at=tx.now,
    )
