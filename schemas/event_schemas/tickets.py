"""What tickets says: requests, coverage verdicts, the repair's and the return's way (TKT-03, TKT-09, TKT-16).

Complaints, names and addresses stay in the tickets database; a repair centre asks the tickets API for them.
"""

from datetime import date

from pydantic import AwareDatetime

from event_schemas.base import Event, Id, OpenEnum, Serial
from event_schemas.service_centre import RepairOutcome


class RepairRequested(Event, type="repair.requested", version=1, key="ticket_id"):
    """A unit broke and its owner asks for repair."""

    ticket_id: Id
    serial: Serial
    model: str | None
    """Known when the unit is registered."""
    customer_id: Id
    requested_at: AwareDatetime


class Verdict(OpenEnum):
    """Who pays."""

    STANDARD_WARRANTY = "standard_warranty"
    CONTRACT = "contract"
    CONTRACT_IN_SETUP = "contract_in_setup"
    BILLABLE = "billable"


class CoverageReason(OpenEnum):
    """A fact that carried the verdict."""

    SERVICE_OPERATIONAL = "service_operational"
    SERVICE_IN_SETUP = "service_in_setup"
    WITHIN_STANDARD_WARRANTY = "within_standard_warranty"
    STANDARD_WARRANTY_OVER = "standard_warranty_over"
    SERVICE_OVER = "service_over"
    PRODUCT_UNKNOWN = "product_unknown"
    DISPUTE_DECIDED = "dispute_decided"


class Coverage(Event):
    """The shape that a verdict and its revision share; never said by itself."""

    ticket_id: Id
    serial: Serial
    customer_id: Id
    verdict: Verdict
    reasons: tuple[CoverageReason, ...]
    covered_until: date | None
    """Last covered day, inclusive; none when billable."""
    operational_at: AwareDatetime | None
    """When a service in set-up will be operational."""
    activation_id: Id | None
    service_reference: str | None
    rule_version: str
    """Version of the brand's policy that was applied."""


class CoverageDecided(Coverage, type="coverage.decided", version=1, key="ticket_id"):
    """Who pays, from the facts heard when the ticket opened."""


class CoverageRevised(Coverage, type="coverage.revised", version=1, key="ticket_id"):
    """A fact heard after the ticket opened changed who pays."""

    previous_verdict: Verdict


class ReceivedByServiceCentre(Event, type="received.by.service.centre", version=1, key="ticket_id"):
    """The repair centre has the unit."""

    ticket_id: Id
    serial: Serial
    customer_id: Id
    received_at: AwareDatetime


class RepairFinished(Event, type="repair.finished", version=1, key="ticket_id"):
    """The repair ended, one way or the other."""

    ticket_id: Id
    serial: Serial
    customer_id: Id
    outcome: RepairOutcome
    finished_at: AwareDatetime


class ReturnRequested(Event, type="return.requested", version=1, key="ticket_id"):
    """The owner asks to give a unit back."""

    ticket_id: Id
    repair_ticket_id: Id | None
    """The repair that failed, when there was one."""
    serial: Serial
    model: str | None
    customer_id: Id
    requested_at: AwareDatetime


class ReturnAccepted(Event, type="return.accepted", version=1, key="ticket_id"):
    """The return is accepted; a credit is due."""

    ticket_id: Id
    serial: Serial
    customer_id: Id
    grms_number: str
    accepted_on: date
    """The day that fixes the unit's age, and so its depreciation."""


class ReturnRefused(Event, type="return.refused", version=1, key="ticket_id"):
    """The return is refused."""

    ticket_id: Id
    serial: Serial
    customer_id: Id
    reason: str
