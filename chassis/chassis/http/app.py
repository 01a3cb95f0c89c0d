"""The FastAPI application of a service: its routers, its problems, its health."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import asyncpg
import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from chassis.codec import MAX_MESSAGE_BYTES, EventTooLarge
from chassis.database import is_transient
from chassis.http.context import BODY_LIMIT, StoryMiddleware
from chassis.http.errors import ProblemError
from chassis.http.openapi import Application, operation_id
from chassis.http.problems import MEDIA_TYPE, field_errors, problem
from chassis.policies import UnknownBrand
from chassis.told import frames, told
from chassis.transact import Refusal

log = structlog.get_logger()


class Problem(BaseModel):
    """RFC 9457, with one entry in `errors` for each field at fault."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str
    """`urn:aftercare:problem:` and the code."""
    title: str
    """Short, in the reader's language."""
    status: int
    detail: str
    """What happened and what would be accepted, in the reader's language."""
    code: str
    """What a program decides by, e.g. `not-found`; it never changes."""
    correlation_id: str
    """What to name when asking for support."""
    errors: list[dict[str, Any]] = []
    """`pointer` (RFC 6901), `message`, `value` and, where there is such a thing, what would be `accepted`."""
    details: dict[str, Any] = {}
    """What the text mentions, for programs, e.g. `retry_after_seconds` or `tries_left`; left out when there is none."""


RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": text, "content": {MEDIA_TYPE: {}}}
    for status, text in {
        400: "Not readable, or without Idempotency-Key",
        401: "No valid token",
        403: "The token does not grant the scope",
        404: "Not found",
        409: "Refused in the present state",
        413: "Body too large",
        422: "A field is not acceptable",
        503: "Try again later with the same key",
    }.items()
}


def build_app(name: str, package: str, routers: Sequence[APIRouter]) -> FastAPI:
    """The application without its state; `service.py` gives it database, gate and wake-up call."""
    app = Application(title=f"Aftercare {name}", version="1", generate_unique_id_function=operation_id)
    app.state.package = package
    for router in routers:
        app.include_router(router, responses=RESPONSES)
    app.add_middleware(StoryMiddleware, bug=_bug)
    handlers: dict[Any, Callable[[Request, Any], Awaitable[Response]]] = {
        ProblemError: _said_no,
        RequestValidationError: _invalid,
        UnknownBrand: _unknown_brand,
        EventTooLarge: _too_large,
        HTTPException: _http,
        asyncpg.CharacterNotInRepertoireError: _nul,
        asyncpg.PostgresError: _database,
        asyncpg.InterfaceError: _database,
        asyncpg.InternalClientError: _database,
        OSError: _database,
        TimeoutError: _database,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    return app


async def _said_no(request: Request, error: ProblemError) -> Response:
    return problem(request, error.refusal, headers=error.headers)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    unreadable = any(one["type"] == "json_invalid" for one in found)
    refusal = Refusal("body-not-json", 400) if unreadable else Refusal("fields-not-acceptable", 422)
    return problem(request, refusal, field_errors(request, found))


async def _unknown_brand(request: Request, error: UnknownBrand) -> Response:
    return problem(request, Refusal("brand-unknown", 422, "/brand", error.brand, error.accepted))


async def _too_large(request: Request, _: Exception) -> Response:
    return problem(request, Refusal("facts-too-large", 413, details={"limit": MAX_MESSAGE_BYTES}))


async def _http(request: Request, error: HTTPException) -> Response:
    code = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}.get(error.status_code, "not-readable")
    details = {"limit": BODY_LIMIT} if code == "body-too-large" else {}
    return problem(request, Refusal(code, error.status_code, details=details), headers=error.headers)


async def _nul(request: Request, _: Exception) -> Response:
    field = next((f"/query/{name}" for name, value in request.query_params.items() if "\x00" in value), "")
    return problem(request, Refusal("nul-in-text", 422, field))


async def _database(request: Request, error: Exception) -> Response:
    if not is_transient(error):
        return await _bug(request, error)
    log.warning("database away", error=told(error))
    return problem(request, Refusal("try-again-later", 503), headers={"Retry-After": "2"})


async def _bug(request: Request, error: Exception) -> Response:
    log.error("bug", path=request.url.path, error=told(error), frames=frames(error))
    return problem(request, Refusal("internal-error", 500))
