"""Every operation with a token of every role: it opens exactly for those whose role has the scope that it names.

The table is made from the OpenAPI documents and `event_schemas/roles.toml`; nobody has to keep it.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final
from uuid import uuid4

import httpx
import orjson
import pytest
from tests.architecture.tree import SERVICES, description
from tests.support.operations import JSON, Operation, examples_of, operations
from tests.support.rooms import DatabaseServer, Room, open_room
from tests.support.tokens import signed_token

from event_schemas.roles import ROLES

PUBLIC: Final = {
    "registration": {
        "GET /registration-form",
        "GET /warranty-checks",
        "POST /sign-ups",
        "POST /sign-ups/{sign_up_id}/resend",
        "GET /verification",
        "POST /verifications",
        "POST /sessions",
        "POST /sessions/refresh",
        "POST /sessions/logout",
        "POST /password-resets",
        "GET /password-reset",
        "POST /password-resets/completion",
        "GET /.well-known/jwks.json",
        "GET /brands",
        "GET /brands/{brand}",
        "GET /downtimes",
        "GET /dossiers/template",
    },
    "activation": set[str](),
    "tickets": set[str](),
    "notifications": set[str](),
    "credits": set[str](),
}
"""What answers without a token. An operation that is not here by name has to name a scope."""
WHOSE: Final = ("files:all", "files:organisation")
"""Scopes that say whose files are seen; no operation asks for them."""


@pytest.fixture(scope="module")
async def rooms(postgres: DatabaseServer) -> AsyncIterator[dict[str, Room]]:
    """A room of each service."""
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(open_room(description(name), postgres)) for name in SERVICES}


async def ask(room: Room, operation: Operation, scopes: Sequence[str] | None) -> httpx.Response:
    """Call an operation about things that do not exist, with a token of these scopes, or without any when None."""
    path = re.sub(r"\{\w+\}", lambda _: str(uuid4()), operation.path)
    headers = {"Idempotency-Key": str(uuid4())}
    if scopes is not None:
        who = {"sub": str(uuid4()), "organisation": str(uuid4()), "contact": str(uuid4())}
        headers["Authorization"] = f"Bearer {signed_token(room.key, scopes, **who)}"
    content, headers["Content-Type"] = body_of(operation)
    return await room.client.request(operation.method, path, headers=headers, content=content)


def body_of(operation: Operation) -> tuple[bytes, str]:
    """What the document gives as an example of its body, and its type; an empty object when there is none."""
    kind, told = next(iter((operation.body or {}).items()), (JSON, {}))
    examples = examples_of(told, operation.service)
    if kind == JSON:
        return orjson.dumps(examples[0] if examples else {}), kind
    return b"Hello", kind


def is_scope_missing(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and answer.json()["code"] == "scope-missing"


def each(*, public: bool) -> list[Any]:
    chosen = [one for one in operations() if (one.scope is None) is public]
    return [pytest.param(one, id=f"{one.service}: {one}") for one in chosen]


@pytest.mark.requirement("ALL-06")
@pytest.mark.parametrize("operation", each(public=False))
async def test_an_operation_opens_for_the_roles_that_have_its_scope_and_no_others(
    rooms: dict[str, Room], operation: Operation
) -> None:
    room, wrong = rooms[operation.service], []
    for role, scopes in ROLES.items():
        answer = await ask(room, operation, scopes)
        right = answer.status_code not in (401, 403) if operation.scope in scopes else is_scope_missing(answer)
        if not right:
            wrong.append(f"{role}, whose scopes are {scopes}: {answer.status_code} {answer.text}")
    assert wrong == []


@pytest.mark.requirement("ALL-06")
@pytest.mark.parametrize("operation", each(public=False))
async def test_without_a_token_an_operation_stays_shut(rooms: dict[str, Room], operation: Operation) -> None:
    answer = await ask(rooms[operation.service], operation, None)
    assert (answer.status_code, answer.json()["code"]) == (401, "token-missing")


@pytest.mark.requirement("ALL-06")
@pytest.mark.parametrize("operation", each(public=False))
async def test_a_token_without_any_scope_opens_nothing(rooms: dict[str, Room], operation: Operation) -> None:
    answer = await ask(rooms[operation.service], operation, ())
    assert is_scope_missing(answer), answer.text


@pytest.mark.requirement("ALL-06")
@pytest.mark.parametrize("operation", each(public=True))
async def test_a_public_operation_asks_for_no_token(rooms: dict[str, Room], operation: Operation) -> None:
    answer = await ask(rooms[operation.service], operation, None)
    assert answer.status_code != 403
    assert answer.status_code != 401 or answer.json()["code"] not in ("token-missing", "token-invalid")


@pytest.mark.requirement("ALL-06")
@pytest.mark.parametrize("service", SERVICES)
def test_what_is_public_is_public_on_purpose(service: str) -> None:
    assert {str(one) for one in operations(service) if one.scope is None} == PUBLIC[service]


@pytest.mark.requirement("ALL-06")
def test_every_scope_is_granted_to_somebody_and_asked_for_somewhere() -> None:
    asked = {one.scope for one in operations() if one.scope is not None}
    granted = {scope for scopes in ROLES.values() for scope in scopes}
    assert asked == granted - set(WHOSE)
