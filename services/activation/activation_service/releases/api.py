"""Releases come in, downloads go out (ACT-12, L23, I19)."""

from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from activation_service.releases import store
from activation_service.releases.domain import Release
from activation_service.releases.handlers import DownloadView, LoadRelease, ReleaseView, load_release
from activation_service.software.api import LicenceId, Viewer, seen, today
from activation_service.software.domain import Licence
from chassis import documents
from chassis.caller import Sight
from chassis.http.commands import Reader, Run, command
from chassis.http.documents import FILE, download
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.transact import Refusal

router: Final = APIRouter(tags=["licences"])
Loader = Annotated[Run, Depends(command("licences:load"))]


@router.post("/software-releases", status_code=201, response_model=ReleaseView, summary="Load a release")
async def load_software_release(body: LoadRelease, run: Loader) -> Response:
    """A new version of a program, at an address or as a kept document (ACT-12, L23, I19)."""
    return await run(partial(load_release, by=run.caller), body)


@router.get("/licences/{licence_id}/downloads", summary="List downloads")
async def list_downloads(
    licence_id: LicenceId,
    request: Request,
    pool: Reader,
    caller: Viewer,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[DownloadView]:
    """The program's versions, newest first (ACT-12, L23, I19).

    What was released while the licence was maintained can be downloaded for ever; later ones are only named.
    """
    licence = await seen(licence_id, caller, pool)
    found = await store.page(
        pool, licence.brand, licence.software, today(licence, request), read_cursor(cursor), limit + 1
    )
    return page_of(
        found, limit, partial(_view, licence=licence), lambda one: (_midnight(one.released_on), one.release_id)
    )


@router.get(
    "/licences/{licence_id}/downloads/{release_id}/file",
    response_class=Response,
    responses=FILE,
    summary="Download a version",
)
async def download_release(
    licence_id: LicenceId,
    release_id: Annotated[
        UUID, Path(description="From the list of downloads.", examples=["0199a3c4-7b10-7032-8a5e-4d1f6c2b0032"])
    ],
    request: Request,
    pool: Reader,
    caller: Viewer,
) -> Response:
    """A version that is kept here; one to which the licence does not entitle is not found (ACT-12, L23, I19)."""
    licence = await seen(licence_id, caller, pool)
    release = await store.find(pool, release_id)
    ready = release and release.is_due(licence) and release.released_on <= today(licence, request)
    document_id = release.document_id if release and ready else None
    document = await documents.find(pool, document_id, Sight()) if document_id else None
    if document is None:
        raise ProblemError(Refusal("not-found", 404))
    return download(request, pool, document)


def _view(release: Release, licence: Licence) -> DownloadView:
    due = release.is_due(licence)
    path = f"/licences/{licence.licence_id}/downloads/{release.release_id}/file"
    return DownloadView(
        release_id=release.release_id,
        version=release.version,
        released_on=release.released_on,
        entitled=due,
        download_url=release.download_url if due else None,
        file=path if due and release.document_id else None,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
