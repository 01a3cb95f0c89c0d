"""An announcement as its readers see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from registration_service.announcements.domain import Announcement, Kind

BEGINS: Final = "2026-12-04T20:00:00Z"
ENDS: Final = "2026-12-07T08:00:00Z"
ANNOUNCEMENT: Final = "0199a3c4-7b10-7014-8a5e-4d1f6c2b0014"


class Published(BaseModel):
    """A published announcement."""

    announcement_id: UUID = Field(examples=[ANNOUNCEMENT])


class Withdrawn(BaseModel):
    """An announcement that is not shown any more."""

    announcement_id: UUID = Field(examples=[ANNOUNCEMENT])
    withdrawn_at: datetime = Field(examples=["2026-12-03T09:00:00Z"])


class DowntimeView(BaseModel):
    """A planned downtime, in the reader's language."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    announcement_id: UUID = Field(examples=[ANNOUNCEMENT])
    title: str = Field(examples=["Portal closed for maintenance"])
    body: str = Field(examples=["No requests can be made during the weekend."])
    countries: list[str] = Field(examples=[["BE", "LU"]])
    """ISO 3166-1 alpha-2; empty for every country."""
    starts_at: datetime = Field(examples=[BEGINS])
    ends_at: datetime = Field(examples=[ENDS])


class Downtimes(BaseModel):
    """What is planned, the next one first."""

    items: list[DowntimeView]


class AnnouncementView(BaseModel):
    """An announcement, in the reader's language."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    announcement_id: UUID = Field(examples=[ANNOUNCEMENT])
    brand: str = Field(examples=["dynabook"])
    kind: Kind = Field(examples=["dealer_card"])
    title: str = Field(examples=["Dealer card, winter 2026"])
    body: str = Field(examples=["Prices and conditions until the end of February."])
    countries: list[str] = Field(examples=[["BE", "LU"]])
    """Audience, ISO 3166-1 alpha-2; empty for every country."""
    roles: list[str] = Field(examples=[["dealer-admin", "dealer-member"]])
    """Audience; empty for every role."""
    valid_from: datetime = Field(examples=["2026-12-01T00:00:00Z"])
    valid_until: datetime = Field(examples=["2027-03-01T00:00:00Z"])
    """Shown until this moment, exclusive."""
    starts_at: datetime | None = Field(examples=[None])
    """Of a downtime."""
    ends_at: datetime | None = Field(examples=[None])
    attachment: str | None = Field(examples=[f"/announcements/{ANNOUNCEMENT}/attachment"])
    """Where the attached file is, if there is one."""
    withdrawn_at: datetime | None = Field(examples=[None])
    """Only for those who publish, when they ask for announcements of any period."""


def downtime_view(announcement: Announcement, language: str) -> DowntimeView:
    """What everybody may read of a downtime."""
    assert announcement.starts_at is not None
    assert announcement.ends_at is not None  # a downtime has both: the table says so
    return DowntimeView(
        announcement_id=announcement.announcement_id,
        title=spoken(announcement.title, language),
        body=spoken(announcement.body, language),
        countries=list(announcement.countries),
        starts_at=announcement.starts_at,
        ends_at=announcement.ends_at,
    )


def announcement_view(announcement: Announcement, language: str) -> AnnouncementView:
    """What somebody whom it concerns reads."""
    own = announcement.announcement_id
    return AnnouncementView(
        announcement_id=own,
        brand=announcement.brand,
        kind=announcement.kind,
        title=spoken(announcement.title, language),
        body=spoken(announcement.body, language),
        countries=list(announcement.countries),
        roles=list(announcement.roles),
        valid_from=announcement.valid_from,
        valid_until=announcement.valid_until,
        starts_at=announcement.starts_at,
        ends_at=announcement.ends_at,
        attachment=f"/announcements/{own}/attachment" if announcement.document_id else None,
        withdrawn_at=announcement.withdrawn_at,
    )


def spoken(texts: Mapping[str, str], language: str) -> str:
    """A text in a language; English when it is none of the three."""
    return texts.get(language, texts["en"])
