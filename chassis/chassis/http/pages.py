"""Lists by keyset: an opaque cursor, a stable order, the same cost on every page (ALL-01)."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import BaseModel, Field

from chassis.http.errors import ProblemError
from chassis.transact import Refusal

T = TypeVar("T", bound=BaseModel)
EXAMPLE_CURSOR = "WyIyMDI2LTExLTIyVDA5OjAwOjAwKzAwOjAwIiwiMDE5YThmM2UtMmI3Yy03ZDQxLTljNTUtMGExYjJjM2Q0ZTVmIl0="
Limit = Annotated[int, Query(ge=1, le=200, description="How many items at most.")]
CursorText = Annotated[str | None, Query(alias="cursor", description="`next_cursor` of the page before.")]


class Page(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None = Field(None, examples=[EXAMPLE_CURSOR])


def read_cursor(text: str | None) -> tuple[datetime | None, UUID | None]:
    """The place after which the page starts, as (moment, id); two nulls for the first page. Raises ProblemError 422.

    The query compares `($1::timestamptz IS NULL OR (created_at, id) < ($1, $2))` and orders by both, descending.
    """
    if text is None:
        return None, None
    try:
        moment, key = orjson.loads(base64.urlsafe_b64decode(text.encode()))
        place = datetime.fromisoformat(moment).astimezone(UTC), UUID(key)
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error):
        raise ProblemError(Refusal("cursor-malformed", 422, "/cursor", text)) from None
    return place


def page_of(
    rows: Sequence[Any], limit: int, view: Callable[[Any], T], place: Callable[[Any], tuple[datetime, UUID]]
) -> Page[T]:
    """A page from `limit + 1` fetched rows: the extra one only tells that there is more."""
    shown = rows[:limit]
    more = place(shown[-1]) if len(rows) > limit else None
    return Page(items=[view(row) for row in shown], next_cursor=_cursor(*more) if more else None)


def _cursor(moment: datetime, key: UUID) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([moment.isoformat(), str(key)])).decode()
