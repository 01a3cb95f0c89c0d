"""What stands in the copy of a contract (ACT-09)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from activation_service.contracts.domain import State
from activation_service.policy import Notice
from activation_service.terminations.domain import Exit
from event_schemas.activation_contracts import Party


@dataclass(frozen=True, slots=True)
class CoveredLine:
    """One service on one product."""

    serial: str
    model: str
    service: str
    """Its name in the reader's language."""
    level: str
    site_number: str
    """Empty when no site is known."""
    terms_version: str
    """Empty when nobody had to accept any."""
    first_day: date
    last_day: date
    """Inclusive."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one party has to keep to: for the whole contract, or for one service with terms of its own."""

    party: Party
    notice: Notice | None
    """None: for breach only."""
    service: str | None = None
    """Its name in the reader's language; None: every service without a rule of its own."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A contract at a moment, for one reader; the customer is there by reference only: names are not kept here."""

    brand: str
    """What the brand is called."""
    email: str
    """Where readers can write to."""
    number: str
    customer_id: UUID
    opened_on: date
    starts_on: date
    ends_on: date
    """Inclusive."""
    state: State
    last_day: date
    """Last day charged as things stand, inclusive."""
    printed_at: datetime
    zone: ZoneInfo
    """The brand's, in which `printed_at` is shown."""
    ended: tuple[str, str, date] | None = None
    """Who ended it (`customer`, `vendor` or empty), why (`notice`, `breach`, `no_lines`), and the day of that."""
    lines: Sequence[CoveredLine] = ()
    additional: Sequence[tuple[str, str]] = ()
    """Service and terms, both in the reader's language."""
    rules: Sequence[Rule] = ()
    exits: Sequence[tuple[Party, Exit]] = field(default=())
    """What each party's notice of this day would lead to."""

    @property
    def open_ended(self) -> bool:
        """Whether there is anything to say about ending it: its end is not decided and its term is not over."""
        return self.ended is None and self.state == "active"

    @property
    def printed_on(self) -> date:
        """The brand's day of the copy."""
        return self.printed_at.astimezone(self.zone).date()
