"""Announcements are published and withdrawn (REG-07)."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from uuid6 import uuid7

from chassis import documents
from chassis.caller import FILES_ALL, Caller
from chassis.database import Pool, Tx
from chassis.transact import Accepted, Refusal
from event_schemas.roles import ROLES
from registration_service.announcements import store
from registration_service.announcements.domain import Announcement, Audience, Kind
from registration_service.announcements.views import Published, Withdrawn
from registration_service.contacts.countries import country_problem
from registration_service.contacts.domain import LINES, PRINTABLE
from registration_service.contacts.moments import Moment
from registration_service.organisations.handlers import country_of
from registration_service.policy import BrandName, policy_of

YEARS: Final = range(2000, 2200)
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160, pattern=PRINTABLE)]
Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=LINES)]


class Titles(BaseModel):
    """A title in the three languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: Title = Field(examples=["Dealer card, winter 2026"])
    fr: Title = Field(examples=["Dealercard, hiver 2026"])
    nl: Title = Field(examples=["Dealerkaart, winter 2026"])


class Bodies(BaseModel):
    """A text of several lines in the three languages; no markup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: Body = Field(examples=["Prices and conditions until the end of February."])
    fr: Body = Field(examples=["Prix et conditions jusqu'à la fin de février."])
    nl: Body = Field(examples=["Prijzen en voorwaarden tot eind februari."])


class PublishAnnouncement(BaseModel):
    """News, a dealer card or a planned downtime for those whom it concerns, for a while."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: BrandName
    kind: Kind = Field(examples=["dealer_card"])
    title: Titles
    body: Bodies
    countries: Annotated[tuple[str, ...], Field(max_length=60, examples=[["BE", "LU"]])] = ()
    """Audience, ISO 3166-1 alpha-2: members of organisations there. Empty for every country."""
    roles: Annotated[tuple[str, ...], Field(max_length=20, examples=[["dealer-admin", "dealer-member"]])] = ()
    """Audience, e.g. `dealer-admin`. Empty for every role."""
    valid_from: Moment = Field(examples=["2026-12-01T08:00:00Z"])
    """Shown from this moment on."""
    valid_until: Moment = Field(examples=["2027-03-01T00:00:00Z"])
    """Shown until this moment, exclusive; not before the end of a downtime."""
    starts_at: Moment | None = Field(None, examples=[None])
    """Of a downtime, and only of one."""
    ends_at: Moment | None = Field(None, examples=[None])
    attachment: UUID | None = Field(None, examples=[None])
    """A file kept by `POST /documents`."""


class WithdrawAnnouncement(BaseModel):
    """Show an announcement no more, although its period still runs."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{}]})


async def publish_announcement(command: PublishAnnouncement, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Publish an announcement to its audience. Raises UnknownBrand."""
    policy_of(command.brand)
    if wrong := _wrong_audience(command) or _wrong_period(command):
        return wrong
    if command.attachment:
        held = await documents.held(tx, [command.attachment], by, "/attachment")
        if isinstance(held, Refusal):
            return held
    fields = command.model_dump(exclude={"attachment"})
    announcement = Announcement(announcement_id=uuid7(), document_id=command.attachment, **fields)
    await store.publish(tx, announcement, by.subject)
    return Accepted(Published(announcement_id=announcement.announcement_id), announcement.published())


def _wrong_audience(command: PublishAnnouncement) -> Refusal | None:
    for place, country in enumerate(command.countries):
        if wrong := country_problem(country, f"/countries/{place}"):
            return wrong
    for place, role in enumerate(command.roles):
        if role not in ROLES:
            return Refusal("role-unknown", 422, f"/roles/{place}", role, sorted(ROLES))
    return None


def _wrong_period(command: PublishAnnouncement) -> Refusal | None:
    for name in ("valid_from", "valid_until", "starts_at", "ends_at"):
        moment: datetime | None = getattr(command, name)
        if moment and moment.year not in YEARS:
            return Refusal("moment-impossible", 422, f"/{name}", str(moment), f"{YEARS.start} … {YEARS.stop - 1}")
    if command.valid_until <= command.valid_from:
        return Refusal("period-empty", 422, "/valid_until", str(command.valid_until), f"> {command.valid_from}")
    starts_at, ends_at = command.starts_at, command.ends_at
    if command.kind != "downtime":
        pointer = "/starts_at" if starts_at else "/ends_at"
        return Refusal("downtime-only", 422, pointer) if starts_at or ends_at else None
    if starts_at is None or ends_at is None:
        return Refusal("downtime-incomplete", 422, "/starts_at" if starts_at is None else "/ends_at")
    if ends_at <= starts_at:
        return Refusal("period-empty", 422, "/ends_at", str(ends_at), f"> {starts_at}")
    if command.valid_until < ends_at:
        return Refusal("announcement-too-short", 422, "/valid_until", str(command.valid_until), f"≥ {ends_at}")
    return None


async def withdraw_announcement(
    _: WithdrawAnnouncement, tx: Tx, announcement_id: UUID, by: Caller
) -> Accepted | Refusal:
    """Withdraw an announcement, once."""
    announcement = await store.lock(tx, announcement_id, by.brand)
    if announcement is None:
        return Refusal("not-found", 404)
    if announcement.withdrawn_at:
        return Refusal("announcement-withdrawn", 409, details={"withdrawn_at": announcement.withdrawn_at})
    await store.withdraw(tx, announcement_id)
    view = Withdrawn(announcement_id=announcement_id, withdrawn_at=tx.now)
    return Accepted(view, announcement.withdrawn(), 200)


async def audience_of(caller: Caller, pool: Pool) -> Audience:
    """What somebody is as a reader: brand, role and the country of their organisation."""
    country = await country_of(caller.organisation, pool) if caller.organisation else None
    return Audience(caller.brand, FILES_ALL in caller.scopes, caller.role, country)
