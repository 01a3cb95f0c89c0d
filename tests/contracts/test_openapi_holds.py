"""Whatever is sent to an operation, it keeps what its OpenAPI document promises, and never answers 500.

schemathesis makes the requests: the document's examples, the bounds of every field, and chance; most of those that fit
the document then name things that exist. But for ids they are the same on every run; `make fuzz` sends more, and others
each time.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from functools import cache
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
import requests
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.case import Case
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi import checks
from tests.architecture.tree import BRANDS, SERVICES, description
from tests.support.files import Files
from tests.support.known import Known
from tests.support.operations import Operation, document, operations
from tests.support.rooms import DatabaseServer, Room, open_room
from tests.support.tokens import signed_token
from tests.support.world import BRAND, World

from event_schemas.examples import examples_of

EXAMPLES: Final = int(os.environ.get("FUZZ", "0"))
"""Requests made by chance for each operation; unless said, few and always the same."""
PROMISES: Final = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
)
KEY: Final = "Idempotency-Key"
TIMEOUT_SECONDS: Final = 10.0
CHOSEN: Final = settings(
    max_examples=EXAMPLES or 15,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Door:
    """A room as schemathesis needs it: asked from outside of any event loop, with a token for everything."""

    def __init__(self, portal: BlockingPortal, room: Room) -> None:
        self._portal, self._room = portal, room
        self.known = Known(brand=[*BRANDS, *[BRAND] * len(BRANDS)])
        self._tokens = [signed_token(room.key)]

    def send(self, case: Case[Any]) -> httpx.Response:
        """Send a generated request; what comes back is remembered for the next."""
        told = {"Authorization": f"Bearer {self.known.choose(self._tokens)}"}
        if KEY in case.headers and ParameterLocation.HEADER in sound_parts(case) and self.known.chance():
            told[KEY] = str(uuid4())  # or else most commands would be refused for the key of an earlier one
        asked = requests.Request(**case.as_transport_kwargs("http://room", told)).prepare()
        answer = self._portal.call(self._ask, asked)
        if answer.is_success and "json" in answer.headers.get("content-type", ""):
            self.known.learn(answer.json())
        return answer

    async def _ask(self, asked: requests.PreparedRequest) -> httpx.Response:
        content: Any = asked.body.encode() if isinstance(asked.body, str) else asked.body
        headers = [(name.encode(), str(value).encode("latin-1")) for name, value in asked.headers.items()]
        async with asyncio.timeout(TIMEOUT_SECONDS):
            answer = await self._room.client.request(
                str(asked.method), str(asked.url), headers=headers, content=content
            )
        for fact in await self._room.said():
            self.known.learn(fact.model_dump(mode="json"))
        return answer

    def hear_the_examples(self) -> None:
        """Let the service hear every published example of the facts that it listens to."""
        for route in self._room.service.hears:
            for example in examples_of(route.event):
                event = route.event.model_validate(example)
                self.known.learn(example)
                self._portal.call(self._room.hear, event)

    def fill_registration(self) -> None:
        """Let people sign up and make files of every kind; from here on some of them ask too, with every scope."""
        files = self._portal.call(self._people_and_files)
        self.known.learn(files.answers)
        for name in ("Anton", "Bea", "Ella", "Zoe"):
            claims = files.world[name].claims
            who = {claim: claims[claim] for claim in ("sub", "contact", "organisation") if claim in claims}
            self._tokens.append(signed_token(self._room.key, **who))

    async def _people_and_files(self) -> Files:
        return await Files(await World(self._room, self.known.learn).begin()).begin()


def sound_parts(case: Case[Any]) -> list[ParameterLocation]:
    """The parts of a request that are as the document wants them; those that are wrong on purpose stay so."""
    parts = case.meta.components if case.meta else {}
    return [place for place, made in parts.items() if made.mode.is_positive]


def schema_of(service: str) -> schemathesis.BaseSchema:
    """The document without its security, which is `test_access_matrix`'s to try: every token is good for everything."""
    told = deepcopy(dict(document(service)))
    for operation in (operation for methods in told["paths"].values() for operation in methods.values()):
        operation.pop("security", None)
    return schemathesis.openapi.from_dict(told)


SCHEMAS: Final = {service: schema_of(service) for service in SERVICES}


@pytest.fixture(scope="module")
def doors(postgres: DatabaseServer) -> Iterator[Callable[[str], Door]]:
    """The door of a service, which it keeps for all of its operations: what one has made the next can use."""
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())

        @cache
        def door_of(service: str) -> Door:
            room = portal.wrap_async_context_manager(open_room(description(service), postgres))
            door = Door(portal, stack.enter_context(room))
            door.hear_the_examples()
            if service == "registration":
                door.fill_registration()
            return door

        yield door_of


@pytest.mark.requirement("ALL-01")
@pytest.mark.parametrize("operation", [pytest.param(one, id=f"{one.service}: {one}") for one in operations()])
def test_an_operation_keeps_what_its_document_promises(doors: Callable[[str], Door], operation: Operation) -> None:
    schema, door = SCHEMAS[operation.service], doors(operation.service)

    def keep(case: Case[Any]) -> None:
        for place in sound_parts(case) if not operation.streams else ():  # of a file that goes on a stream has no end
            door.known.put_into(case.get_container(place))
        case.validate_response(door.send(case), list(PROMISES))

    how = HypothesisTestConfig(project=schema.config, modes=list(HypothesisTestMode), settings=CHOSEN)
    create_test(operation=schema[operation.path][operation.method], test_func=keep, config=how)()
