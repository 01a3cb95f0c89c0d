"""Do event classes and topic files tell the same story? Each rule yields sentences; none = yes (ALL-04, ALL-05)."""

from collections.abc import Iterator, Mapping

from event_schemas.base import Event
from event_schemas.json_schema import schema_of
from event_schemas.personal_data import RANK, too_personal
from event_schemas.topics import Topic

Catalogue = Mapping[str, type[Event]]
Topics = Mapping[str, Topic]


def inconsistencies(catalogue: Catalogue, topics: Topics) -> Iterator[str]:
    """Everything that does not fit together."""
    for event in catalogue.values():
        yield from _event(event, topics)
    for topic in topics.values():
        yield from _heard(topic, catalogue)
        yield from _dead_letters(topic, topics)
    yield from _orphans(topics)


def _event(event: type[Event], topics: Topics) -> Iterator[str]:
    if event.TOPIC not in topics:
        yield f"{event.TYPE}: no topics/{event.TOPIC}.yaml; write one or say the event on another topic"
        return
    key = event.model_fields.get(event.KEY)
    if key is None or not key.is_required():
        yield f"{event.TYPE}: key: {event.KEY!r} is not a required field of {event.__name__}"
    allowed = topics[event.TOPIC].personal_data
    for name in too_personal(schema_of(event), allowed):
        yield f"{event.TYPE}: field `{name}` must not stand on {event.TOPIC}, whose personal_data is {allowed}"


def _heard(topic: Topic, catalogue: Catalogue) -> Iterator[str]:
    for service, heard in topic.subscribers.items():
        for wire_type in heard:
            where = f"topics/{topic.topic}.yaml: subscribers.{service}: {wire_type}"
            if wire_type not in catalogue:
                yield f"{where} is no event"
            elif topic.topic != catalogue[wire_type].TOPIC:
                yield f"{where} is said on {catalogue[wire_type].TOPIC}"


def _dead_letters(topic: Topic, topics: Topics) -> Iterator[str]:
    where = f"topics/{topic.topic}.yaml: dead_letters"
    expected = {f"{service}-dlq" for service in topic.subscribers}
    if set(topic.dead_letters) != expected:
        yield f"{where}: {sorted(topic.dead_letters)} should be one for each subscriber: {sorted(expected)}"
    for name in sorted(expected):
        lane = topics.get(name)
        if lane is None:
            yield f"{where}: no topics/{name}.yaml"
            continue
        if lane.max_message_bytes <= topic.max_message_bytes:
            yield f"{where}: {name} must take more than the {topic.max_message_bytes} bytes of what it sets aside"
        if RANK.index(lane.personal_data) < RANK.index(topic.personal_data):
            yield f"{where}: {name} is {lane.personal_data}, what it sets aside is {topic.personal_data}"


def _orphans(topics: Topics) -> Iterator[str]:
    needed = {lane for topic in topics.values() for lane in topic.dead_letters}
    for name in topics:
        if name.endswith("-dlq") and name not in needed:
            yield f"topics/{name}.yaml: no subscriber sets anything aside here"
