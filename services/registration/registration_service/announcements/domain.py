"""An announcement, and whom it concerns (REG-07)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from event_schemas.registration_accounts import (
    AnnouncementKind,
    AnnouncementPublished,
    AnnouncementWithdrawn,
    Translated,
)

Kind = Literal["news", "dealer_card", "downtime"]


@dataclass(frozen=True, slots=True)
class Announcement:
    """News, a dealer card or a planned downtime."""

    announcement_id: UUID
    brand: str
    kind: Kind
    title: Mapping[str, str]
    """By language."""
    body: Mapping[str, str]
    countries: tuple[str, ...]
    """Empty for every country."""
    roles: tuple[str, ...]
    """Empty for every role."""
    valid_from: datetime
    valid_until: datetime
    """Shown until this moment, exclusive."""
    starts_at: datetime | None
    ends_at: datetime | None
    document_id: UUID | None
    withdrawn_at: datetime | None = None

    def published(self) -> AnnouncementPublished:
        """The fact that it is shown to its audience in its period."""
        return AnnouncementPublished(
            brand=self.brand,
            announcement_id=self.announcement_id,
            kind=AnnouncementKind(self.kind),
            title=Translated(**self.title),
            countries=self.countries,
            roles=self.roles,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )

    def withdrawn(self) -> AnnouncementWithdrawn:
        """The fact that it is not shown any more."""
        return AnnouncementWithdrawn(
            brand=self.brand, announcement_id=self.announcement_id, kind=AnnouncementKind(self.kind)
        )


@dataclass(frozen=True, slots=True)
class Audience:
    """Somebody who reads announcements."""

    brand: str | None
    """The only brand that concerns them; None for any."""
    everything: bool
    """Whether they see announcements for every country and role."""
    role: str
    country: str | None
    """Of their organisation; None for those without one, whom only announcements for every country concern."""
