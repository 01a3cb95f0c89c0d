"""Uploaded files in the service's own database, cut into parts: never whole in memory (REG-16, REG-19, TKT-05)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Final
from uuid import UUID

from uuid6 import uuid7

from chassis.caller import Caller, Sight, seen
from chassis.database import Pool, Tx
from chassis.transact import Refusal

PART_BYTES: Final = 256 * 1024
"""Also in the tables: a change needs a migration."""
AT_ONCE: Final = 50
"""Documents that one statement drops at most."""
_COLUMNS: Final = "document_id, owner, organisation_id, brand, name, media_type, size_bytes, sha256, kept_at"
_SEEN: Final = f"{seen(2)} AND ($4::text IS NULL OR brand IS NULL OR brand = $4)"


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of a kept file; the content is read apart."""

    document_id: UUID
    owner: str
    organisation_id: UUID | None
    brand: str | None
    """The only brand whose tokens show it; None for any."""
    name: str
    """Safe to show and to save under; its extension is that of the type."""
    media_type: str
    """By content, e.g. `application/pdf`; without parameters."""
    size_bytes: int
    sha256: bytes
    kept_at: datetime


class DocumentGone(LookupError):
    """The document was dropped, before or while it was read."""


async def keep(tx: Tx, file: BinaryIO, *, name: str, media_type: str, sha256: bytes, by: Caller) -> Document:
    """Keep a whole file, from its start whatever its position; name, type and digest are the caller's to have found."""
    size = file.seek(0, 2)
    document = Document(uuid7(), by.owner, by.organisation, by.brand, name, media_type, size, sha256, tx.now)
    await tx.execute(
        f"INSERT INTO document ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *astuple(document)
    )
    file.seek(0)
    for part in range(_parts(size)):
        # read in place: the file was written a moment ago, and a wait for a thread would hold the connection
        await tx.execute(
            "INSERT INTO document_part VALUES ($1, $2, $3)", document.document_id, part, file.read(PART_BYTES)
        )
    return document


async def kept_since(tx: Tx, owner: str, since: datetime) -> int:
    """The bytes that an owner has brought since then and that are still kept."""
    query = "SELECT coalesce(sum(size_bytes), 0)::bigint FROM document WHERE owner = $1 AND kept_at >= $2"
    kept: int = await tx.fetchval(query, owner, since)
    return kept


async def held(tx: Tx, ids: Sequence[UUID], by: Caller, pointer: str) -> list[Document] | Refusal:
    """The documents that a command names, in its order, and none of them can be dropped until the command is done.

    The first that is unknown or that the caller may not see gives the Refusal `document-unknown`, 422; `pointer` is
    the field's, with `{}` for its place in a list: `/proof_of_purchase/{}`, or just `/attachment`.
    """
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM document WHERE document_id = ANY($1::uuid[]) AND {_SEEN} FOR KEY SHARE",
        ids,
        *by.sight.columns,
        by.brand,
    )
    found = {row["document_id"]: Document(**row) for row in rows}
    for place, document_id in enumerate(ids):
        if document_id not in found:
            return Refusal("document-unknown", 422, pointer.format(place), document_id)
    return [found[document_id] for document_id in ids]


async def find(db: Pool | Tx, document_id: UUID, sight: Sight, brand: str | None = None) -> Document | None:
    """One document as somebody sees it, None for one they do not see; `Sight()` for a caller checked otherwise."""
    query = f"SELECT {_COLUMNS} FROM document WHERE document_id = $1 AND {_SEEN}"
    row = await db.fetchrow(query, document_id, *sight.columns, brand)
    return Document(**row) if row else None


async def read(pool: Pool, document_id: UUID, start: int = 0) -> AsyncIterator[bytes]:
    """The content from byte `start` on, in pieces of at most 256 KiB; raises DocumentGone.

    No connection is held between two pieces, so a slow reader costs none. Who may see it is for the caller to know.
    """
    size = await pool.fetchval("SELECT size_bytes FROM document WHERE document_id = $1", document_id)
    if size is None:
        raise DocumentGone(str(document_id))
    first, skipped = divmod(start, PART_BYTES)
    for part in range(first, _parts(size)):
        content: bytes | None = await pool.fetchval(
            "SELECT content FROM document_part WHERE document_id = $1 AND part = $2", document_id, part
        )
        if content is None:
            raise DocumentGone(str(document_id))
        yield content[skipped:]
        skipped = 0


async def drop(tx: Tx, ids: Sequence[UUID]) -> None:
    """Delete documents with their content; unknown ids are no error."""
    await tx.execute("DELETE FROM document WHERE document_id = ANY($1::uuid[])", ids)


async def drop_unused(tx: Tx, age: timedelta, used: str) -> int:
    """Delete some documents of at least this age to which nothing refers, and tell how many; 0 when there are none.

    `used` is an SQL query of one column: the ids to which the service refers. Two statements, because the second sees
    what a command has named while the first waited; whoever names one later finds it gone.
    """
    old = f"SELECT document_id FROM document WHERE kept_at < $1 EXCEPT ({used})"
    locking = f"SELECT document_id FROM document WHERE document_id IN ({old}) LIMIT $2 FOR UPDATE SKIP LOCKED"
    ids = [row["document_id"] for row in await tx.fetch(locking, tx.now - age, AT_ONCE)]
    still = f"SELECT unnest($1::uuid[]) EXCEPT ({used})"
    return len(await tx.fetch(f"DELETE FROM document WHERE document_id IN ({still}) RETURNING 1", ids))


def _parts(size: int) -> int:
    return -(-size // PART_BYTES)
