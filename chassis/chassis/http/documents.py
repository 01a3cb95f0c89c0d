"""Files in and out: a body of any type, streamed to disk first and into the database in one go (REG-16, TKT-05).

A service that keeps documents lists `router`; its commands name them by id and look them up with `documents.held`.
"""

import asyncio
import math
from datetime import timedelta
from functools import partial
from os import SEEK_END
from tempfile import TemporaryFile
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, BeforeValidator, Field

from chassis import documents, media
from chassis.caller import FILES_ALL, Caller
from chassis.database import Pool, Tx
from chassis.documents import Document
from chassis.http.access import may
from chassis.http.app import Problem
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.problems import MEDIA_TYPE
from chassis.http.uploads import BODY, Upload, acceptable, place_of, received
from chassis.transact import Accepted, Refusal

_BINARY: Final = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "description": "The file itself, not a form. Its content alone decides on its type: PDF, JPEG, PNG or WebP "
        "up to 10 MiB; text (CSV) in UTF-8 or Windows-1252 up to 64 MiB. Pictures (50 megapixels at most, WebP 20) are "
        "kept upright and without their metadata.",
        "required": True,
        "content": {
            "application/octet-stream": _BINARY,
            "text/csv": {**_BINARY, "example": "serial;certificate\r\nX1234567H;SP-2026-0001\r\n"},
            **dict.fromkeys((media.PDF, *media.IMAGES), _BINARY),
        },
    }
}
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": text, "content": {MEDIA_TYPE: {}}}
    for status, text in {
        408: "The file did not arrive in time",
        415: "A type that is not accepted",
        429: "As much as is kept for one sender in a day",
    }.items()
}
FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file", "content": dict.fromkeys(media.EXTENSIONS, _BINARY)},
    304: {"description": "The file that If-None-Match names"},
}
"""For `responses=` of an operation that answers with `download`."""

router = APIRouter(tags=["documents"])


class KeepDocument(BaseModel):
    """A file that has arrived; name and digest of what was sent make it the same command."""

    name: str
    sent_sha256: str


class DocumentView(BaseModel):
    """A kept file; size and digest are those of what is kept."""

    document_id: UUID
    name: str = Field(examples=["invoice-2026-11.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    size_bytes: int = Field(examples=[48213])
    sha256: Annotated[str, BeforeValidator(bytes.hex)] = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )


@router.post("/documents", status_code=201, response_model=DocumentView, openapi_extra=_UPLOAD, responses=_REFUSALS)
async def keep_document(
    request: Request,
    name: Annotated[
        str, Query(min_length=1, max_length=1000, description="What it is called.", examples=["invoice.pdf"])
    ],
    run: Annotated[Run, Depends(command("documents:write"))],
) -> Response:
    """Keep a file under a safe form of `name`; commands then name it by `document_id` (REG-16).

    A caller sends two files at once and, unless they see every file, as many bytes in a day as the installation allows.
    """
    with place_of(run.caller):
        settings = request.app.state.settings
        await asyncio.to_thread(settings.data_dir.mkdir, parents=True, exist_ok=True)
        # files without a name: whatever ends the request, or the process, nothing of them stays
        with TemporaryFile(dir=settings.data_dir) as sent, TemporaryFile(dir=settings.data_dir) as redrawn:
            digest = await received(request, sent)
            file = await acceptable(sent, name, digest, redrawn)
            asked = KeepDocument(name=media.safe_name(name, file.media_type), sent_sha256=digest.hex())
            keep = partial(_keep, sent=file, by=run.caller, most_daily=settings.document_bytes_daily)
            return await run(keep, asked)


@router.get("/documents/{document_id}", response_class=Response, responses=FILE)
async def show_document(
    document_id: Annotated[UUID, Path(description="From the answer that kept it.")],
    request: Request,
    pool: Reader,
    caller: Annotated[Caller, Depends(may("documents:read"))],
) -> Response:
    """The file; somebody else's is answered as an unknown one (REG-06)."""
    document = await documents.find(pool, document_id, caller.sight, caller.brand)
    if document is None:
        raise ProblemError(Refusal("not-found", 404))
    return download(request, pool, document)


def download(request: Request, pool: Pool, document: Document) -> Response:
    """A document as an answer, for callers who may see it; never shown in place, always saved under its name."""
    name, etag = document.name, f'"{document.sha256.hex()}"'
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    headers |= {
        "Content-Type": document.media_type,
        "Content-Length": str(document.size_bytes),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
    }
    return StreamingResponse(documents.read(pool, document.document_id), 200, headers)


async def _keep(command: KeepDocument, tx: Tx, *, sent: Upload, by: Caller, most_daily: int) -> Accepted | Refusal:
    size, midnight = sent.file.seek(0, SEEK_END), tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    if FILES_ALL not in by.scopes and await documents.kept_since(tx, by.owner, midnight) + size > most_daily:
        wait = math.ceil((midnight + timedelta(days=1) - tx.now).total_seconds())
        details = {"retry_after_seconds": wait, "day": midnight.date()}
        return Refusal("document-quota-used", 429, BODY, None, most_daily, details)
    document = await documents.keep(
        tx, sent.file, name=command.name, media_type=sent.media_type, sha256=sent.sha256, by=by
    )
    return Accepted(DocumentView.model_validate(document, from_attributes=True))
