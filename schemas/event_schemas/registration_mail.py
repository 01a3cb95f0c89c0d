"""Private, kept one day: what only the mailer may see (REG-01, REG-04, REG-05, REG-08, REG-11)."""

from datetime import date

from pydantic import AwareDatetime, Field

from event_schemas.base import Event, Id, Record, Serial
from event_schemas.registration_cases import ContestDecision


class CertificateIssued(Event, type="certificate.issued", version=1, key="certificate_id"):
    """The number of a new certificate, on its way to the buyer's mailbox and nowhere else."""

    certificate_id: Id
    order_id: Id
    buyer_id: Id
    case_number: str
    service_reference: str
    service_name: str
    quantity: int
    certificate_number: str
    registration_url: str
    """Link to the pre-filled registration, `…?certificate=…`."""
    usable_until: date | None = None
    """Last day on which a unit can be redeemed, inclusive; none without a deadline (ACT-03)."""


class VerificationRequested(Event, type="verification.requested", version=1, key="account_id"):
    """Somebody signed up with this address; the code or the link proves that it is theirs."""

    account_id: Id
    contact_id: Id
    """Whom to write to, as in every fact here that does not say otherwise."""
    code: str
    verification_url: str
    expires_at: AwareDatetime
    language: str | None = None
    """ISO 639-1, as asked for with the sign-up; without it the person's."""


class SignUpRepeated(Event, type="sign.up.repeated", version=1, key="account_id"):
    """Somebody signed up with an address that has an account; only its mailbox is told."""

    account_id: Id
    contact_id: Id
    attempted_at: AwareDatetime


class PasswordResetRequested(Event, type="password.reset.requested", version=1, key="account_id"):
    """Somebody forgot their password; code or link allow a new one."""

    account_id: Id
    contact_id: Id
    code: str
    reset_url: str
    expires_at: AwareDatetime


class PasswordChanged(Event, type="password.changed", version=1, key="account_id"):
    """An account has a new password; whoever did not do that must hear of it."""

    account_id: Id
    contact_id: Id
    changed_at: AwareDatetime


class ApprovalRequested(Event, type="approval.requested", version=1, key="join_request_id"):
    """Somebody wants to join an organisation; said once for each administrator."""

    join_request_id: Id
    administrator_id: Id
    """Whom to write to."""
    applicant_name: str
    applicant_email: str
    organisation_name: str
    decision_url: str


class ApprovalAnswered(Event, type="approval.answered", version=1, key="join_request_id"):
    """The administrator's answer to the applicant."""

    join_request_id: Id
    applicant_id: Id
    """Whom to write to."""
    organisation_name: str
    approved: bool
    reason: str | None = None
    """Given with a refusal."""


class IssuedCode(Record):
    """One line of a file of codes."""

    case_number: str
    service_reference: str
    service_name: str
    certificate_number: str
    quantity: int
    units_left: int


class CodesSent(Event, type="codes.sent", version=1, key="code_file_id"):
    """Certificate numbers of several orders, sent to the supplier's buyer as a CSV file."""

    code_file_id: Id
    recipient_id: Id
    """Whom to write to."""
    codes: tuple[IssuedCode, ...] = Field(min_length=1, max_length=1000)


class ContestAnswered(Event, type="contest.answered", version=1, key="contest_id"):
    """The decision about a contested registration, with its reason; said once for each party."""

    contest_id: Id
    party_id: Id
    """Whom to write to."""
    serial: Serial
    model: str
    decision: ContestDecision
    reason: str
    """As staff wrote it."""
    keeps_product: bool
    """Whether the product is registered for this party now."""


class MoveAnswered(Event, type="move.answered", version=1, key="move_id"):
    """The decision about a cross-border move."""

    move_id: Id
    customer_id: Id
    """Whom to write to."""
    serial: Serial
    model: str
    from_country: str
    to_country: str
    approved: bool
    reason: str | None = None
    """Given with a refusal, as staff wrote it."""
