"""Sites are created, described better, and closed (ACT-05, L13, L14).

A site keeps its place: services were activated there because their product stands there. Its address can be spelt
another way; for another place there is another site.
"""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from uuid6 import uuid7

from activation_service.policy import policy_of
from activation_service.sites import store
from activation_service.sites.domain import Address, Line, Site, new_number, written
from activation_service.sites.match import compare, digest_of, is_letter_box
from activation_service.sites.views import site_view
from activation_service.sites.wording import LISTS, searchable
from activation_service.sites.zones import zone_for
from chassis.caller import FILES_ALL, Caller, Whose
from chassis.database import Pool, Tx
from chassis.http.tagged import tag_of
from chassis.transact import Accepted, Refusal

Hint = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$"),
]
TimeZone = Annotated[str, Field(min_length=1, max_length=60, examples=["Europe/Brussels"])]


class CreateSite(BaseModel):
    """A new place where services are to be given."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: Annotated[str, Field(min_length=1, max_length=40, examples=["d-link"])]
    name: Line = Field(examples=["Headquarters"])
    """What the account calls it."""
    address: Address
    time_zone: TimeZone | None = None
    """A name of the time-zone database; left out where the country has one time."""
    contact_hint: Hint | None = Field(None, examples=["Ask for the server room at the reception."])
    """Whom to ask for on the spot, and how to get in."""
    customer_id: UUID | None = Field(None, examples=[None])
    """Whose it is, where the token stands for nobody in particular."""


class ChangeSite(BaseModel):
    """What is different from now on; what is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: Line | None = Field(None, examples=["Headquarters, east wing"])
    address: Address | None = None
    """The same place, spelt better."""
    time_zone: TimeZone | None = None
    contact_hint: Hint | None = Field(None, examples=["Ask for the server room at the reception."])
    """`null` takes it away."""


class CloseSite(BaseModel):
    """No service shall be activated there any more."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{}]})


async def create_site(command: CreateSite, tx: Tx, by: Caller) -> Accepted | Refusal:
    """A site with a number of its own; refused with the number of the one that is there. Raises UnknownBrand.

    That is one of the account's, or of its organisation's where its members see each other's files (REG-06).
    """
    policy_of(command.brand)
    if wrong := _wrong_customer(command.customer_id, by) or _wrong_address(command.address):
        return wrong
    zone = zone_for(command.address.country, command.time_zone)
    if isinstance(zone, Refusal):
        return zone
    site = Site(
        site_id=uuid7(),
        number=new_number(),
        brand=command.brand,
        name=command.name,
        address=command.address,
        time_zone=zone,
        contact_hint=command.contact_hint,
        owner=by.owner,
        organisation_id=by.organisation,
        # a member's site is the organisation's: who leaves it leaves its sites behind
        customer_id=command.customer_id or (None if by.organisation else by.contact),
        created_at=tx.now,
    )
    place = digest_of(site.address)
    await store.hold_place(tx, place)
    if number := await store.at_place(tx, site, place, by.sight.organisation_id):
        return Refusal("site-exists", 409, "/address", site.address.street, None, {"site_number": number})
    await store.add(tx, site, place, _found_by(site))
    return Accepted(site_view(site))


async def change_site(command: ChangeSite, tx: Tx, number: str, by: Caller, if_match: str | None) -> Accepted | Refusal:
    """Write what is new about an open site; its place stays."""
    site = await _open(number, by, tx)
    if isinstance(site, Refusal):
        return site
    known = tag_of(site_view(site))
    if if_match is not None and if_match.strip() not in ("*", known):
        return Refusal("site-changed", 412, "/If-Match", if_match, known)
    address = command.address or site.address
    if found := compare(site.address, address).differences:
        differences = ", ".join(found)
        return Refusal("site-elsewhere", 409, "/address", address.street, None, {"differences": differences})
    zone = zone_for(address.country, command.time_zone or site.time_zone)
    if isinstance(zone, Refusal):
        return zone
    hint = command.contact_hint if "contact_hint" in command.model_fields_set else site.contact_hint
    changed = replace(site, name=command.name or site.name, address=address, time_zone=zone, contact_hint=hint)
    await store.change(tx, changed, _found_by(changed))
    return Accepted(site_view(changed), status=200)


async def close_site(_: CloseSite, tx: Tx, number: str, by: Caller) -> Accepted | Refusal:
    """No service can be activated there from now on; those that run go on."""
    site = await _open(number, by, tx)
    if isinstance(site, Refusal):
        return site
    closed = replace(site, closed_at=tx.now)
    await store.change(tx, closed, _found_by(closed))
    return Accepted(site_view(closed), status=200)


async def site_of(number: str, by: Caller, tx: Tx) -> Site | None:
    """A site that the caller may see, however its number was typed; None for an unknown and another's alike.

    Until the transaction ends it is not closed; `closed_at` says whether it was before.
    """
    return await store.share(tx, Whose.seen_by(by), written(number))


async def site_seen(number: str, by: Caller, db: Pool | Tx) -> Site | None:
    """The same, for those who only look."""
    return await store.find(db, Whose.seen_by(by), written(number))


async def _open(number: str, by: Caller, tx: Tx) -> Site | Refusal:
    site = await store.lock(tx, Whose.seen_by(by), written(number))
    if site is None:
        return Refusal("not-found", 404)
    if site.closed_at is not None:
        return Refusal("site-closed", 409, "/site_number", site.number, None, {"closed_at": site.closed_at})
    return site


def _wrong_customer(said: UUID | None, by: Caller) -> Refusal | None:
    if FILES_ALL in by.scopes:
        return Refusal("customer-needed", 422, "/customer_id") if said is None else None
    return None if said is None else Refusal("customer-is-caller", 422, "/customer_id", str(said))


def _wrong_address(address: Address) -> Refusal | None:
    if is_letter_box(address) or not searchable(address.street):
        return Refusal("street-needed", 422, "/address/street", address.street)
    if not searchable(address.postal_code) and address.country not in LISTS["no_postal_code"]:
        details = {"country": address.country}
        return Refusal("postal-code-needed", 422, "/address/postal_code", address.postal_code, None, details)
    return None


def _found_by(site: Site) -> tuple[str, str]:
    there = site.address
    text = searchable(site.number, site.name, there.street, there.postal_code, there.city)
    return text, searchable(there.postal_code).replace(" ", "")
