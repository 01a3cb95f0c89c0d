"""Topics as data: read strictly, each mistake with file, field and reason."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from event_schemas.folders import folder
from event_schemas.topics import TopicError, load_topics, partners_of

TOPICS = {topic.topic: topic for topic in load_topics()}
SERVICES = ("registration", "activation", "tickets", "credits", "notifications")


@pytest.mark.requirement("ALL-04")
def test_each_service_has_its_own_topic_and_its_own_dead_letters() -> None:
    assert set(TOPICS) == {
        *SERVICES,
        *(f"{service}-dlq" for service in SERVICES),
        "contacts",
        "registration-mail",
        "activation-codes",
        "activation-mail",
        "service-centre",
    }
    assert all(TOPICS[service].written_by == service for service in SERVICES)


def test_no_topic_name_has_a_dot_and_no_topic_file_is_longer_than_a_screen() -> None:
    for file in folder("topics").iterdir():
        assert "." not in file.stem
        assert len(file.read_text().splitlines()) <= 25


def test_outsiders_may_send_larger_messages_than_we_do_and_dead_letters_take_them() -> None:
    assert TOPICS["service-centre"].max_message_bytes == 3 * 1024 * 1024
    assert TOPICS["tickets-dlq"].max_message_bytes == 5 * 1024 * 1024


@pytest.mark.requirement("ALL-05")
def test_what_only_the_mailer_may_see_is_gone_soon_after_a_day() -> None:
    config = TOPICS["registration-mail"].kafka_config()

    assert TOPICS["registration-mail"].retention == timedelta(days=1)
    assert int(config["retention.ms"]) + int(config["segment.ms"]) <= 27 * 3600 * 1000


@pytest.mark.requirement("ALL-05")
def test_an_erased_person_is_compacted_away_within_a_day_and_the_tombstone_stays_for_slow_readers() -> None:
    config = TOPICS["contacts"].kafka_config()

    assert config["cleanup.policy"] == "compact"
    assert config["max.compaction.lag.ms"] == str(24 * 3600 * 1000)
    assert config["delete.retention.ms"] == str(30 * 24 * 3600 * 1000)
    assert "retention.ms" not in config


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("topic", "my.topic", "topic: String should match pattern"),
        ("topic", "other", "topic: says 'other', the file's name says 'credits'"),
        ("partitions", 0, "partitions: Input should be greater than or equal to 1, got 0"),
        ("partitions", "3", "partitions: Input should be a valid integer, got '3'"),
        ("retention", 30, "retention: Value error, write an ISO 8601 duration such as P30D or PT12H, got 30"),
        ("retention", "P0D", "retention: Input should be greater than"),
        ("cleanup_policy", "forever", "cleanup_policy: Input should be 'delete' or 'compact', got 'forever'"),
        ("personal_data", "some", "personal_data: Input should be 'none', 'pseudonymous', 'personal' or 'secret'"),
        ("subscribers", {"notifications": ["CreditIssued"]}, "subscribers.notifications.0: String should match"),
        ("readers", ["Logistics"], "readers.0: String should match pattern"),
        ("retentoin", "P1D", "retentoin: Extra inputs are not permitted"),
    ],
)
def test_a_mistake_in_a_topic_file_is_named_by_file_field_and_reason(
    law: Path, field: str, value: object, reason: str
) -> None:
    file = law / "topics" / "credits.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {field: value}))

    with pytest.raises(TopicError) as error:
        load_topics(law / "topics")

    assert str(error.value).startswith(f"credits.yaml: {reason}")


def test_every_mistake_is_told_at_once(law: Path) -> None:
    for name in ("credits", "tickets"):
        (law / "topics" / f"{name}.yaml").write_text("topic: [")

    with pytest.raises(TopicError, match=r"(?s)credits\.yaml: not YAML.*tickets\.yaml: not YAML"):
        load_topics(law / "topics")


def test_a_folder_without_topics_is_an_error_and_not_an_empty_system(tmp_path: Path) -> None:
    with pytest.raises(TopicError, match="no topic files here"):
        load_topics(tmp_path)


@pytest.mark.requirement("ALL-05", "ALL-07")
@pytest.mark.parametrize("topic", ["contacts", "registration-mail", "activation-codes", "activation-mail"])
def test_an_outside_system_cannot_be_let_in_where_persons_or_secrets_are(topic: str, tmp_path: Path) -> None:
    told = yaml.safe_load((folder("topics") / f"{topic}.yaml").read_text())
    (tmp_path / f"{topic}.yaml").write_text(yaml.safe_dump(told | {"readers": ["logistics"]}))
    with pytest.raises(TopicError, match=r"logistics must not read a topic with (personal|secret) data"):
        load_topics(tmp_path)


@pytest.mark.requirement("ALL-07")
def test_the_outside_systems_are_those_who_read_a_topic_or_write_one_that_is_not_theirs() -> None:
    assert partners_of(tuple(TOPICS.values())) == ["logistics", "repair-centres"]
