"""Private, kept one day: what only the mailer may see (REG-08)."""

from event_schemas.base import Event, Id


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
