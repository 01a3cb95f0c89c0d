"""A customer or their dealer takes a registration back; its unit can be redeemed again (REG-09)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.caller import Caller, Whose
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.registration import CancellationReason
from registration_service.contacts.domain import Reason
from registration_service.contests.handlers import is_contested
from registration_service.products.domain import Product
from registration_service.products.handlers import cancel, find, give_up, lock_redemption, release, services_of
from registration_service.registrations import store


class CancelRegistration(BaseModel):
    """Why a registration is taken back."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reason: Reason | None = Field(None, examples=["Registered for the wrong laptop"])
    """Kept with the registration, told to nobody else."""


class CancellationView(BaseModel):
    """A registration that is taken back."""

    redemption_id: UUID
    state: Literal["cancelled"] = "cancelled"
    cancelled_at: datetime
    certificate_id: UUID
    units_left: int = Field(examples=[3])
    """On the certificate, with the one that came back."""


async def cancel_registration(
    command: CancelRegistration, tx: Tx, redemption_id: UUID, by: Caller
) -> Accepted | Refusal:
    """Give the unit back, once; a product without any service left is nobody's until it is registered again.

    Only those let go of a product who have a say about it: not who registered one more service for another's.
    """
    whose = Whose.seen_by(by)
    if await store.find(tx, whose, redemption_id) is None:
        return Refusal("not-found", 404)
    redemption = await lock_redemption(redemption_id, tx)
    found = await store.find(tx, whose, redemption_id)  # as it stands now that nobody else can change it
    if found is None:
        return Refusal("not-found", 404)
    if redemption is None:
        return Refusal("registration-cancelled", 409, details={"cancelled_at": found["cancelled_at"]})
    if found["ended_on"]:
        return Refusal("service-ended", 409, details={"ended_on": found["ended_on"]})
    if not found["own"]:
        return Refusal("registration-passed-on", 409)
    given_back = await cancel(redemption, CancellationReason.CUSTOMER_REQUEST, by.subject, tx, command.reason)
    if await find(tx, whose, redemption.product.product_id):
        await _let_go(redemption.product, tx)
    view = CancellationView(
        redemption_id=redemption_id,
        cancelled_at=tx.now,
        certificate_id=redemption.certificate_id,
        units_left=given_back.units_left,
    )
    return Accepted(view, given_back.fact, 200)


async def _let_go(product: Product, tx: Tx) -> None:
    if await services_of(product, tx):
        return
    claimed = await is_contested(product.product_id, tx)
    await (give_up(product, tx) if claimed else release(product, tx))
