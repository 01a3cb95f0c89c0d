"""The topics as data: `topics/<topic>.yaml`, read by topic creation, access control and AsyncAPI (ALL-04, ALL-07)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from event_schemas.folders import folder

DAY = timedelta(days=1)


class TopicError(ValueError):
    """A topic file is invalid; each line of the message is file, field, reason."""


def _duration(value: object) -> object:
    if not (isinstance(value, str) and value.startswith("P")):
        raise ValueError("write an ISO 8601 duration such as P30D or PT12H")
    return value


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]  # dots collide with underscores
EventType = Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z]+)+\.v[1-9][0-9]*$")]
Retention = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(), strict=False)]
Bytes = Annotated[int, Field(ge=1024, le=16 * 1024 * 1024)]
PersonalData = Literal["none", "pseudonymous", "personal", "secret"]


class Topic(BaseModel):
    """One topic, without the prefix that an installation may put before its name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    topic: Name
    owner: Name
    """The service that answers for the topic."""
    written_by: Name
    """Who writes to it; the owner, except where outsiders answer."""
    key: str
    """What the message key is."""
    partitions: Annotated[int, Field(ge=1, le=100)]
    retention: Retention
    """How long a message stays; on a compacted topic, how long a tombstone does: the newest record stays for ever."""
    cleanup_policy: Literal["delete", "compact"]
    max_message_bytes: Bytes
    subscribers: Mapping[Name, Annotated[tuple[EventType, ...], Field(strict=False, min_length=1)]]
    """Service -> the event types it hears here."""
    readers: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    """Outside systems that subscribe, each with credentials of its own (ALL-07)."""
    dead_letters: Annotated[tuple[Name, ...], Field(strict=False)]
    """Where subscribers set aside what they cannot take, `<subscriber>-dlq`."""
    personal_data: PersonalData
    """none: no person; pseudonymous: ids and serials; personal: name or address; secret: what opens something."""
    description: Annotated[str, Field(min_length=10)]

    @model_validator(mode="after")
    def _outsiders_read_of_no_person(self) -> Self:
        if self.readers and self.personal_data in ("personal", "secret"):
            raise ValueError(f"readers: {', '.join(self.readers)} must not read a topic with {self.personal_data} data")
        return self

    def kafka_config(self) -> dict[str, str]:
        """Kafka's own settings of the topic, as the admin client takes them (times in ms)."""
        common = {"cleanup.policy": self.cleanup_policy, "max.message.bytes": str(self.max_message_bytes)}
        if self.cleanup_policy == "compact":  # an erased person is gone in a day, not when a segment happens to fill
            return common | {"delete.retention.ms": _ms(self.retention), "max.compaction.lag.ms": _ms(DAY)}
        # Kafka deletes whole segments: without short ones a day's secrets would stay for a week
        return common | {"retention.ms": _ms(self.retention), "segment.ms": _ms(min(self.retention / 8, 7 * DAY))}


def _ms(duration: timedelta) -> str:
    return str(duration // timedelta(milliseconds=1))


def load_topics(directory: Path | None = None) -> tuple[Topic, ...]:
    """Every topic, by name; from `directory` or from where this distribution keeps them.

    Raises TopicError with a line `file: field: reason` for each thing that is wrong.
    """
    where = directory or folder("topics")
    files = sorted(where.glob("*.yaml"))
    if not files:
        raise TopicError(f"{where}: no topic files here; expected <topic>.yaml")
    topics: list[Topic] = []
    wrong: list[str] = []
    for file in files:
        try:
            topics.append(_read(file))
        except TopicError as error:
            wrong.append(str(error))
    if wrong:
        raise TopicError("\n".join(wrong))
    return tuple(topics)


def partners_of(topics: Sequence[Topic]) -> list[str]:
    """The outside systems that read or write some of these topics, sorted."""
    writers = {topic.written_by for topic in topics if topic.written_by != topic.owner}
    return sorted(writers.union(*(topic.readers for topic in topics)))


def _read(file: Path) -> Topic:
    try:
        data: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        topic = Topic.model_validate(data)
    except yaml.YAMLError as error:
        raise TopicError(f"{file.name}: not YAML: {error}") from error
    except ValidationError as error:
        raise TopicError("\n".join(_sentence(file, dict(each)) for each in error.errors())) from error
    if topic.topic != file.stem:
        raise TopicError(f"{file.name}: topic: says {topic.topic!r}, the file's name says {file.stem!r}")
    return topic


def _sentence(file: Path, error: dict[str, Any]) -> str:
    field = ".".join(str(part) for part in error["loc"]) or "the file"
    return f"{file.name}: {field}: {error['msg']}, got {error['input']!r}"
