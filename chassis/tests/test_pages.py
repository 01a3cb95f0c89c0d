"""Lists go page by page, each item once, whatever is sent as a cursor."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from chassis.http.errors import ProblemError
from chassis.http.pages import page_of, read_cursor

MOMENT = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)


class Number(BaseModel):
    value: int


def place(number: int) -> tuple[datetime, UUID]:
    return MOMENT + timedelta(microseconds=number // 2), UUID(int=number)


def page_after(cursor: str | None, rows: range, limit: int):
    after = read_cursor(cursor)
    waiting = [row for row in rows if after[0] is None or place(row) > after]
    return page_of(waiting[: limit + 1], limit, lambda row: Number(value=row), place)


@pytest.mark.requirement("ALL-01")
@given(size=st.integers(0, 30), limit=st.integers(1, 12))
def test_the_pages_together_are_the_list_and_the_last_one_says_so(size, limit):
    seen, cursor = [], None
    for _ in range(size // limit + 1):
        page = page_after(cursor, range(size), limit)
        seen += [item.value for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert cursor is None
    assert seen == list(range(size))


@pytest.mark.requirement("ALL-01")
@given(text=st.text(max_size=60))
def test_a_cursor_that_is_not_ours_is_refused_by_name(text):
    with pytest.raises(ProblemError) as refused:
        read_cursor(text)
    assert refused.value.refusal.code == "cursor-malformed"
    assert refused.value.refusal.pointer == "/cursor"


@pytest.mark.parametrize(
    "text",
    ["WzEsMl0=", "eyJhIjoxLCJiIjoyfQ==", "WyIyMDI2LTExLTIyIiwibm90IGFuIGlkIl0=", "bm90IGpzb24=", "W251bGwsbnVsbF0="],
)
def test_json_that_is_no_place_is_refused_too(text):
    with pytest.raises(ProblemError):
        read_cursor(text)


def test_a_place_in_another_zone_is_the_same_place():
    there = MOMENT.astimezone(timezone(timedelta(hours=2)))
    cursor = page_of([1, 2], 1, lambda row: Number(value=row), lambda _: (there, UUID(int=1))).next_cursor
    assert read_cursor(cursor) == (MOMENT, UUID(int=1))
