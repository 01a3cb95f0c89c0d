"""Outside systems sign in, read and write what the topics' files say, and hear everything from any offset (ALL-07)."""

from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    AuthenticationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
)
from tests.journeys.brands import PLAYED
from tests.journeys.test_order_to_credit import journey_of
from tests.support.stack import PASSWORDS
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch
from event_schemas.topics import load_topics

FOREIGN = [topic.topic for topic in load_topics() if "logistics" not in topic.readers]


def door(stack: Stack, user: str, password: str | None = None) -> dict[str, Any]:
    return {
        "bootstrap_servers": stack.kafka.partners,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": user,
        "sasl_plain_password": PASSWORDS[user] if password is None else password,
    }


@pytest.mark.requirement("ALL-07")
async def test_logistics_hear_a_part_of_the_story_again_from_the_offset_that_they_choose(
    stack: Stack, watch: Watch
) -> None:
    journey = journey_of(stack, watch, PLAYED[0])
    await journey.register(await journey.order(1))
    heard = await watch.event("service.activated.v1", serial=journey.serial)
    part = TopicPartition(heard.topic, heard.partition)
    async with AIOKafkaConsumer(**door(stack, "logistics"), group_id=None) as topic:
        for _ in range(2):
            topic.assign([part])
            topic.seek(part, heard.offset)
            message = await topic.getone()
            assert message.offset == heard.offset
            assert journey.serial.encode() in (message.value or b"")


@pytest.mark.requirement("ALL-07")
@pytest.mark.parametrize("topic", FOREIGN)
async def test_logistics_read_no_other_topic(stack: Stack, topic: str) -> None:
    async with AIOKafkaProducer(**door(stack, "logistics")) as eyes:  # a consumer of this library would ask for ever
        assert await eyes.partitions_for(stack.topic("activation"))
        with pytest.raises(TopicAuthorizationFailedError):  # who may read a topic may also see that it is there
            await eyes.partitions_for(stack.topic(topic))


@pytest.mark.requirement("ALL-07")
@pytest.mark.parametrize("topic", ["activation", "service-centre", "registration"])
async def test_logistics_write_nowhere(stack: Stack, topic: str) -> None:
    async with AIOKafkaProducer(**door(stack, "logistics")) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(stack.topic(topic), b"{}")


@pytest.mark.requirement("ALL-07")
async def test_a_partner_takes_no_place_in_the_group_of_a_service(stack: Stack) -> None:
    consumer = AIOKafkaConsumer(
        stack.topic("activation"), **door(stack, "logistics"), group_id=stack.group("notifications")
    )
    with pytest.raises(GroupAuthorizationFailedError):
        await consumer.start()
    await consumer.stop()


@pytest.mark.requirement("ALL-07")
@pytest.mark.parametrize(("user", "password"), [("logistics", "guessed"), ("nobody", "guessed")])
async def test_nobody_comes_in_without_the_right_password(stack: Stack, user: str, password: str) -> None:
    producer = AIOKafkaProducer(**door(stack, user, password))
    with pytest.raises((AuthenticationFailedError, KafkaConnectionError)):
        await producer.start()
    await producer.stop()
