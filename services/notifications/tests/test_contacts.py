"""Whom to write to: the newest word counts, and mails wait for it."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from uuid6 import uuid7

from event_schemas.activation import ServiceOperational
from event_schemas.contacts import ContactChanged
from event_schemas.tickets import ReceivedByServiceCentre

from .conftest import Post, told


def changed(contact_id: UUID, email: str, language: str = "fr") -> ContactChanged:
    return ContactChanged(brand="dynabook", contact_id=contact_id, name="Camille", email=email, language=language)


@pytest.mark.requirement("NTF-03")
async def test_the_newest_address_and_language_count_even_for_a_mail_that_was_queued_before(post: Post) -> None:
    person = await post.meet(language="fr")
    await post.room.hear(told(ServiceOperational, customer_id=person))
    await post.room.hear(changed(person, "new@post.example", "nl"))
    await post.send()
    [arrival] = post.mailbox.arrivals
    assert arrival.recipient == "new@post.example"
    assert arrival.message["Content-Language"] == "nl"
    assert "operationeel" in arrival.message["Subject"]


@pytest.mark.requirement("NTF-03")
async def test_an_older_change_that_is_heard_later_changes_nothing(post: Post) -> None:
    person, older, newer = uuid4(), uuid7(), uuid7()
    await post.room.hear(changed(person, "newer@post.example"), newer)
    await post.room.hear(changed(person, "older@post.example"), older)
    await post.room.hear(told(ServiceOperational, customer_id=person))
    await post.send()
    assert [arrival.recipient for arrival in post.mailbox.arrivals] == ["newer@post.example"]


@pytest.mark.requirement("NTF-01")
async def test_a_mail_to_somebody_unknown_waits_and_goes_out_once_the_person_is_known(post: Post) -> None:
    person = uuid4()
    await post.room.hear(told(ServiceOperational, customer_id=person))
    await post.send()
    waiting = await post.row(person)
    assert (waiting["state"], waiting["queued_at"], waiting["next_attempt_at"]) == ("waiting", None, None)
    assert post.mailbox.arrivals == []
    post.room.clock.advance(timedelta(days=30))
    await post.meet(contact_id=person)
    await post.send()
    sent = await post.row(person)
    assert sent["state"] == "sent"
    assert datetime.fromisoformat(sent["queued_at"]) == datetime(2026, 12, 22, 9, 0, tzinfo=UTC)
    assert len(post.mails_to(person)) == 1


@pytest.mark.requirement("REG-05")
async def test_the_choice_to_be_kept_informed_is_kept_with_the_newest_word(post: Post) -> None:
    person, older, newer = uuid4(), uuid7(), uuid7()

    async def choice() -> bool | None:
        kept: bool | None = await post.room.database.pool.fetchval(
            "SELECT keep_me_informed FROM contacts WHERE contact_id = $1", person
        )
        return kept

    await post.room.hear(changed(person, "a@post.example").model_copy(update={"keep_me_informed": False}), newer)
    assert await choice() is False
    await post.room.hear(changed(person, "a@post.example").model_copy(update={"keep_me_informed": True}), older)
    assert await choice() is False
    await post.room.hear(changed(person, "a@post.example"))
    assert await choice() is None


async def test_a_person_who_becomes_known_releases_only_their_own_mails(post: Post) -> None:
    person, stranger = uuid4(), uuid4()
    for customer in (person, stranger):
        await post.room.hear(told(ServiceOperational, customer_id=customer))
        await post.room.hear(told(ReceivedByServiceCentre, customer_id=customer))
    await post.meet(contact_id=person)
    await post.send()
    assert len(post.mails_to(person)) == 2
    waiting = (await post.room.get("/mails?state=waiting")).json()["items"]
    assert {mail["contact_id"] for mail in waiting} == {str(stranger)}


@pytest.mark.requirement("ALL-02")
async def test_no_mail_waits_for_ever_when_its_person_becomes_known_at_the_same_moment(post: Post) -> None:
    people = [uuid4() for _ in range(60)]
    deeds = [post.room.hear(told(ServiceOperational, customer_id=person)) for person in people]
    deeds += [post.room.hear(changed(person, f"{person.hex}@post.example")) for person in people]
    await asyncio.gather(*(deed for pair in zip(deeds[:60], deeds[60:], strict=True) for deed in pair))
    assert (await post.room.get("/mails?state=waiting")).json()["items"] == []
    await post.send()
    assert sorted(arrival.recipient for arrival in post.mailbox.arrivals) == sorted(
        f"{person.hex}@post.example" for person in people
    )


@pytest.mark.requirement("ALL-02")
async def test_a_person_waits_to_become_known_until_a_mail_to_them_is_entered(post: Post) -> None:
    from chassis.database import Cause
    from notifications_service.mails.handlers import queue_mails

    person = uuid4()
    async with post.room.database.transaction(Cause("test", str(uuid7()))) as tx:
        await queue_mails(told(ServiceOperational, customer_id=person), tx)
        becoming_known = asyncio.create_task(post.room.hear(changed(person, "late@post.example")))
        blocked, _ = await asyncio.wait({becoming_known}, timeout=0.5)
        assert not blocked
    await becoming_known
    assert (await post.row(person))["state"] == "queued"
