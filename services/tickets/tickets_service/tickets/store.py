"""Tickets, their findings and their history."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from chassis.database import Pool, Tx
from event_schemas.tickets import CoverageReason, Verdict
from tickets_service.coverage.domain import Finding
from tickets_service.tickets.domain import CoveredTicket, Entry, Kind, Progress, Ticket, request_status

Row = dict[str, Any]
_TICKET: Final = "ticket_id, kind, brand, serial, model, customer_id, progress, opened_at"
_FINDING: Final = "verdict, reasons, covered_until_on, operational_at, activation_id, service_reference, rule_version"


async def open_ticket(
    tx: Tx,
    ticket: Ticket,
    complaint: str,
    *,
    own_reference: str | None = None,
    repair_ticket_id: UUID | None = None,
    finding: Finding | None = None,
) -> None:
    """A new ticket; a repair comes with its finding."""
    await tx.execute(
        f"INSERT INTO tickets ({_TICKET}, complaint, own_reference, repair_ticket_id, request_status, {_FINDING}) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        ticket.ticket_id,
        ticket.kind,
        ticket.brand,
        ticket.serial,
        ticket.model,
        ticket.customer_id,
        ticket.progress,
        ticket.opened_at,
        complaint,
        own_reference,
        repair_ticket_id,
        request_status(ticket.kind, ticket.progress),
        *_columns(finding),
    )


async def lock_ticket(tx: Tx, ticket_id: UUID) -> Ticket | None:
    """The ticket, held until the transaction ends."""
    row = await tx.fetchrow(f"SELECT {_TICKET} FROM tickets WHERE ticket_id = $1 FOR NO KEY UPDATE", ticket_id)
    return _ticket(row) if row else None


async def lock_repairs(tx: Tx, brand: str, serial: str, *, also: UUID | None) -> list[CoveredTicket]:
    """The repairs of a unit that are not finished, and one that may be, held until the transaction ends."""
    rows = await tx.fetch(
        f"SELECT {_TICKET}, {_FINDING} FROM tickets WHERE brand = $1 AND serial = $2 AND kind = 'repair' "
        "AND (request_status = 'in_progress' OR ticket_id = $3) ORDER BY ticket_id FOR NO KEY UPDATE",
        brand,
        serial,
        also,
    )
    return [CoveredTicket(_ticket(row), _finding(row)) for row in rows]


async def has_repair(tx: Tx, ticket_id: UUID, brand: str, serial: str) -> bool:
    """Whether this is a repair of this unit."""
    found = await tx.fetchval(
        "SELECT true FROM tickets WHERE ticket_id = $1 AND brand = $2 AND serial = $3 AND kind = 'repair'",
        ticket_id,
        brand,
        serial,
    )
    return bool(found)


async def set_progress(tx: Tx, ticket: Ticket, progress: Progress, grms_number: str | None) -> None:
    """The next step of a locked ticket."""
    await tx.execute(
        "UPDATE tickets SET progress = $2, request_status = $3, grms_number = $4 WHERE ticket_id = $1",
        ticket.ticket_id,
        progress,
        request_status(ticket.kind, progress),
        grms_number,
    )


async def set_finding(tx: Tx, ticket_id: UUID, finding: Finding) -> None:
    """Another finding for a locked repair."""
    await tx.execute(
        f"UPDATE tickets SET ({_FINDING}) = ($2, $3, $4, $5, $6, $7, $8) WHERE ticket_id = $1",
        ticket_id,
        *_columns(finding),
    )


async def add_entry(tx: Tx, ticket_id: UUID, entry: Entry) -> None:
    """One more line of a ticket's history."""
    await tx.execute(
        "INSERT INTO ticket_history (ticket_id, happened_at, what, actor, detail) VALUES ($1, $2, $3, $4, $5)",
        ticket_id,
        entry.happened_at,
        entry.what,
        entry.actor,
        entry.detail,
    )


async def find_ticket(pool: Pool, ticket_id: UUID) -> tuple[Row, list[Row]] | None:
    """The row of a ticket and those of its history, oldest first."""
    row = await pool.fetchrow("SELECT * FROM tickets WHERE ticket_id = $1", ticket_id)
    if row is None:
        return None
    history = await pool.fetch("SELECT * FROM ticket_history WHERE ticket_id = $1 ORDER BY id", ticket_id)
    return dict(row), [dict(entry) for entry in history]


async def newest_tickets(
    pool: Pool, brand: str | None, serial: str | None, after: tuple[datetime | None, UUID | None], limit: int
) -> list[Row]:
    """One row more than `limit`, newest first, from behind the cursor's place on."""
    rows = await pool.fetch(
        "SELECT * FROM tickets WHERE ($1::text IS NULL OR brand = $1) AND ($2::text IS NULL OR serial = $2) "
        "AND ($3::timestamptz IS NULL OR (opened_at, ticket_id) < ($3, $4::uuid)) "
        "ORDER BY opened_at DESC, ticket_id DESC LIMIT $5",
        brand,
        serial,
        *after,
        limit + 1,
    )
    return [dict(row) for row in rows]


def _ticket(row: asyncpg.Record) -> Ticket:
    return Ticket(
        row["ticket_id"],
        Kind(row["kind"]),
        row["brand"],
        row["serial"],
        row["model"],
        row["customer_id"],
        Progress(row["progress"]),
        row["opened_at"],
    )


def _finding(row: asyncpg.Record) -> Finding:
    return Finding(
        Verdict(row["verdict"]),
        tuple(CoverageReason(reason) for reason in row["reasons"]),
        row["covered_until_on"],
        row["operational_at"],
        row["activation_id"],
        row["service_reference"],
        row["rule_version"],
    )


def _columns(finding: Finding | None) -> tuple[Any, ...]:
    if finding is None:
        return (None,) * 7
    return (
        finding.verdict,
        finding.reasons,
        finding.covered_until,
        finding.operational_at,
        finding.activation_id,
        finding.service_reference,
        finding.rule_version,
    )
