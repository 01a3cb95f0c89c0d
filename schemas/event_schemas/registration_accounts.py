"""What registration says about organisations and to dealers; on the topic `registration` (REG-04, REG-07)."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from event_schemas.base import Event, Id, OpenEnum, Record

TOPIC = "registration"


class OrganisationCreated(Event, type="organisation.created", version=1, key="organisation_id", topic=TOPIC):
    """A dealer's business is known; who has created it administers it."""

    organisation_id: Id
    administrator_id: Id
    """The person; resolved through the private topic `contacts`, as is every person here."""


class MemberRole(OpenEnum):
    """What a member may do in an organisation."""

    DEALER_MEMBER = "dealer-member"
    DEALER_ADMIN = "dealer-admin"


class MemberRoleChanged(Event, type="member.role.changed", version=1, key="organisation_id", topic=TOPIC):
    """A member was promoted or demoted."""

    organisation_id: Id
    member_id: Id
    role: MemberRole
    """From now on."""


class MemberRemoved(Event, type="member.removed", version=1, key="organisation_id", topic=TOPIC):
    """A person belongs to an organisation no more: let go by an administrator, or gone by themselves."""

    organisation_id: Id
    member_id: Id


class JoinRequested(Event, type="join.requested", version=1, key="organisation_id", topic=TOPIC):
    """An account asks to join an organisation; its administrator decides."""

    organisation_id: Id
    join_request_id: Id
    applicant_id: Id
    """The person who asks."""


class JoinDecided(Event, type="join.decided", version=1, key="organisation_id", topic=TOPIC):
    """The administrator has let an account join, or not."""

    organisation_id: Id
    join_request_id: Id
    applicant_id: Id
    approved: bool


class JoinWithdrawn(Event, type="join.withdrawn", version=1, key="organisation_id", topic=TOPIC):
    """The applicant has taken a request back before it was decided."""

    organisation_id: Id
    join_request_id: Id
    applicant_id: Id


class Translated(Record):
    """One text in the three languages."""

    en: str
    fr: str
    nl: str


class AnnouncementKind(OpenEnum):
    """What an announcement is about."""

    NEWS = "news"
    DOWNTIME = "downtime"
    DEALER_CARD = "dealer_card"


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class AnnouncementPublished(Event, type="announcement.published", version=1, key="announcement_id", topic=TOPIC):
    """News, a dealer card or a planned downtime; shown to its audience during its period."""

    announcement_id: Id
    kind: AnnouncementKind
    title: Translated
    countries: tuple[Country, ...]
    """Audience; empty for every country."""
    roles: tuple[str, ...]
    """Audience; empty for every role."""
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    starts_at: AwareDatetime | None = None
    """Of a downtime: when it starts."""
    ends_at: AwareDatetime | None = None


class AnnouncementWithdrawn(Event, type="announcement.withdrawn", version=1, key="announcement_id", topic=TOPIC):
    """An announcement is not shown any more, although its period may still run."""

    announcement_id: Id
    kind: AnnouncementKind
