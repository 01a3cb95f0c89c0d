"""A cross-border move is requested (REG-18)."""

from datetime import date
from typing import Annotated

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from chassis.caller import Caller
from chassis.database import Tx
from chassis.days import Day
from chassis.transact import Accepted, Refusal
from registration_service.contacts.countries import country_of, country_problem
from registration_service.contacts.domain import Reason
from registration_service.contacts.handlers import PostalCode
from registration_service.contacts.names import Name
from registration_service.moves import store
from registration_service.moves.domain import Move
from registration_service.moves.handlers import withdraw_open_move
from registration_service.moves.views import move_view
from registration_service.policy import policy_of
from registration_service.products.domain import Product
from registration_service.products.naming import NamedProduct, find_named, lock_named

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class NewAddress(BaseModel):
    """Where the product will be, in the country to which it moves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    street: Name = Field(examples=["Bahnhofstrasse 1"])
    postal_code: PostalCode = Field(examples=["8001"])
    city: Name = Field(examples=["Zürich"])


class RequestMove(NamedProduct):
    """A product shall move to another country."""

    to_country: CountryCode = Field(examples=["CH"])
    """ISO 3166-1 alpha-2."""
    from_country: CountryCode | None = Field(None, examples=["BE"])
    """Needed only when neither an executed move nor the customer's address tells where it is."""
    new_address: NewAddress
    planned_on: Day = Field(examples=["2027-01-15"])
    """From today to two years from today, in the brand's time zone."""
    reason: Reason = Field(examples=["The department moves to Zürich."])


async def request_move(command: RequestMove, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Request a move; nothing happens before it is assessed. Raises UnknownBrand."""
    product = await find_named(command, by, tx)
    if isinstance(product, Refusal):
        return product
    from_country = command.from_country or await _country_of(product, tx)
    if wrong := _wrong_way(command, from_country) or _wrong_day(command, policy_of(product.brand).day_of(tx.now)):
        return wrong
    held = await lock_named(product, by, tx)
    if isinstance(held, Refusal):
        return held
    known = await store.open_of(tx, held.product_id)
    if known and known.customer_id == held.customer_id:
        details = {"move_id": known.move_id, "state": known.state}
        return Refusal("move-open", 409, "/product_id", known.move_id, details=details)
    overtaken = await withdraw_open_move(held.product_id, tx)  # a former customer's
    assert from_country is not None  # otherwise it was a wrong way
    move = _move(command, held, from_country, tx, by)
    await store.put(tx, move, by.subject)
    said = (*((overtaken,) if overtaken else ()), move.requested())
    return Accepted(move_view(move, await store.steps(tx, [move.move_id])), said)


async def _country_of(product: Product, tx: Tx) -> str | None:
    """Where the product is: where its customer had it moved last, else where they are."""
    moved_to = await store.last_country(tx, product.product_id, product.customer_id)
    return moved_to or await country_of(product.customer_id, tx)


def _wrong_way(command: RequestMove, from_country: str | None) -> Refusal | None:
    if from_country is None:
        return Refusal("from-country-needed", 422, "/from_country")
    if wrong := country_problem(from_country, "/from_country") or country_problem(command.to_country, "/to_country"):
        return wrong
    if command.to_country == from_country:
        return Refusal("same-country", 422, "/to_country", command.to_country)
    return None


def _wrong_day(command: RequestMove, today: date) -> Refusal | None:
    last = today + relativedelta(years=2)
    if today <= command.planned_on <= last:
        return None
    return Refusal("move-day-impossible", 422, "/planned_on", str(command.planned_on), f"{today} … {last}")


def _move(command: RequestMove, product: Product, from_country: str, tx: Tx, by: Caller) -> Move:
    return Move(
        move_id=uuid7(),
        brand=product.brand,
        product_id=product.product_id,
        serial=product.serial,
        model=product.model,
        customer_id=product.customer_id,
        state="requested",
        from_country=from_country,
        to_country=command.to_country,
        **command.new_address.model_dump(),
        planned_on=command.planned_on,
        reason=command.reason,
        owner=by.owner,
        organisation_id=by.organisation,
        requested_at=tx.now,
    )
