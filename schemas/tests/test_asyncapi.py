"""The AsyncAPI document is current, whole, and every reference in it leads somewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from event_schemas.__main__ import main
from event_schemas.catalogue import public_events
from event_schemas.check import problems
from event_schemas.folders import PACKAGE
from event_schemas.topics import load_topics

FILE = PACKAGE.parent / "asyncapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text())
TOPICS = {topic.topic: topic for topic in load_topics()}
HEADERS = {
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_time",
    "ce_subject",
    "ce_specversion",
    "content-type",
    "ce_correlationid",
    "ce_causationid",
    "ce_brand",
    "ce_policyversion",
    "traceparent",
}


@pytest.mark.requirement("ALL-04")
def test_a_stale_document_is_found_and_made_anew(law: Path, capsys: pytest.CaptureFixture[str]) -> None:
    topic = law / "topics" / "credits.yaml"
    topic.write_text(topic.read_text().replace("partitions: 3", "partitions: 6"))

    assert list(problems(law)) == ["asyncapi.yaml: is stale; run `python -m event_schemas asyncapi`"]
    assert main(["asyncapi", "check"], law) == 0
    channels = yaml.safe_load((law / "asyncapi.yaml").read_text())["channels"]
    assert channels["credits"]["bindings"]["kafka"]["partitions"] == 6


@pytest.mark.requirement("ALL-04")
def test_the_document_has_a_channel_for_each_topic_as_kafka_keeps_it() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT["channels"]) == set(TOPICS)
    for name, channel in DOCUMENT["channels"].items():
        binding = channel["bindings"]["kafka"]
        assert (channel["address"], binding["topic"], binding["partitions"]) == (name, name, TOPICS[name].partitions)
        assert binding["topicConfiguration"]["cleanup.policy"] == [TOPICS[name].cleanup_policy]
        assert channel["x-owner"] == TOPICS[name].owner
        assert channel["x-personal-data"] == TOPICS[name].personal_data


@pytest.mark.requirement("ALL-04")
def test_every_event_is_a_message_with_headers_key_payload_and_examples() -> None:
    assert set(DOCUMENT["components"]["messages"]) == {*public_events(), "dead-letter"}
    assert set(DOCUMENT["components"]["schemas"]["CloudEventHeaders"]["properties"]) == HEADERS
    for wire_type, event in public_events().items():
        message = DOCUMENT["components"]["messages"][wire_type]
        assert message["headers"]["properties"]["ce_type"] == {"const": wire_type}
        assert message["bindings"]["kafka"]["key"]["description"].startswith(f"`{event.KEY}`")
        assert message["examples"]
        assert wire_type in DOCUMENT["channels"][event.TOPIC]["messages"]


@pytest.mark.requirement("ALL-04")
def test_the_operations_are_who_writes_and_who_hears() -> None:
    heard = {
        (f"{service}.receive.{topic.topic}", wire_type)
        for topic in TOPICS.values()
        for service, types in topic.subscribers.items()
        for wire_type in types
    }
    told = {
        (name, message["$ref"].rpartition("/")[2])
        for name, operation in DOCUMENT["operations"].items()
        if operation["action"] == "receive"
        for message in operation["messages"]
    }

    assert told == heard
    senders = {name for name, operation in DOCUMENT["operations"].items() if operation["action"] == "send"}
    assert senders == {f"{topic.written_by}.send.{topic.topic}" for topic in TOPICS.values()}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from references(each)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from references(each)


@pytest.mark.requirement("ALL-04")
def test_every_reference_leads_to_something() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > 60
    for reference in found:
        if reference.startswith("#/"):
            node: Any = DOCUMENT
            for part in reference.removeprefix("#/").split("/"):
                assert part in node, reference
                node = node[part]
        else:
            assert (FILE.parent / reference).is_file(), reference
