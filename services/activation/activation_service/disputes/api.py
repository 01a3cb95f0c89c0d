"""Disputes over HTTP: open one, bring evidence, decide, withdraw, look (ACT-13)."""

from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from activation_service.disputes import deciding, handlers, store
from activation_service.disputes.deciding import DecideDispute, WithdrawDispute
from activation_service.disputes.domain import Dispute, State
from activation_service.disputes.handlers import GiveEvidence, OpenDispute
from activation_service.disputes.knowledge import Knowledge, knowledge_of
from activation_service.disputes.views import DisputeView, EvidenceView, dispute_view
from activation_service.policy import policy_of
from activation_service.products.domain import canonical
from chassis import documents
from chassis.caller import Caller, Sight, Whose
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.documents import FILE, download
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal

router: Final = APIRouter(tags=["disputes"])
DECIDE: Final = "disputes:decide"
DisputeId = Annotated[
    UUID, Path(description="As POST /disputes answered.", examples=["0199a3c4-7b10-7033-8a5e-4d1f6c2b0033"])
]
Writer = Annotated[Run, Depends(command("disputes:write"))]
Decider = Annotated[Run, Depends(command(DECIDE))]
Viewer = Annotated[Caller, Depends(may("disputes:read"))]


class DisputeDetails(DisputeView):
    """A dispute with what was said and shown."""

    evidence: list[EvidenceView]
    """Oldest first."""
    known: Knowledge | None
    """What activation knows of the product, for those who decide; null for others."""


@router.post("/disputes", status_code=201, response_model=DisputeView, summary="Open a coverage dispute")
async def open_dispute(body: OpenDispute, run: Writer) -> Response:
    """A product was said not to be covered and its customer does not agree (ACT-13, I08).

    It is named by `product_id`, or by `brand` and `serial`; one that the caller may not see is not found.
    """
    return await run(partial(handlers.open_dispute, by=run.caller), body)


@router.get("/disputes", summary="List disputes")
async def list_disputes(
    pool: Reader,
    caller: Viewer,
    brand: Annotated[str | None, Query(max_length=40, description="Only this brand.", examples=["dynabook"])] = None,
    serial: Annotated[
        str | None,
        Query(max_length=64, pattern=r"^[^\x00]+$", description="Only this product.", examples=["9H0123456X"]),
    ] = None,
    state: Annotated[State | None, Query(description="Only open or only decided ones.", examples=["open"])] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[DisputeView]:
    """The disputes that the caller may see, newest first (ACT-13)."""
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    asked = brand, serial and canonical(serial)
    is_open = None if state is None else state == "open"
    found = await store.page(pool, Whose.seen_by(caller), asked, is_open, read_cursor(cursor), limit + 1)
    return page_of(found, limit, dispute_view, lambda one: (one.opened_at, one.dispute_id))


@router.get("/disputes/{dispute_id}", response_model=DisputeDetails, responses=TAGGED, summary="Show a dispute")
async def show_dispute(
    dispute_id: DisputeId, pool: Reader, caller: Viewer, if_none_match: IfNoneMatch = None
) -> Response:
    """One dispute with its evidence and, for those who decide, product, services and contracts as of its day (ACT-13).

    One that the caller may not see is not found.
    """
    dispute = await _seen(dispute_id, caller, pool)
    evidence = [EvidenceView(**row) for row in await store.evidence(pool, dispute_id)]
    known = await knowledge_of(dispute, pool) if DECIDE in caller.scopes else None
    view = DisputeDetails(**dispute_view(dispute).model_dump(), evidence=evidence, known=known)
    return tagged(view, if_none_match)


@router.get(
    "/disputes/{dispute_id}/documents/{document_id}",
    response_class=Response,
    responses=FILE,
    summary="Fetch a piece of evidence",
)
async def show_evidence_document(
    dispute_id: DisputeId,
    document_id: Annotated[
        UUID, Path(description="From the evidence.", examples=["0199a3c4-7b10-7034-8a5e-4d1f6c2b0034"])
    ],
    request: Request,
    pool: Reader,
    caller: Viewer,
) -> Response:
    """A document that somebody brought, for everybody who sees the dispute; anything else is not found (ACT-13)."""
    await _seen(dispute_id, caller, pool)
    named = await store.names_document(pool, dispute_id, document_id)
    document = await documents.find(pool, document_id, Sight()) if named else None
    if document is None:
        raise ProblemError(Refusal("not-found", 404))
    return download(request, pool, document)


@router.post("/disputes/{dispute_id}/evidence", status_code=201, response_model=EvidenceView, summary="Bring evidence")
async def give_evidence(dispute_id: DisputeId, body: GiveEvidence, run: Writer) -> Response:
    """Say and show more, as long as it is open (ACT-13)."""
    return await run(partial(handlers.give_evidence, dispute_id=dispute_id, by=run.caller), body)


@router.post("/disputes/{dispute_id}/decision", response_model=DisputeView, summary="Decide a dispute")
async def decide_dispute(dispute_id: DisputeId, body: DecideDispute, run: Decider) -> Response:
    """Covered or not, and why: the customer gets a mail, and what is covered stands in the repair too (ACT-13)."""
    return await run(partial(deciding.decide, dispute_id=dispute_id, by=run.caller), body)


@router.post("/disputes/{dispute_id}/withdrawal", response_model=DisputeView, summary="Withdraw a dispute")
async def withdraw_dispute(dispute_id: DisputeId, body: WithdrawDispute, run: Writer) -> Response:
    """It is not contested any more (ACT-13)."""
    return await run(partial(deciding.withdraw, dispute_id=dispute_id, by=run.caller), body)


async def _seen(dispute_id: UUID, caller: Caller, pool: Reader) -> Dispute:
    dispute = await store.find(pool, Whose.seen_by(caller), dispute_id)
    if dispute is None:
        raise ProblemError(Refusal("not-found", 404))
    return dispute
