"""The contract from both sides: who hears takes every example; what is said fits its published schema (ALL-04)."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator
from tests.architecture.tree import SERVICES, description
from tests.support.rooms import Room, open_room
from tests.support.stack import PostgresStack

from event_schemas import Event
from event_schemas.examples import examples_of
from event_schemas.folders import folder
from event_schemas.published import read_published

PUBLISHED = read_published(folder("published"))
HEARD = [
    (service, route.event, number)
    for service in SERVICES
    for route in description(service).hears
    for number in range(len(examples_of(route.event)))
]


@pytest.fixture(scope="module")
async def rooms(postgres: PostgresStack) -> AsyncIterator[dict[str, Room]]:
    opened: dict[str, Room] = {}
    contexts = [open_room(description(service), postgres) for service in SERVICES]
    for service, context in zip(SERVICES, contexts, strict=True):
        opened[service] = await context.__aenter__()
    yield opened
    for context in contexts:
        await context.__aexit__(None, None, None)


@pytest.mark.requirement("ALL-04")
@pytest.mark.parametrize(("service", "event", "number"), HEARD)
async def test_a_service_takes_every_published_example_of_what_it_hears(
    rooms: dict[str, Room], service: str, event: type[Event], number: int
) -> None:
    await rooms[service].hear(event.model_validate(examples_of(event)[number]))
    for fact in await rooms[service].said():
        fits_its_schema(fact)


@pytest.mark.requirement("ALL-04")
@pytest.mark.parametrize(("service", "event", "number"), HEARD)
async def test_a_service_takes_an_example_with_a_field_and_a_word_of_a_later_publisher(
    rooms: dict[str, Room], service: str, event: type[Event], number: int
) -> None:
    later = {**examples_of(event)[number], "a_later_field": {"of": ["any", "shape"]}, event.KEY: str(uuid4())}
    await rooms[service].hear(event.model_validate(later))
    await rooms[service].said()


def fits_its_schema(fact: Event) -> None:
    """Raises when the wire form of a fact is not what its newest published schema promises."""
    revisions = PUBLISHED[fact.TYPE]
    schema: dict[str, Any] = revisions[max(revisions)]
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        json.loads(fact.model_dump_json())
    )
