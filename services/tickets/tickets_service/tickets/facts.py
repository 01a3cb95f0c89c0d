"""What is said in public about a ticket: ids, serial, verdict and days; never the complaint (ALL-05)."""

from uuid import UUID

from event_schemas.tickets import Coverage, CoverageDecided, CoverageRevised, RepairRequested, ReturnRequested, Verdict
from tickets_service.coverage.domain import Finding
from tickets_service.tickets.domain import Ticket


def repair_requested(ticket: Ticket) -> RepairRequested:
    """A unit broke."""
    return RepairRequested(
        brand=ticket.brand,
        ticket_id=ticket.ticket_id,
        serial=ticket.serial,
        model=ticket.model,
        customer_id=ticket.customer_id,
        requested_at=ticket.opened_at,
    )


def return_requested(ticket: Ticket, repair_ticket_id: UUID | None) -> ReturnRequested:
    """A unit shall go back."""
    return ReturnRequested(
        brand=ticket.brand,
        ticket_id=ticket.ticket_id,
        repair_ticket_id=repair_ticket_id,
        serial=ticket.serial,
        model=ticket.model,
        customer_id=ticket.customer_id,
        requested_at=ticket.opened_at,
    )


def coverage_decided(ticket: Ticket, finding: Finding) -> CoverageDecided:
    """The verdict at the opening."""
    return CoverageDecided(**_coverage(ticket, finding).model_dump())


def coverage_revised(ticket: Ticket, finding: Finding, previous: Verdict) -> CoverageRevised:
    """The verdict after a fact that came later."""
    return CoverageRevised(**_coverage(ticket, finding).model_dump(), previous_verdict=previous)


def _coverage(ticket: Ticket, finding: Finding) -> Coverage:
    return Coverage(
        brand=ticket.brand,
        ticket_id=ticket.ticket_id,
        serial=ticket.serial,
        customer_id=ticket.customer_id,
        verdict=finding.verdict,
        reasons=finding.reasons,
        covered_until=finding.covered_until,
        operational_at=finding.operational_at,
        activation_id=finding.activation_id,
        service_reference=finding.service_reference,
        rule_version=finding.rule_version,
    )
