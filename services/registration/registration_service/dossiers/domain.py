"""A bulk file, its rows and what became of them (REG-19 to REG-22)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.caller import Caller
from event_schemas.registration_dossiers import DossierCompleted, DossierOverdue, DossierReceived
from registration_service.dossiers.table_file import Dialect

MOST_ROWS: Final = 100_000
DUE: Final = "dossier-due"
"""Kind of the timer that goes off when the last day is over."""
CANCELLED: Final = "dossier-cancelled"
PARKED_TOO_LONG: Final = "parked-too-long"


class State(StrEnum):
    """How far a file has come."""

    RECEIVED = "received"
    READING = "reading"
    """Its rows are being read; none has been tried."""
    RUNNING = "running"
    WAITING = "waiting"
    """Only parked rows are left."""
    COMPLETED = "completed"
    REFUSED = "refused"
    """The file as a whole; none of its rows was tried."""


UNREAD: Final = (State.RECEIVED, State.READING)
ENDED: Final = (State.COMPLETED, State.REFUSED)


class Outcome(StrEnum):
    """What became of a row; a dry run says what would."""

    REGISTERED = "registered"
    ALREADY_REGISTERED = "already_registered"
    CONTESTED = "contested"
    PARKED = "parked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; its text is found later, in the language of whoever reads it."""

    code: str
    column: str | None = None
    """By the template's name; None for the row as a whole."""
    value: str | None = None
    accepted: Any = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file that waits for its turn."""

    position: int
    """From 1; blank lines are not counted."""
    line: int
    """In the file, from 1."""
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settled:
    """A row that had its turn."""

    position: int
    outcome: Outcome
    faults: Sequence[Fault] = ()
    awaited: str | None = None
    """What a parked row waits for; see `awaiting`."""
    product_id: UUID | None = None
    redemption_id: UUID | None = None
    contest_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A bulk file at work."""

    dossier_id: UUID
    brand: str
    caller: Caller
    """Who sent it, with the rights of that moment."""
    correlation_id: str
    organisation_id: UUID | None
    submitter_id: UUID
    file_id: UUID
    registered_as: str
    dry_run: bool
    state: State
    due_on: date
    counts: Mapping[Outcome, int]
    dialect: Dialect | None = None
    """None until the file was looked at."""
    headings: tuple[str, ...] = ()
    read_bytes: int = 0
    read_lines: int = 0
    rows_total: int = 0
    floor: int = 0
    """Rows up to this position have an outcome."""
    closing: str | None = None
    """Code with which open rows are refused: parked rows, or all of them."""

    @property
    def pending(self) -> int:
        """Rows that were not tried yet, as far as they are read."""
        return self.rows_total - sum(self.counts.values())

    def overdue(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether the day on which it was due is over where the brand lives."""
        return now >= deadline(self.due_on, zone)

    def completed(self, counts: Mapping[Outcome, int], problem: str | None = None) -> DossierCompleted | None:
        """The fact that it is done; a dry run says nothing to anybody but its sender."""
        if self.dry_run:
            return None
        return DossierCompleted(
            brand=self.brand,
            dossier_id=self.dossier_id,
            submitter_id=self.submitter_id,
            organisation_id=self.organisation_id,
            due_on=self.due_on,
            rows=0 if problem else self.rows_total,
            registered=counts.get(Outcome.REGISTERED, 0),
            already_registered=counts.get(Outcome.ALREADY_REGISTERED, 0),
            contested=counts.get(Outcome.CONTESTED, 0),
            refused=counts.get(Outcome.REFUSED, 0),
            problem=problem,
        )

    def is_late(self) -> DossierOverdue:
        """The fact that its time is over and rows were not tried yet."""
        return DossierOverdue(
            brand=self.brand,
            dossier_id=self.dossier_id,
            submitter_id=self.submitter_id,
            organisation_id=self.organisation_id,
            due_on=self.due_on,
            open_rows=self.pending,
        )


def received(dossier: Dossier, size_bytes: int, purchase_invoices: int, service_invoices: int) -> DossierReceived:
    """The fact that file and invoices are here."""
    return DossierReceived(
        brand=dossier.brand,
        dossier_id=dossier.dossier_id,
        submitter_id=dossier.submitter_id,
        organisation_id=dossier.organisation_id,
        due_on=dossier.due_on,
        size_bytes=size_bytes,
        purchase_invoices=purchase_invoices,
        service_invoices=service_invoices,
    )


def deadline(due_on: date, zone: ZoneInfo) -> datetime:
    """The moment at which the last day is over, in UTC."""
    return datetime.combine(due_on + timedelta(days=1), time(), zone).astimezone(UTC)


def awaiting(kind: str, brand: str, number: str) -> str:
    """What a row waits for, as one text; `kind` is the column that was not known: certificate or model."""
    return f"{kind}:{brand}:{number}"


def awaited_of(text: str) -> tuple[str, str, str]:
    """Kind, brand and number of what a row waits for."""
    kind, brand, number = text.split(":", 2)
    return kind, brand, number
