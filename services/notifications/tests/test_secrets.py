"""Codes, certificate numbers and secret links: too late after a while, gone once nothing is left to do (NTF-04)."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from event_schemas import Event
from event_schemas.activation import ServiceOperational
from event_schemas.notifications import NotificationFailed, NotificationSent
from event_schemas.registration_mail import (
    CertificateIssued,
    CodesSent,
    PasswordResetRequested,
    VerificationRequested,
)
from notifications_service.mails.domain import without_secrets

from .conftest import Post, samples, told

MINUTE = timedelta(minutes=1)
SECRETS: dict[type[Event], tuple[str, list[str]]] = {
    VerificationRequested: ("contact_id", ["483920", "Zk3vQ0m7yT5cB1xR8nLwPa"]),
    PasswordResetRequested: ("contact_id", ["271828", "Hc4wS9u2eK6dV0gM5pXtYb"]),
    CertificateIssued: ("buyer_id", ["FCN9016FB7"]),
    CodesSent: ("recipient_id", ["FC7KQ3MXT9WA", "FCR4HW9KCXQ7"]),
}


async def everything_kept(post: Post) -> str:
    """Every row of every table of the service."""
    pool = post.room.database.pool
    tables = await pool.fetch("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'")
    rows = [await pool.fetch(f'SELECT kept::text FROM "{table["relname"]}" kept') for table in tables]
    return "\n".join(row["kept"] for each in rows for row in each)


@pytest.mark.requirement("NTF-04", "REG-01", "REG-05", "REG-08", "REG-11")
@pytest.mark.parametrize("event", SECRETS)
async def test_a_secret_stays_until_its_mail_is_sent_and_no_longer(post: Post, event: type[Event]) -> None:
    field, secrets = SECRETS[event]
    person = await post.meet(language="en")
    post.mailbox.busy = [post.known[person]]
    with capture_logs() as logs:
        await post.room.hear(told(event, **{field: person}))
        await post.send()
        kept = await everything_kept(post)
        assert [secret for secret in secrets if secret not in kept] == [], "a second attempt needs it"
        post.room.clock.advance(MINUTE)
        await post.send()
    [arrival] = post.mails_to(person)
    content = arrival.message.as_bytes().decode() + "".join(str(part.get_content()) for part in parts(arrival.message))
    assert [secret for secret in secrets if secret not in content] == []
    kept = await everything_kept(post)
    assert [secret for secret in secrets if secret in kept + str(logs)] == []
    assert (await post.row(person))["state"] == "sent"


def parts(message: Any) -> list[Any]:
    return [part for part in message.walk() if not part.is_multipart()]


@pytest.mark.requirement("NTF-04")
@pytest.mark.parametrize("event", SECRETS)
async def test_a_secret_is_gone_when_its_mail_is_refused_for_good(post: Post, event: type[Event]) -> None:
    field, secrets = SECRETS[event]
    person = await post.meet()
    post.mailbox.gone = {post.known[person]}
    await post.room.hear(told(event, **{field: person}))
    await post.send()
    assert (await post.row(person))["state"] == "failed"
    kept = await everything_kept(post)
    assert [secret for secret in secrets if secret in kept] == []


@pytest.mark.requirement("NTF-04", "REG-01", "REG-05")
@pytest.mark.parametrize("event", [VerificationRequested, PasswordResetRequested])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
async def test_a_code_that_has_expired_is_not_sent_and_said_so(post: Post, event: type[Event], known: bool) -> None:
    person = await post.meet() if known else uuid4()
    event_id = await post.room.hear(told(event, contact_id=person))
    post.room.clock.advance(30 * MINUTE)
    await post.send()
    assert post.mailbox.arrivals == []
    row = await post.row(person)
    assert (row["state"], row["last_error"], row["next_attempt_at"]) == ("failed", "expired", None)
    [fact] = await post.room.said()
    assert isinstance(fact, NotificationFailed)
    assert (fact.reason, fact.caused_by, fact.contact_id) == ("expired", event_id, person)
    kept = await everything_kept(post)
    assert [secret for secret in SECRETS[event][1] if secret in kept] == []
    await post.meet(contact_id=person)
    await post.send()
    assert post.mailbox.arrivals == []
    assert await post.room.said() == []


@pytest.mark.requirement("REG-01")
async def test_a_code_goes_out_until_the_minute_it_expires(post: Post) -> None:
    person = await post.meet()
    await post.room.hear(told(VerificationRequested, contact_id=person))
    post.room.clock.advance(30 * MINUTE - timedelta(seconds=1))
    await post.send()
    assert len(post.mails_to(person)) == 1


@pytest.mark.requirement("REG-01", "NTF-04")
async def test_a_code_that_the_server_puts_off_until_it_expires_is_given_up(post: Post) -> None:
    person = await post.meet()
    post.mailbox.busy = [post.known[person]]
    await post.room.hear(told(VerificationRequested, contact_id=person))
    await post.send()
    post.room.clock.advance(30 * MINUTE)
    await post.send()
    row = await post.row(person)
    assert (row["state"], row["last_error"]) == ("failed", "expired")
    assert post.mailbox.arrivals == []


@pytest.mark.requirement("NTF-04")
async def test_an_expired_mail_that_cannot_be_read_is_given_up_all_the_same(post: Post) -> None:
    person = await post.meet()
    await post.room.hear(told(VerificationRequested, contact_id=person))
    await post.room.database.pool.execute("UPDATE mails SET event_type = 'no.such.event.v1'")
    post.room.clock.advance(30 * MINUTE)
    await post.send()
    assert (await post.row(person))["last_error"] == "expired"
    assert "483920" not in await everything_kept(post)


@pytest.mark.requirement("NTF-04")
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
async def test_a_mail_that_cannot_even_be_given_up_blocks_no_other(post: Post, known: bool) -> None:
    person, other = await post.meet() if known else uuid4(), await post.meet()
    pool = post.room.database.pool
    await post.room.hear(told(VerificationRequested, contact_id=person))
    await pool.execute("UPDATE mails SET brand = 'no-longer-sold'")
    post.room.clock.advance(30 * MINUTE)
    await post.room.hear(told(ServiceOperational, customer_id=other))
    async with asyncio.timeout(10):
        await post.send()
    assert [arrival.recipient for arrival in post.mailbox.arrivals] == [post.known[other]]
    assert "no-longer-sold" in (await post.row(person))["last_error"]
    await pool.execute("UPDATE mails SET brand = 'dynabook'")
    post.room.clock.advance(MINUTE)
    await post.send()
    assert (await post.row(person))["last_error"] == "expired"


@pytest.mark.requirement("REG-01")
async def test_a_code_overtakes_a_long_queue(post: Post) -> None:
    person, others = await post.meet(), [await post.meet() for _ in range(5)]
    for other in others:
        await post.room.hear(told(ServiceOperational, customer_id=other))
    post.room.clock.advance(MINUTE)
    await post.room.hear(told(VerificationRequested, contact_id=person))
    await post.send()
    assert post.mailbox.arrivals[0].recipient == post.known[person]
    assert len(post.mailbox.arrivals) == 6
    assert {type(fact) for fact in await post.room.said()} == {NotificationSent}


@pytest.mark.requirement("NTF-04")
def test_what_is_kept_of_an_event_can_still_be_read_and_has_no_secret() -> None:
    for event in samples():
        bare = without_secrets(event.model_dump(mode="json"))
        assert type(event).model_validate(bare).brand == event.brand
        found = [secret for secret in SECRETS.get(type(event), ("", []))[1] if secret in str(bare)]
        assert found == [], event.TYPE
        if type(event) not in SECRETS:
            assert bare == event.model_dump(mode="json"), f"{event.TYPE} has a secret that no test looks for"
