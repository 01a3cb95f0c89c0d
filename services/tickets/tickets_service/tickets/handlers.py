"""Requests in, a ticket and its first facts out (TKT-03, TKT-07 in part, TKT-09)."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from uuid6 import uuid7

from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from tickets_service.coverage.domain import ModelUnclear, Unit, decide
from tickets_service.coverage.handlers import find_unit, hold_unit
from tickets_service.policy import policy_of
from tickets_service.tickets import facts, store
from tickets_service.tickets.domain import Actor, Entry, Kind, Progress, Ticket
from tickets_service.tickets.views import ReturnOpened, repair_opened

NO_NUL: Final = r"^[^\x00]*$"  # PostgreSQL keeps every character but this one
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=NO_NUL)]
# serials and models are kept as labels print them, in capitals
SerialText = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=64, pattern=r"^[!-~]+$")]
Model = Annotated[Line, StringConstraints(to_upper=True)]


class Request(BaseModel):
    """What repair and return requests have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    brand: Annotated[Line, Field(examples=["dynabook"])]
    serial: Annotated[SerialText, Field(examples=["9H0123456X"])]
    """As on the unit: printable characters without spaces. Required (TKT-04)."""
    model: Annotated[Model | None, Field(examples=["PT5B1E-0K601"])] = None
    """Needed only when several models share the serial."""
    contact_id: Annotated[UUID | None, Field(examples=["0199a3c4-7b10-7004-8a5e-4d1f6c2b0004"])] = None
    """Who asks; needed only when the serial is not registered, otherwise it is the product's customer."""


class RequestRepair(Request):
    """A unit broke; who pays is decided at once."""

    complaint: Annotated[Text, Field(examples=["No picture after the last update; the power light blinks twice."])]
    """What is wrong, in full. Never leaves this service but to readers of the ticket."""
    own_reference: Annotated[Line | None, Field(examples=["WERKPLAATS-118"])] = None
    """The requester's own number for it."""


async def request_repair(command: RequestRepair, tx: Tx) -> Accepted | Refusal:
    """Open a repair with its coverage verdict; 422 form-not-offered, model-unclear or contact-needed."""
    opening = await _prepare(command, Kind.REPAIR, tx)
    if isinstance(opening, Refusal):
        return opening
    ticket, unit = opening
    policy = policy_of(command.brand)
    finding = decide(unit, policy.day_of(tx.now), tx.now, policy.version)
    await store.open_ticket(tx, ticket, command.complaint, own_reference=command.own_reference, finding=finding)
    await store.add_entry(tx, ticket.ticket_id, Entry(tx.now, "repair_requested", Actor.REQUESTER))
    await store.add_entry(tx, ticket.ticket_id, Entry(tx.now, "coverage_decided", Actor.AFTERCARE, finding.verdict))
    said = (facts.repair_requested(ticket), facts.coverage_decided(ticket, finding))
    return Accepted(repair_opened(ticket, finding), said)


class RequestReturn(Request):
    """A unit shall be given back; a service centre will assess it."""

    defect: Annotated[Text, Field(examples=["Main board broken, reported as not repairable."])]
    """What is wrong, in full. Never leaves this service but to readers of the ticket."""
    repair_ticket_id: Annotated[UUID | None, Field(examples=["0199a3c4-7b10-7008-8a5e-4d1f6c2b0008"])] = None
    """The repair that failed, when there was one."""


async def request_return(command: RequestReturn, tx: Tx) -> Accepted | Refusal:
    """Open a return; as request_repair, and 422 repair-ticket-unknown for what is no repair of this unit."""
    opening = await _prepare(command, Kind.RETURN, tx)
    if isinstance(opening, Refusal):
        return opening
    ticket, _ = opening
    repair = command.repair_ticket_id
    if repair and not await store.has_repair(tx, repair, command.brand, command.serial):
        return Refusal("repair-ticket-unknown", 422, "/repair_ticket_id", repair, details={"serial": command.serial})
    await store.open_ticket(tx, ticket, command.defect, repair_ticket_id=repair)
    await store.add_entry(tx, ticket.ticket_id, Entry(tx.now, "return_requested", Actor.REQUESTER))
    answer = ReturnOpened(ticket_id=ticket.ticket_id, serial=ticket.serial, return_status=ticket.progress)
    return Accepted(answer, facts.return_requested(ticket, repair))


async def _prepare(command: Request, kind: Kind, tx: Tx) -> tuple[Ticket, Unit] | Refusal:
    """The ticket to open and its unit, held until the transaction ends so that no fact about it slips by."""
    offered = policy_of(command.brand).forms
    if kind.value not in offered:
        return Refusal("form-not-offered", 422, "/brand", command.brand, offered)
    await hold_unit(command.brand, command.serial, tx)
    unit = await find_unit(command.brand, command.serial, command.model, tx)
    asked = {"serial": command.serial}
    if isinstance(unit, ModelUnclear):
        return Refusal("model-unclear", 422, "/model", command.model, unit.models, asked)
    customer = unit.customer_id or command.contact_id
    if customer is None:
        return Refusal("contact-needed", 422, "/contact_id", details=asked)
    model = unit.product.model if unit.product else command.model
    brand, serial, start = command.brand, command.serial, Progress.REQUESTED
    return Ticket(uuid7(), kind, brand, serial, model, customer, start, tx.now), unit
