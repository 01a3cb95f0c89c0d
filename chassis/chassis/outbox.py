"""What a transaction says is written beside its state and leaves later, in order (design section 5)."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from chassis.codec import Message, encode, headers_to_json
from chassis.database import Database, Tx
from event_schemas import Event

Facts: TypeAlias = Event | Sequence[Event] | None
"""What a handler returns: nothing, one fact, or several in the order in which they are said."""

PUT: Final = """
INSERT INTO outbox (event_id, topic, msg_key, headers, payload, created_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::json[], $5::bytea[], $6::timestamptz[])
"""


def listed(facts: Facts) -> Sequence[Event]:
    """A handler's facts as a sequence."""
    if facts is None:
        return ()
    return (facts,) if isinstance(facts, Event) else facts


def messages_of(facts: Facts, database: Database, tx: Tx) -> list[Message]:
    """Facts as messages of this service, with the transaction's time and cause; raises EventTooLarge."""
    return [
        encode(
            fact,
            service=database.service,
            policy_version=database.policy_version(fact.brand),
            cause=tx.cause,
            now=tx.now,
            topic_prefix=database.topic_prefix,
        )
        for fact in listed(facts)
    ]


def columns(messages: Sequence[Message]) -> tuple[list[object], ...]:
    """Messages as the six arrays that PUT takes."""
    return (
        [message.event_id for message in messages],
        [message.topic for message in messages],
        [message.key for message in messages],
        [headers_to_json(message.headers) for message in messages],
        [message.payload for message in messages],
        [message.created_at for message in messages],
    )


async def put(tx: Tx, messages: Sequence[Message]) -> None:
    """Write messages in one statement; call it after the aggregate's row is locked, so that ids follow commit order."""
    if messages:
        await tx.execute(PUT, *columns(messages))
