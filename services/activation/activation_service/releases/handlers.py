"""Releases of software are loaded, and downloaded by those whose maintenance includes them (ACT-12, L23, I19)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from activation_service.policy import Reference
from activation_service.releases import store
from activation_service.releases.domain import Release
from activation_service.software.programs import program_of
from chassis import documents
from chassis.caller import Caller
from chassis.database import Tx
from chassis.days import Day
from chassis.transact import Accepted, Refusal

Version = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[!-~]+$", examples=["3.2.1"])]
Address = Annotated[str, Field(max_length=2000, pattern=r"^https://[!-~]+$")]


class LoadRelease(BaseModel):
    """A new version of a program, with `download_url` or `document_id`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: Annotated[str, Field(min_length=1, max_length=40, examples=["d-link"])]
    software: Annotated[Reference, Field(examples=["NUCLIAS-CONNECT"])]
    version: Version
    released_on: Day = Field(examples=["2026-11-20"])
    """Whoever has maintenance on this day may download it for ever; before it, nobody is shown it."""
    download_url: Address | None = Field(None, examples=["https://downloads.example/nuclias-connect/3.2.1.zip"])
    document_id: UUID | None = None
    """Kept before with `POST /documents`, instead of the address."""


class ReleaseView(BaseModel):
    """A version that was loaded."""

    release_id: UUID
    brand: Annotated[str, Field(examples=["d-link"])]
    software: Annotated[str, Field(examples=["NUCLIAS-CONNECT"])]
    version: Version
    released_on: date = Field(examples=["2026-11-20"])


class DownloadView(BaseModel):
    """A version, and where to get it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    release_id: UUID
    version: Version
    released_on: date = Field(examples=["2026-11-20"])
    entitled: Annotated[bool, Field(examples=[True])]
    """Whether the licence was maintained on the day of the release; if not, it is only told that there is one."""
    download_url: str | None = Field(examples=["https://downloads.example/nuclias-connect/3.2.1.zip"])
    file: str | None = Field(examples=[None])
    """Path at this service of a version that is kept here."""


async def load_release(command: LoadRelease, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Keep a new version; 409 for one that is known. Raises UnknownBrand."""
    program = await program_of(command.brand, command.software, tx)
    if isinstance(program, Refusal):
        return program
    if (command.download_url is None) == (command.document_id is None):
        return Refusal("release-without-place", 422, "/download_url", command.download_url)
    if command.document_id:
        held = await documents.held(tx, [command.document_id], by, "/document_id")
        if isinstance(held, Refusal):
            return held
    release = Release(release_id=uuid7(), **command.model_dump())
    if not await store.add(tx, release, by.subject):
        return Refusal("release-exists", 409, "/version", command.version)
    return Accepted(ReleaseView.model_validate(release, from_attributes=True))
