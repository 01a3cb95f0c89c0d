"""The outbox of mails as staff search it (NTF-05)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from event_schemas.activation import ServiceActivated, ServiceOperational
from event_schemas.tickets import ReturnRefused

from .conftest import Post, told


@pytest.mark.requirement("NTF-05")
async def test_mails_are_found_by_event_by_recipient_and_by_state(post: Post) -> None:
    person, stranger = await post.meet(language="nl"), uuid4()
    first = await post.room.hear(told(ServiceActivated, customer_id=person))
    await post.send()
    second = await post.room.hear(told(ServiceOperational, customer_id=person))
    third = await post.room.hear(told(ReturnRefused, customer_id=stranger))

    async def causes(query: str) -> list[str]:
        answer = await post.room.get(f"/mails?{query}")
        assert answer.status_code == 200
        return [mail["caused_by"] for mail in answer.json()["items"]]

    assert await causes(f"event_id={first}") == [str(first)]
    assert await causes(f"contact_id={person}") == [str(second), str(first)]
    assert await causes("state=waiting") == [str(third)]
    assert await causes("state=sent") == [str(first)]
    assert await causes(f"state=sent&contact_id={stranger}") == []
    [mail] = (await post.room.get(f"/mails?event_id={first}")).json()["items"]
    assert (mail["kind"], mail["language"], mail["to"]) == ("service-activated", "nl", post.known[person])
    assert (mail["sent_at"], mail["attempts"], mail["state"]) == ("2026-11-22T09:00:00Z", 1, "sent")
    assert "geactiveerd" in mail["subject"]


@pytest.mark.requirement("NTF-05", "ALL-01")
async def test_pages_follow_each_other_without_gap_or_repetition(post: Post) -> None:
    person = await post.meet()
    said = []
    for number in range(7):
        post.room.clock.advance(timedelta(seconds=number % 2))
        said.append(str(await post.room.hear(told(ServiceOperational, customer_id=person))))
    found, cursor = [], ""
    while True:
        page = (await post.room.get(f"/mails?limit=3{cursor}")).json()
        found += [mail["caused_by"] for mail in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == said[::-1]


@pytest.mark.requirement("ALL-06")
async def test_only_a_token_for_mails_opens_the_list(post: Post) -> None:
    answer = await post.room.get("/mails", scopes=["tickets:read"])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")


@pytest.mark.parametrize("query", ["state=lost", "event_id=7", "limit=0", "cursor=nonsense"])
async def test_a_wrong_filter_is_named(post: Post, query: str) -> None:
    answer = await post.room.get(f"/mails?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["errors"][0]["pointer"]
