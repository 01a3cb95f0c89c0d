"""What registration says about bulk files; on the topic `registration` (REG-19…22)."""

from datetime import date

from pydantic import Field

from event_schemas.base import Event, Id

TOPIC = "registration"


class Dossier(Event):
    """What the facts of a bulk file share."""

    dossier_id: Id
    submitter_id: Id
    """Who sent it; resolved through the private topic `contacts`."""
    organisation_id: Id | None = None
    due_on: date
    """Last day, inclusive, on which its rows are due."""


class DossierReceived(Dossier, type="dossier.received", version=1, key="dossier_id", topic=TOPIC):
    """A bulk file with its invoices is complete and waits for its rows to be registered."""

    size_bytes: int
    purchase_invoices: int
    """Number of files."""
    service_invoices: int
    """Number of files."""


class DossierCompleted(Dossier, type="dossier.completed", version=1, key="dossier_id", topic=TOPIC):
    """Every row has its outcome; none is parked any more. Or the file as a whole was refused."""

    rows: int
    registered: int
    already_registered: int = Field(description="Rows that an earlier file or form had registered in the same way.")
    contested: int
    refused: int
    problem: str | None = None
    """Code of the reason for which the file was refused before any row was tried, e.g. `column-missing`."""


class DossierOverdue(Dossier, type="dossier.overdue", version=1, key="dossier_id", topic=TOPIC):
    """The day it was due is over and rows are still open."""

    open_rows: int
