"""The outbox of mails, for staff (NTF-05)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from chassis.http.access import may
from chassis.http.commands import Reader
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from notifications_service.mails import store
from notifications_service.mails.domain import MailState

router = APIRouter(tags=["mails"])


class MailView(BaseModel):
    """A mail and what became of it; moments in UTC."""

    model_config = ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={
            "examples": [
                {
                    "mail_id": "0199a3c4-7b10-700d-8a5e-4d1f6c2b000d",
                    "kind": "service-operational",
                    "brand": "dynabook",
                    "state": "sent",
                    "contact_id": "0199a3c4-7b10-7004-8a5e-4d1f6c2b0004",
                    "caused_by": "0199a3c4-7b10-7001-8a5e-4d1f6c2b0101",
                    "language": "fr",
                    "subject": "Pack Pro Connect 3 ans est opérationnel",
                    "to": "camille@atelier.example",
                    "created_at": "2026-11-24T09:00:00Z",
                    "queued_at": "2026-11-24T09:00:00Z",
                    "sent_at": "2026-11-24T09:00:01Z",
                    "next_attempt_at": None,
                    "attempts": 1,
                    "last_error": None,
                }
            ]
        },
    )

    mail_id: UUID
    kind: str
    brand: str
    state: MailState
    contact_id: UUID
    caused_by: UUID
    """Id of the event that the mail tells of."""
    language: str | None
    """This, `subject` and `to` as of the latest attempt; null before the first."""
    subject: str | None
    to: str | None
    created_at: datetime
    queued_at: datetime | None
    """Null while the recipient is not known."""
    sent_at: datetime | None
    next_attempt_at: datetime | None
    attempts: int
    last_error: str | None
    """Why the latest attempt did not succeed."""


def _view(row: Any) -> MailView:
    return MailView.model_validate({**row, "mail_id": row["id"], "to": row["offered_to"]})


@router.get("/mails", response_model=Page[MailView], dependencies=[Depends(may("mails:read"))])
async def list_mails(
    pool: Reader,
    event_id: Annotated[UUID | None, Query(description="The event that caused the mail.")] = None,
    contact_id: Annotated[UUID | None, Query(description="The recipient.")] = None,
    state: Annotated[MailState | None, Query(description="Where the mail is.")] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[MailView]:
    """Mails, newest first; what was refused or has to wait shows its reason and next attempt (NTF-04, NTF-05)."""
    rows = await store.list_mails(pool, read_cursor(cursor), event_id, contact_id, state, limit)
    return page_of(rows, limit, _view, lambda row: (row["created_at"], row["id"]))
