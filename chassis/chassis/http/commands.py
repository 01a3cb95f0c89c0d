"""A command's way in: key, caller, one transaction, one answer (ALL-01)."""

import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel

from chassis import metrics
from chassis.caller import Caller
from chassis.database import Database, Pool
from chassis.http.access import may
from chassis.http.context import cause_of
from chassis.http.errors import ProblemError
from chassis.http.problems import problem, shown_pointer
from chassis.idempotency import Answer, CommandKey, InFlight, KeyReused
from chassis.transact import Decision, Refusal, transact

C = TypeVar("C", bound=BaseModel)
LONGEST_KEY: Final = 255
KEY_POINTER: Final = "/Idempotency-Key"
ANONYMOUS: Final = Caller("anonymous", frozenset())
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Chosen by the caller, at most 255 characters; same key and same body give the same answer. "
        "A refused command changes nothing and keeps no key.",
        examples=["order-2026-004711"],
    ),
]


@dataclass(frozen=True, slots=True)
class Run:
    """Runs one command for one request."""

    request: Request
    caller: Caller
    key: str | None
    """None where the answer is a secret: then nothing of it is kept, and the caller sends no key."""

    async def __call__(self, decide: Decision[C], command: C) -> Response:
        """Decide `command` and answer with what was decided, now or earlier; a refusal becomes a problem."""
        brand = getattr(command, "brand", None)
        if self.caller.brand and brand and brand != self.caller.brand:
            raise ProblemError(Refusal("brand-not-yours", 403, "/brand", brand, self.caller.brand))
        database: Database = self.request.app.state.database
        operation = self.request.scope["route"].name
        started = time.perf_counter()
        # only what was sent counts, so that a field added by a new release changes no fingerprint
        body = command.model_dump_json(exclude_unset=True).encode()
        if b"\\u0000" in body and (field := _nul_at(command.model_dump(mode="json"))):
            raise ProblemError(Refusal("nul-in-text", 422, field))
        fingerprint = hashlib.sha256(f"{self.request.url.path}\n".encode() + body).digest()
        key = CommandKey(self.caller.subject, self.key, fingerprint) if self.key else None
        outcome = "failed"
        try:
            answer = await transact(database, decide, command, key, cause_of(self.request))
            outcome = _outcome(answer)
        except InFlight:
            outcome = "in-flight"
            raise ProblemError(Refusal("idempotency-key-in-flight"), {"Retry-After": "1"}) from None
        except KeyReused:
            outcome = "key-reused"
            raise ProblemError(Refusal("idempotency-key-reused", 422, KEY_POINTER, self.key)) from None
        finally:
            metrics.COMMAND_SECONDS.labels(operation).observe(time.perf_counter() - started)
            metrics.COMMANDS.labels(operation, outcome).inc()
        if isinstance(answer, Refusal):
            return problem(self.request, answer)
        self.request.app.state.wake.set()
        headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
        if key is None:
            headers["Cache-Control"] = "no-store"
        return Response(answer.body, answer.status, headers, "application/json")


def _outcome(answer: Answer | Refusal) -> str:
    if isinstance(answer, Refusal):
        return "refused"
    return "replayed" if answer.replayed else "accepted"


def command(scope: str) -> Callable[..., Awaitable[Run]]:
    """Dependency: the means to run a command, for callers whose token grants `scope`."""
    allowed = may(scope)

    async def prepare(request: Request, caller: Annotated[Caller, Depends(allowed)], key: Key = None) -> Run:
        if not key:
            raise ProblemError(Refusal("idempotency-key-missing", 400, KEY_POINTER))
        if len(key) > LONGEST_KEY:
            raise ProblemError(Refusal("idempotency-key-too-long", 400, KEY_POINTER, key, LONGEST_KEY))
        return Run(request, caller, key)

    return prepare


async def _anybody() -> Caller:
    return ANONYMOUS


def exchange(scope: str | None = None) -> Callable[..., Awaitable[Run]]:
    """Dependency: as `command`, for answers that are secrets and bodies with passwords; without a scope, for anybody.

    Nothing is kept for a repetition, so there is no Idempotency-Key: the deed itself must bear being repeated.
    """
    allowed = may(scope) if scope else _anybody

    async def prepare(request: Request, caller: Annotated[Caller, Depends(allowed)]) -> Run:
        request.state.confidential = True  # FastAPI looks at the body only after this
        return Run(request, caller, None)

    return prepare


def _nul_at(value: Any, place: str = "") -> str | None:
    """JSON pointer to the first text with a NUL, which no database column takes."""
    if isinstance(value, str):
        return place if "\x00" in value else None
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = (_nul_at(part, f"{place}/{shown_pointer(step)}") for step, part in steps)
    return next((pointer for pointer in found if pointer), None)


async def _pool(request: Request) -> Pool:
    database: Database = request.app.state.database
    return database.pool


Reader = Annotated[Any, Depends(_pool)]
"""Parameter of an operation that only looks: the service's pool, with asyncpg's fetch methods."""
