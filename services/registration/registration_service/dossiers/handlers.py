"""A file arrives with its invoices, is given up, or its day is over (REG-19, REG-22)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from chassis import documents, timers
from chassis.caller import Caller, Sight
from chassis.database import Tx
from chassis.documents import Document
from chassis.media import IMAGES, PDF
from chassis.routes import Due
from chassis.transact import Accepted, Refusal
from event_schemas import Event
from event_schemas.registration_dossiers import DossierOverdue, DossierReceived
from registration_service.contacts.handlers import Person, recognise
from registration_service.dossiers import store
from registration_service.dossiers.domain import (
    CANCELLED,
    DUE,
    ENDED,
    PARKED_TOO_LONG,
    UNREAD,
    Dossier,
    Fault,
    Outcome,
    State,
    deadline,
    received,
)
from registration_service.dossiers.reading import refuse
from registration_service.policy import BrandName, policy_of
from registration_service.products.domain import RegisteredAs

MOST_INVOICES: Final = 100
_TEXTS: Final = ("text/csv", "text/plain")
_INVOICES: Final = (PDF, *IMAGES)
_ID: Final = "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4d01"
Invoices = Annotated[list[UUID], Field(min_length=1, max_length=MOST_INVOICES, examples=[[_ID]])]


class OpenDossier(BaseModel):
    """A file of products to register, with the invoices that prove their purchase."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: BrandName
    file: UUID = Field(examples=[_ID])
    """The CSV, kept before with `POST /documents`; its columns are those of `GET /dossiers/template`."""
    purchase_invoices: Invoices
    """Invoices of the products: PDF or pictures, kept before."""
    service_invoices: Invoices
    """Invoices of the services: PDF or pictures, kept before."""
    dry_run: bool = False
    """Tell what would become of each row, and change nothing."""
    registered_as: RegisteredAs = Field("reseller", examples=["reseller"])
    submitter: Person | None = None
    """Who gets the result by mail: for tokens that stand for nobody in particular, and for those only."""


class DossierReceipt(BaseModel):
    """A file that is taken on."""

    dossier_id: UUID = Field(examples=[_ID])
    state: State = Field(examples=["received"])
    due_on: str = Field(examples=["2026-11-29"])
    """Last day, inclusive, on which every row has its outcome; later than that it is late."""


class CancelDossier(BaseModel):
    """Give up what is not done of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


async def open_dossier(command: OpenDossier, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Take a file on; its rows are registered in the caller's name (202). Raises UnknownBrand."""
    policy_of(command.brand)
    file = await _kept(tx, by, [command.file], "/file", _TEXTS)
    if isinstance(file, Refusal):
        return file
    for kind, given in _invoices(command):
        invoices = await _kept(tx, by, given, f"/{kind}_invoices/{{}}", _INVOICES)
        if isinstance(invoices, Refusal):
            return invoices
    if not command.dry_run and (same := await store.same(tx, command.brand, by.owner, file[0].sha256)):
        return Refusal("dossier-running", 409, "/file", str(command.file), details={"dossier_id": str(same)})
    submitter = await _submitter(command, tx, by)
    if isinstance(submitter, Refusal):
        return submitter
    submitter_id, facts = submitter
    dossier = _dossier(command, tx, by, submitter_id)
    await store.open_dossier(tx, dossier, file[0].sha256)
    for kind, given in _invoices(command):
        await store.add_invoices(tx, dossier.dossier_id, kind, given)
    if not command.dry_run:
        facts = (*facts, await _announced(dossier, command, file[0], tx))
    return Accepted(_receipt(dossier, dossier.state), facts, 202)


def _invoices(command: OpenDossier) -> tuple[tuple[str, list[UUID]], ...]:
    return ("purchase", command.purchase_invoices), ("service", command.service_invoices)


def _dossier(command: OpenDossier, tx: Tx, by: Caller, submitter_id: UUID) -> Dossier:
    policy = policy_of(command.brand)
    return Dossier(
        dossier_id=uuid7(),
        brand=command.brand,
        caller=by,
        correlation_id=tx.cause.correlation_id,
        organisation_id=by.organisation,
        submitter_id=submitter_id,
        file_id=command.file,
        registered_as=command.registered_as,
        dry_run=command.dry_run,
        state=State.RECEIVED,
        due_on=policy.day_of(tx.now) + timedelta(days=policy.deadlines.dossier_days),
        counts=dict.fromkeys(Outcome, 0),
    )


def _receipt(dossier: Dossier, state: State) -> DossierReceipt:
    return DossierReceipt(dossier_id=dossier.dossier_id, state=state, due_on=dossier.due_on.isoformat())


async def _announced(dossier: Dossier, command: OpenDossier, file: Document, tx: Tx) -> DossierReceived:
    zone = policy_of(dossier.brand).zone
    await timers.arm(tx, DUE, str(dossier.dossier_id), deadline(dossier.due_on, zone))
    return received(dossier, file.size_bytes, len(command.purchase_invoices), len(command.service_invoices))


async def _kept(
    tx: Tx, by: Caller, ids: Sequence[UUID], pointer: str, kinds: Sequence[str]
) -> list[Document] | Refusal:
    """The named documents, when all are there and of a fitting kind."""
    found = await documents.held(tx, ids, by, pointer)
    if isinstance(found, Refusal):
        return found
    for place, document in enumerate(found):
        if document.media_type not in kinds:
            return Refusal("document-kind", 422, pointer.format(place), document.media_type, list(kinds))
    return found


async def _submitter(command: OpenDossier, tx: Tx, by: Caller) -> tuple[UUID, tuple[Event, ...]] | Refusal:
    if by.contact and command.submitter:
        return Refusal("submitter-is-caller", 422, "/submitter", command.submitter.email)
    if by.contact:
        return by.contact, ()
    if command.submitter is None:
        return Refusal("submitter-missing", 422, "/submitter")
    person = await recognise(command.submitter, command.brand, tx, "/submitter", by)
    return person if isinstance(person, Refusal) else (person.contact_id, person.facts)


async def cancel_dossier(_: CancelDossier, tx: Tx, by: Caller, dossier_id: UUID) -> Accepted | Refusal:
    """Refuse the rows of a file that have no outcome yet (202); what is registered stays so."""
    dossier = await store.lock(tx, dossier_id, by.sight)
    if dossier is None or by.brand not in (None, dossier.brand):
        return Refusal("not-found", 404)
    if dossier.state in ENDED or dossier.closing == CANCELLED:
        return Refusal("dossier-over", 409, details={"state": dossier.state})
    facts: Event | None = None
    if dossier.state in UNREAD:
        facts = await refuse(dossier, Fault(CANCELLED), tx)
        state = State.REFUSED
    else:
        await store.close(tx, dossier_id, CANCELLED)
        state = State.RUNNING
    return Accepted(_receipt(dossier, state), facts, 202)


async def end_waiting(due: Due, tx: Tx) -> DossierOverdue | None:
    """A file's last day is over: rows that still wait are refused; it is late when others were not even tried."""
    dossier = await store.lock(tx, UUID(due.subject), Sight())
    if dossier is None or dossier.state in ENDED or dossier.closing == CANCELLED:
        return None
    late = dossier.pending > 0 or dossier.state in UNREAD
    waiting = PARKED_TOO_LONG if dossier.counts[Outcome.PARKED] else None
    await store.close(tx, dossier.dossier_id, waiting, late)
    return dossier.is_late() if late else None
