"""Event classes and topic files tell the same story; each rule is shown to bite."""

from typing import Any

import pytest

from event_schemas import Event
from event_schemas.catalogue import public_events
from event_schemas.consistency import inconsistencies
from event_schemas.topics import Topic, load_topics

EVENTS = public_events()
TOPICS = {topic.topic: topic for topic in load_topics()}


def changed(name: str, **fields: Any) -> dict[str, Topic]:
    return TOPICS | {name: TOPICS[name].model_copy(update=fields)}


def without(name: str) -> dict[str, Topic]:
    return {topic: value for topic, value in TOPICS.items() if topic != name}


@pytest.mark.requirement("ALL-04", "ALL-05")
def test_every_event_has_a_topic_every_subscriber_an_event_and_every_consumer_dead_letters() -> None:
    assert list(inconsistencies(EVENTS, TOPICS)) == []


@pytest.mark.parametrize(
    ("topics", "sentence"),
    [
        (without("credits"), "credit.issued.v1: no topics/credits.yaml"),
        (without("credits-dlq"), "topics/tickets.yaml: dead_letters: no topics/credits-dlq.yaml"),
        (
            changed("credits", subscribers={"notifications": ("credit.granted.v1",)}),
            "topics/credits.yaml: subscribers.notifications: credit.granted.v1 is no event",
        ),
        (
            changed("credits", subscribers={"notifications": ("return.accepted.v1",)}),
            "topics/credits.yaml: subscribers.notifications: return.accepted.v1 is said on tickets",
        ),
        (
            changed("credits", dead_letters=()),
            "topics/credits.yaml: dead_letters: [] should be one for each subscriber: ['notifications-dlq']",
        ),
        (
            changed("tickets-dlq", max_message_bytes=3145728),
            "topics/service-centre.yaml: dead_letters: tickets-dlq must take more than the 3145728 bytes",
        ),
        (
            changed("notifications-dlq", personal_data="pseudonymous"),
            "topics/contacts.yaml: dead_letters: notifications-dlq is pseudonymous, what it sets aside is personal",
        ),
        (
            changed("service-centre", subscribers={}, dead_letters=()) | {"tickets": TOPICS["credits"]},
            "topics/credits-dlq.yaml: no subscriber sets anything aside here",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(topics: dict[str, Topic], sentence: str) -> None:
    assert any(found.startswith(sentence) for found in inconsistencies(EVENTS, topics))


def test_a_key_that_is_no_field_is_named(empty_catalogue: None) -> None:
    class CreditLost(Event, type="credit.lost", version=1, key="credit_id", topic="credits"):
        """A credit without its id."""

    assert "credit.lost.v1: key: 'credit_id' is not a required field of CreditLost" in list(
        inconsistencies({CreditLost.TYPE: CreditLost}, TOPICS)
    )
