"""What the sender of a file is shown of it (REG-20, REG-21)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from asyncpg import Record
from pydantic import BaseModel, Field

from chassis.http.problems import phrase
from chassis.transact import Refusal
from registration_service.dossiers.domain import ENDED, Outcome, State

PACKAGE: Final = "registration_service"
Shown = Literal[
    "pending",
    "registered",
    "already_registered",
    "contested",
    "parked",
    "refused",
    "would_register",
    "would_contest",
    "would_park",
]
REHEARSED: Final[Mapping[str, Shown]] = {
    Outcome.REGISTERED: "would_register",
    Outcome.CONTESTED: "would_contest",
    Outcome.PARKED: "would_park",
}
"""What a dry run says instead."""


class FaultView(BaseModel):
    """One thing that is wrong, in the reader's language."""

    code: str = Field(examples=["serial-malformed"])
    column: str | None = Field(examples=["serial"])
    """By the template's name; null for the row as a whole."""
    value: str | None = Field(examples=["9H012345SX"])
    accepted: Any = Field(examples=["9H0123455X"])
    message: str = Field(examples=["The character “S” at position 9 is in no serial number of this brand."])


class RowView(BaseModel):
    """One row and what became of it."""

    position: int = Field(examples=[17])
    """From 1; header and blank lines are not counted."""
    line: int = Field(examples=[18])
    """In the file, from 1."""
    outcome: Shown = Field(examples=["refused"])
    code: str | None = Field(examples=["serial-malformed"])
    """Of the first fault."""
    column: str | None = Field(examples=["serial"])
    value: str | None = Field(examples=["9H012345SX"])
    message: str | None = Field(examples=["The character “S” at position 9 is in no serial number of this brand."])
    faults: list[FaultView]
    """All that is wrong with the row."""
    product_id: UUID | None
    redemption_id: UUID | None
    contest_id: UUID | None


class DossierView(BaseModel):
    """A file and how far it has come."""

    dossier_id: UUID
    brand: str = Field(examples=["dynabook"])
    state: State = Field(examples=["running"])
    dry_run: bool
    registered_as: str = Field(examples=["reseller"])
    file: UUID
    file_name: str = Field(examples=["november.csv"])
    purchase_invoices: list[UUID]
    service_invoices: list[UUID]
    rows_total: int = Field(examples=[1200])
    """As far as the file is read."""
    done: int = Field(examples=[800])
    """Rows with an outcome that stays: parked ones are not among them unless the file is done."""
    outcomes: dict[Shown, int] = Field(examples=[{"registered": 790, "refused": 10}])
    failed: int = Field(examples=[10])
    """Refused rows."""
    rate_per_second: float | None = Field(examples=[612.5])
    """Rows tried, since the first one; null before and in files that wait or are done."""
    seconds_left: int | None = Field(examples=[1])
    received_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    due_on: date
    """Last day, inclusive, on which every row has its outcome."""
    late: bool
    retry_at: datetime | None
    """An error on our side holds the file up: it goes on by itself at that moment or later; nothing of it is lost."""
    problem: FaultView | None
    """Why the file as a whole was refused."""


def outcome_shown(outcome: str | None, dry_run: bool) -> Shown:
    """The word for a row's outcome."""
    if outcome is None:
        return "pending"
    told = Outcome(outcome)
    return REHEARSED.get(told, told.value) if dry_run else told.value


def outcome_meant(word: str | None) -> str | None:
    """The outcome behind a word."""
    return next((kept for kept, shown in REHEARSED.items() if shown == word), word)


def fault_view(fault: Mapping[str, Any], language: str) -> FaultView:
    """A kept fault in a language."""
    column, value, accepted = fault.get("column"), fault.get("value"), fault.get("accepted")
    details = {"column": column, **(fault.get("details") or {})}
    told = phrase(PACKAGE, language, Refusal(fault["code"], 422, "", value, accepted, details))
    return FaultView(code=fault["code"], column=column, value=value, accepted=accepted, message=told.detail)


def faults_of(text: str | None, language: str) -> list[FaultView]:
    """The kept faults of a row in a language."""
    return [fault_view(fault, language) for fault in orjson.loads(text)] if text else []


def row_view(row: Record, dry_run: bool, language: str) -> RowView:
    """A row of the table for its reader."""
    faults = faults_of(row["faults"], language)
    return RowView(
        position=row["position"],
        line=row["line"],
        outcome=outcome_shown(row["outcome"], dry_run),
        code=faults[0].code if faults else None,
        column=faults[0].column if faults else None,
        value=faults[0].value if faults else None,
        message=faults[0].message if faults else None,
        faults=faults,
        product_id=row["product_id"],
        redemption_id=row["redemption_id"],
        contest_id=row["contest_id"],
    )


def dossier_view(row: Record, language: str) -> DossierView:
    """A file of the table for its reader."""
    state, total, tried = State(row["state"]), row["rows_total"], sum(row[outcome] for outcome in Outcome)
    waiting = 0 if state in ENDED else row["parked"]
    rate = _rate(row, tried) if state is State.RUNNING else None
    same = DossierView.model_fields.keys() & row.keys()
    return DossierView(
        **{name: row[name] for name in same},
        file=row["file_id"],
        done=tried - waiting,
        outcomes={outcome_shown(outcome, row["dry_run"]): row[outcome] for outcome in Outcome},
        failed=row["refused"],
        rate_per_second=rate,
        seconds_left=round((total - tried) / rate) if rate else None,
        problem=fault_view(orjson.loads(row["fault"]), language) if row["fault"] else None,
    )


def _rate(row: Record, tried: int) -> float | None:
    if row["started_at"] is None:
        return None
    seconds = (row["served_at"] - row["started_at"]).total_seconds()
    return round(tried / seconds, 1) if seconds > 0 and tried else None
