"""What outside systems may do on a broker that asks who they are: read some topics, write some, no more (ALL-07)."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest

from event_schemas.topics import Topic

_TOPIC, _GROUP = 2, 3
_LITERAL, _PREFIXED = 3, 4
_READ, _WRITE, _DESCRIBE = 3, 4, 8
_ALLOW = 3
_NO_AUTHORIZER = 54


@dataclass(frozen=True, slots=True)
class Right:
    """One user may do one thing with one resource; the numbers are those of Kafka's protocol."""

    user: str
    resource: int
    name: str
    pattern: int
    operation: int


def rights_of(topics: Iterable[Topic], prefix: str = "") -> list[Right]:
    """Readers read their topics with groups named after them; whoever writes to a topic of another's, writes there."""
    rights: list[Right] = []
    for topic in topics:
        name = prefix + topic.topic
        for user in topic.readers:
            rights += (Right(user, _TOPIC, name, _LITERAL, deed) for deed in (_READ, _DESCRIBE))
            rights.append(Right(user, _GROUP, user, _PREFIXED, _READ))
        if topic.written_by != topic.owner:
            rights += (Right(topic.written_by, _TOPIC, name, _LITERAL, deed) for deed in (_WRITE, _DESCRIBE))
    return list(dict.fromkeys(rights))


async def grant(bootstrap: str, rights: Iterable[Right]) -> bool:
    """Give rights, again without harm; False when the broker asks nobody who they are. Raises a KafkaError."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        for right in rights:
            answer = await client.send(client.get_random_node(), _request(right))
            for code, message in answer.creation_responses:
                if code == _NO_AUTHORIZER:
                    return False
                if code:
                    raise for_code(code)(f"{right.user}, {right.name}: {message}")
        return True
    finally:
        await client.close()


def _request(right: Right) -> CreateAclsRequest:
    principal = f"User:{right.user}"
    return CreateAclsRequest(right.resource, right.name, right.pattern, principal, "*", right.operation, _ALLOW)
