"""The parts of the AsyncAPI document: headers, a channel for each topic, a message for each event."""

import inspect
from pathlib import Path
from typing import Any, Final

from event_schemas.base import Event, Json
from event_schemas.examples import example_files
from event_schemas.published import file_name, read_published
from event_schemas.topics import Topic

DEAD_LETTER: Final = "dead-letter"


def _text(about: str, **more: Any) -> Json:
    return {"type": "string", "description": about, **more}


HEADERS: Final[Json] = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"],
    "properties": {
        "ce_specversion": _text("Version of CloudEvents.", const="1.0"),
        "ce_id": _text("Id of the event, ours are UUIDv7; the same when it is delivered again.", format="uuid"),
        "ce_type": _text("Name and version of the event."),
        "ce_source": _text("Who says it, e.g. `/registration`."),
        "ce_time": _text("When it happened, RFC 3339, UTC.", format="date-time"),
        "ce_subject": _text("Id of the aggregate; the same as the message key."),
        "content-type": _text("The value's media type.", const="application/json"),
        "ce_correlationid": _text("The same in everything that follows from one command."),
        "ce_causationid": _text("ce_id of the event that caused this one; its own when a command did."),
        "ce_brand": _text("The brand whose policy was applied."),
        "ce_policyversion": _text("Version of that policy."),
        "traceparent": _text("W3C trace context."),
    },
}


def channel(topic: Topic, said: list[str]) -> Json:
    """A topic, who answers for it and how Kafka keeps it."""
    return {
        "address": topic.topic,
        "title": topic.topic,
        "description": topic.description.strip(),
        "messages": {each: {"$ref": f"#/components/messages/{each}"} for each in said},
        "bindings": {
            "kafka": {
                "topic": topic.topic,
                "partitions": topic.partitions,
                "topicConfiguration": _configuration(topic),
            }
        },
        "x-owner": topic.owner,
        "x-key": topic.key,
        "x-readers": list(topic.readers),
        "x-personal-data": topic.personal_data,
        "x-dead-letters": list(topic.dead_letters),
    }


def message(event: type[Event], topic: Topic, examples: Path) -> Json:
    """An event: headers, key, value by its newest published schema, examples."""
    own_source = topic.written_by == topic.owner
    source: Json = {"ce_source": {"const": f"/{topic.owner}"}} if own_source else {}
    return {
        "name": event.TYPE,
        "title": event.__name__,
        "summary": (inspect.getdoc(event) or "").partition("\n")[0],
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "allOf": [{"$ref": "#/components/schemas/CloudEventHeaders"}],
            "properties": {"ce_type": {"const": event.TYPE}, **source},
        },
        "payload": {"$ref": f"./published/{_newest(event, examples.parent / 'published')}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": f"`{event.KEY}`, as text"}}},
        "examples": [{"name": name, "payload": value} for name, value in example_files(event, examples).items()],
        "x-owner": topic.owner,
        "x-personal-data": topic.personal_data,
    }


def dead_letter_message() -> Json:
    """Any message that a subscriber could not take."""
    return {
        "name": DEAD_LETTER,
        "title": "Dead letter",
        "summary": "A message as it came: value, key and headers untouched, with headers that say where from and why.",
        "headers": {"type": "object"},
        "payload": {"description": "Any bytes; not necessarily JSON."},
    }


def _configuration(topic: Topic) -> Json:
    config, words = topic.kafka_config(), ("retention.ms", "delete.retention.ms")
    times: Json = {word: int(config[word]) for word in words if word in config}
    return {"cleanup.policy": [topic.cleanup_policy], **times, "max.message.bytes": topic.max_message_bytes}


def _newest(event: type[Event], published: Path) -> str:
    return file_name(event.TYPE, max(read_published(published).get(event.TYPE, {1: {}})))
