"""Tickets are found by id, by brand and by unit; pages follow each other without gap or repetition."""

from datetime import timedelta

import pytest
from uuid6 import uuid7


async def all_pages(room, query: str, limit: int) -> list[list[str]]:
    pages, cursor = [], ""
    while cursor is not None:
        page = (await room.get(f"/tickets?{query}&limit={limit}{cursor and '&cursor=' + cursor}")).json()
        pages.append([item["ticket_id"] for item in page["items"]])
        cursor = page["next_cursor"]
    return pages


@pytest.mark.requirement("TKT-14")
async def test_pages_are_newest_first_and_lose_nothing_when_several_were_opened_at_once(room, story):
    await room.hear(story.registered())
    opened = []
    for number in range(7):
        opened.append((await room.post("/repair-requests", story.repair())).json()["ticket_id"])
        if number % 3 == 0:
            room.clock.advance(timedelta(minutes=1))
    pages = await all_pages(room, f"brand=dynabook&serial={story.serial.lower()}", 2)
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert [ticket for page in pages for ticket in page] == opened[::-1]


@pytest.mark.requirement("TKT-14")
async def test_a_list_shows_both_status_levels_but_no_complaint(room, story):
    await room.hear(story.registered())
    await room.post("/repair-requests", story.repair(own_reference="R-1"))
    await room.post("/return-requests", story.refund())
    items = (await room.get(f"/tickets?serial={story.serial}")).json()["items"]
    shown = {
        item["kind"]: (item["request_status"], item["repair_status"], item["return_status"], item["verdict"])
        for item in items
    }
    assert shown == {
        "repair": ("in_progress", "requested", None, "standard_warranty"),
        "return": ("in_progress", None, "requested", None),
    }
    assert all("complaint" not in item for item in items)
    assert (await room.get(f"/tickets?brand=ibm&serial={story.serial}")).json() == {"items": [], "next_cursor": None}


async def test_an_unknown_ticket_is_not_found(room):
    answer = await room.get(f"/tickets/{uuid7()}", language="fr")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=nonsense", "serial=%00", "brand=%00"])
async def test_a_query_that_cannot_be_answered_is_refused(room, query):
    assert (await room.get(f"/tickets?{query}")).status_code == 422
