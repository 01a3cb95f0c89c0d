"""Real SMTP: once each, again after trouble, never for ever, and nobody blocks the others (NTF-04)."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from uuid6 import uuid7

from event_schemas.activation import ServiceOperational
from event_schemas.contacts import ContactChanged
from event_schemas.notifications import NotificationFailed, NotificationSent
from event_schemas.tickets import ReceivedByServiceCentre, ReturnAccepted
from notifications_service.mails.sender import send_mails

from .conftest import Post, told

DAY = timedelta(days=1)


@pytest.mark.requirement("NTF-04")
async def test_a_mail_is_sent_once_and_said_once_however_often_its_event_is_heard(post: Post) -> None:
    person = await post.meet()
    event = told(ServiceOperational, customer_id=person)
    event_id = await post.room.hear(event)
    await post.room.hear(event, event_id)
    await post.send()
    await post.room.hear(event, event_id)
    await post.room.database.pool.execute("DELETE FROM inbox")  # the mail's own constraint holds without the inbox
    await post.room.hear(event, event_id)
    await post.send()
    [arrival], mail = post.mails_to(person), await post.row(person)
    assert arrival.message["Message-ID"] == f"<{mail['mail_id']}@dynabook.com>"
    assert arrival.sender == "registration_fr@dynabook.com"
    [fact] = await post.room.said()
    assert fact == NotificationSent(
        brand="dynabook",
        mail_id=UUID(mail["mail_id"]),
        kind="service-operational",
        contact_id=person,
        language="fr",
        caused_by=event_id,
    )


@pytest.mark.requirement("NTF-04")
async def test_a_fact_about_a_mail_continues_the_story_of_its_event(post: Post) -> None:
    event_id = await post.room.hear(told(ServiceOperational, customer_id=await post.meet()))
    await post.send()
    headers = dict(json.loads(await post.room.database.pool.fetchval("SELECT headers FROM outbox")))
    assert headers["ce_correlationid"] == "test"
    assert headers["ce_causationid"] == str(event_id)


@pytest.mark.requirement("NTF-04")
async def test_what_the_server_puts_off_goes_out_later_with_the_same_message_id(post: Post) -> None:
    person, other = await post.meet(), await post.meet()
    post.mailbox.busy = [post.known[person]] * 2
    for customer in (person, other):
        await post.room.hear(told(ServiceOperational, customer_id=customer))
    assert await post.send() is False
    delayed = await post.row(person)
    assert (delayed["state"], delayed["attempts"]) == ("queued", 1)
    assert delayed["last_error"].startswith("451 4.3.0 try again later")
    assert delayed["next_attempt_at"] == "2026-11-22T09:00:05Z"
    assert len(post.mails_to(other)) == 1
    post.room.clock.advance(timedelta(seconds=4))
    await post.send()
    assert (await post.row(person))["attempts"] == 1
    post.room.clock.advance(timedelta(seconds=1))
    await post.send()
    assert (await post.row(person))["next_attempt_at"] == "2026-11-22T09:00:15Z"
    post.room.clock.advance(timedelta(seconds=10))
    await post.send()
    sent = await post.row(person)
    assert (sent["state"], sent["attempts"], sent["last_error"], sent["next_attempt_at"]) == ("sent", 3, None, None)
    assert post.mails_to(person)[0].message["Message-ID"] == f"<{sent['mail_id']}@dynabook.com>"


@pytest.mark.requirement("NTF-04")
async def test_a_refusal_for_good_is_recorded_and_said_without_the_address(post: Post) -> None:
    person, other = await post.meet(email="jean.petit@post.example"), await post.meet()
    post.mailbox.gone = {"jean.petit@post.example"}
    event_id = await post.room.hear(told(ServiceOperational, customer_id=person))
    await post.room.hear(told(ServiceOperational, customer_id=other))
    await post.send()
    post.room.clock.advance(DAY)
    await post.send()
    failed = await post.row(person)
    assert (failed["state"], failed["attempts"], failed["sent_at"]) == ("failed", 1, None)
    fact = next(fact for fact in await post.room.said() if isinstance(fact, NotificationFailed))
    assert (fact.contact_id, fact.caused_by) == (person, event_id)
    assert fact.reason == "550 5.1.1 <…>: mailbox of … is not here"
    assert failed["last_error"] == fact.reason
    assert post.mails_to(person) == []
    assert len(post.mails_to(other)) == 1


@pytest.mark.requirement("NTF-04")
async def test_an_address_that_the_server_cannot_write_to_is_refused_for_good(post: Post) -> None:
    post.mailbox.extended = False
    person, other = await post.meet(email="rené@post.example"), await post.meet()
    for customer in (person, other):
        await post.room.hear(told(ServiceOperational, customer_id=customer))
    await post.send()
    assert (await post.row(person))["state"] == "failed"
    assert (await post.row(other))["state"] == "sent"


@pytest.mark.requirement("NTF-04")
async def test_a_server_that_is_down_loses_nothing(post: Post) -> None:
    await post.mailbox.stop()
    people = [await post.meet() for _ in range(3)]
    for person in people:
        await post.room.hear(told(ServiceOperational, customer_id=person))
    assert await post.send() is True
    tried = [(await post.row(person))["attempts"] for person in people]
    assert tried == [1, 0, 0], "one attempt tells that the server is away"
    assert (await post.row(people[0]))["last_error"].startswith("SMTPConnectError")
    await post.mailbox.start()
    post.room.clock.advance(timedelta(seconds=5))
    assert await post.send() is False
    assert [len(post.mails_to(person)) for person in people] == [1, 1, 1]
    assert post.mailbox.connections == 1


@pytest.mark.requirement("NTF-04")
async def test_after_five_days_of_trouble_a_mail_is_given_up_and_said_so(post: Post) -> None:
    await post.mailbox.stop()
    person = await post.meet()
    await post.room.hear(told(ServiceOperational, customer_id=person))
    await post.send()
    post.room.clock.advance(5 * DAY)
    await post.send()
    assert (await post.row(person))["state"] == "failed"
    [fact] = await post.room.said()
    assert isinstance(fact, NotificationFailed)
    assert fact.reason.startswith("given up after 5 days: SMTPConnectError")


@pytest.mark.requirement("NTF-04")
async def test_a_server_that_hangs_is_left_after_the_time_limit(post: Post) -> None:
    hanging = asyncio.Event()

    async def hang() -> None:
        await hanging.wait()

    post.mailbox.before_answer = hang
    person = await post.meet()
    await post.room.hear(told(ServiceOperational, customer_id=person))
    assert await post.send(smtp_timeout_seconds=0.3) is True
    assert (await post.row(person))["state"] == "queued"
    assert "Timeout" in (await post.row(person))["last_error"]
    hanging.set()


@pytest.mark.requirement("NTF-04")
async def test_a_sender_that_the_server_does_not_like_is_our_mistake_and_costs_no_mail(post: Post) -> None:
    post.mailbox.refuse_sender = "550 5.7.1 this sender may not write here"
    person = await post.meet()
    await post.room.hear(told(ServiceOperational, customer_id=person))
    assert await post.send() is True
    post.mailbox.refuse_sender = ""
    post.room.clock.advance(timedelta(seconds=5))
    await post.send()
    assert (await post.row(person))["state"] == "sent"


@pytest.mark.requirement("NTF-04")
async def test_a_mail_that_cannot_be_written_blocks_no_other_and_goes_out_once_mended(post: Post) -> None:
    broken, other = await post.meet(), await post.meet()
    for customer in (broken, other):
        await post.room.hear(told(ServiceOperational, customer_id=customer))
    pool = post.room.database.pool
    await pool.execute("UPDATE mails SET kind = 'no-such-text' WHERE contact_id = $1", broken)
    await post.send()
    delayed = await post.row(broken)
    assert (delayed["state"], delayed["attempts"]) == ("queued", 1)
    assert delayed["last_error"] == "cannot be written: KeyError: 'no-such-text'"
    assert len(post.mails_to(other)) == 1
    post.room.clock.advance(30 * DAY)
    await post.send()
    assert (await post.row(broken))["state"] == "queued", "a mistake of ours is never the end of a mail"
    await pool.execute("UPDATE mails SET kind = 'service-operational' WHERE contact_id = $1", broken)
    post.room.clock.advance(DAY)
    await post.send()
    assert len(post.mails_to(broken)) == 1


@pytest.mark.requirement("NTF-04", "ALL-02")
async def test_a_death_between_handing_over_and_noting_it_repeats_the_mail_under_its_message_id(post: Post) -> None:
    person = await post.meet()
    await post.room.hear(told(ServiceOperational, customer_id=person))
    pool = post.room.database.pool

    async def cut() -> None:
        await pool.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'")

    post.mailbox.before_answer = cut
    with pytest.raises(Exception, match="connection"):
        await post.send()
    assert (await post.row(person))["state"] == "queued"
    assert await post.room.said() == []
    post.mailbox.before_answer = None
    await post.send()
    first, second = post.mails_to(person)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert [type(fact) for fact in await post.room.said()] == [NotificationSent]


@pytest.mark.requirement("NTF-04")
async def test_several_senders_at_once_send_each_mail_once(post: Post) -> None:
    people = [await post.meet() for _ in range(30)]
    for person in people:
        await post.room.hear(told(ReturnAccepted, customer_id=person))
    await asyncio.gather(*(post.send() for _ in range(4)))
    assert [len(post.mails_to(person)) for person in people] == [1] * 30
    assert post.mailbox.connections > 1
    assert len(await post.room.said()) == 30


@pytest.mark.requirement("NTF-04")
async def test_the_errand_sends_what_comes_in_and_stops_when_told(post: Post) -> None:
    stop, arrived = asyncio.Event(), asyncio.Event()

    async def note() -> None:
        arrived.set()

    post.mailbox.before_answer = note
    errand = asyncio.create_task(send_mails(post.room.database, post.settings(), stop))
    person = await post.meet()
    await post.room.hear(told(ReceivedByServiceCentre, customer_id=person))
    async with asyncio.timeout(5):
        await arrived.wait()
    stop.set()
    await asyncio.wait_for(errand, 5)
    assert (await post.row(person))["state"] == "sent"


async def test_one_sender_for_all_brands_lets_readers_answer_the_brand(post: Post) -> None:
    person = await post.meet()
    await post.room.hear(told(ServiceOperational, customer_id=person))
    await post.send(smtp_from="post@aftercare.example")
    [arrival] = post.mails_to(person)
    assert arrival.sender == "post@aftercare.example"
    assert arrival.message["From"] == "dynabook <post@aftercare.example>"
    assert arrival.message["Reply-To"] == "dynabook <registration_fr@dynabook.com>"


async def test_a_name_with_line_breaks_adds_no_header(post: Post) -> None:
    person = await post.meet(name="Eve\r\nBcc: all@post.example")
    await post.room.hear(told(ServiceOperational, customer_id=person))
    await post.send()
    [arrival] = post.mails_to(person)
    assert arrival.message["Bcc"] is None
    assert "Eve Bcc: all@post.example" in str(arrival.message["To"])


@pytest.mark.requirement("POL-01")
async def test_an_event_of_an_unknown_brand_is_set_aside_with_the_reason(post: Post) -> None:
    with pytest.raises(AssertionError, match="brand 'acme' is unknown"):
        await post.room.hear(told(ServiceOperational, customer_id=uuid4(), brand="acme"), uuid7())
    await post.room.database.pool.execute("DELETE FROM dead_letter")
    assert (await post.room.get("/mails")).json()["items"] == []


async def test_markup_in_names_and_fields_is_shown_and_not_obeyed(post: Post) -> None:
    person = uuid4()
    await post.room.hear(
        ContactChanged(
            brand="dynabook", contact_id=person, name="<b>Eve</b> {{ 7*7 }}", email="e@post.example", language="en"
        )
    )
    await post.room.hear(
        told(
            ServiceOperational,
            customer_id=person,
            service_reference="NEW-1",
            service_name="<script>alert(1)</script> & Co",
        )
    )
    await post.send()
    [arrival] = post.mailbox.to("e@post.example")
    assert "<script>" not in arrival.body("html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in arrival.body("html")
    assert "<script>alert(1)</script> & Co" in arrival.body("plain")
    assert "Hello <b>Eve</b> {{ 7*7 }}," in arrival.body("plain")
