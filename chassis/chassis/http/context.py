"""What every request carries: ids that name its story, a limit to its body, a line in the log."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid6 import uuid7

from chassis.codec import CORRELATION_ID, TRACEPARENT
from chassis.database import Cause

BODY_LIMIT: Final = 1024 * 1024
"""Bytes; an operation that streams its body itself sets `request.state.body_limit` before it reads."""


class BodyTooLarge(HTTPException):
    """The body is longer than the service reads; raised while it streams in, so that it is never whole in memory."""

    def __init__(self) -> None:
        super().__init__(413)


class StoryMiddleware:
    """Accepts `X-Request-Id` and `traceparent`, or makes them; both are answered (ALL-04)."""

    def __init__(self, app: ASGIApp, bug: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        """`bug` answers what no other handler does; here, so that its answer carries the ids too."""
        self._app, self._bug = app, bug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = headers.get(b"x-request-id", b"").decode("latin-1")
        correlation = request_id if CORRELATION_ID.match(request_id) else str(uuid7())
        trace = _continued(headers.get(b"traceparent", b"").decode("latin-1"))
        state = scope.setdefault("state", {})
        state.update(correlation_id=correlation, traceparent=trace, body_limit=BODY_LIMIT)

        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                own = [(b"x-request-id", correlation.encode()), (b"traceparent", trace.encode())]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation):
            try:
                await self._app(scope, _limited(receive, headers.get(b"content-length", b""), state), answer)
            except Exception as error:
                if started:
                    raise
                response = await self._bug(Request(scope), error)
                await response(scope, receive, answer)


def cause_of(request: Request) -> Cause:
    """The story to which a request's facts belong."""
    return Cause(request.state.correlation_id, None, request.state.traceparent)


def _continued(traceparent: str) -> str:
    found = TRACEPARENT.match(traceparent)
    return f"00-{found.group(1) if found else secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def _limited(receive: Receive, declared: bytes, state: Mapping[str, Any]) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        if declared.isdigit() and int(declared) > state["body_limit"]:
            raise BodyTooLarge
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > state["body_limit"]:
            raise BodyTooLarge
        return message

    return counted
