"""Topics as `schemas/topics` describes them, made on a broker, and who may read them; what exists is left as it is."""

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

from chassis.kafka.partners import grant, rights_of

_EXISTS = 36


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic to be made."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


async def create_topics(bootstrap: str, topics: Iterable[TopicSpec], replication: int = 1) -> list[str]:
    """Make the missing topics; returns the names of the new ones. Raises a KafkaError when one is refused."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        wanted = [
            NewTopic(topic.name, topic.partitions, replication, topic_configs=dict(topic.config)) for topic in topics
        ]
        response = await admin.create_topics(wanted)
        made = []
        for name, code, *_ in response.topic_errors:
            if code == 0:
                made.append(name)
            elif code != _EXISTS:
                raise for_code(code)(f"topic {name}")
        return made
    finally:
        await admin.close()


def main() -> None:
    """`python -m chassis.kafka.admin`: make every topic of the contract on AFTERCARE_KAFKA, open to its partners."""
    from event_schemas.topics import load_topics

    bootstrap, prefix = os.environ["AFTERCARE_KAFKA"], os.environ.get("AFTERCARE_TOPIC_PREFIX", "")
    topics = load_topics()
    specs = [TopicSpec(prefix + topic.topic, topic.partitions, topic.kafka_config()) for topic in topics]
    made = asyncio.run(create_topics(bootstrap, specs, int(os.environ.get("AFTERCARE_REPLICATION", "1"))))
    print(f"topics made: {', '.join(made) or 'none, all were there'}", file=sys.stderr)
    if not asyncio.run(grant(bootstrap, rights_of(topics, prefix))):
        print("partners were given no rights: this broker asks nobody who they are", file=sys.stderr)


if __name__ == "__main__":
    main()
