"""A request's turn over HTTP: paid for before anything else is done for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response

from chassis.database import Database, Pool
from chassis.http.app import Problem
from chassis.http.problems import MEDIA_TYPE
from registration_service.allowances.addresses import asker
from registration_service.allowances.domain import Grant, Purpose, Short, budgets_of
from registration_service.allowances.handlers import grant, settle
from registration_service.allowances.turnstile import too_many, turnstile_of
from registration_service.settings import Network

HEADERS: Final[dict[str, Any]] = {
    "RateLimit-Policy": {"description": "Units a window of so many seconds.", "schema": {"type": "string"}},
    "RateLimit": {"description": "Units left, and seconds until all are back.", "schema": {"type": "string"}},
}
LIMITED: Final[dict[int | str, dict[str, Any]]] = {
    429: {
        "model": Problem,
        "description": "Too often; `Retry-After` says in how many seconds it may be tried again. `too-many-requests`: "
        "from this address, where one that fails counts as five; `try-later`: for this account or mailbox",
        "content": {MEDIA_TYPE: {}},
        "headers": {**HEADERS, "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
    },
}


@dataclass(frozen=True, slots=True)
class Turn:
    """Leave to do what was asked for; it costs as much as a failure unless it is settled as good."""

    pool: Pool
    paid: Grant

    async def settle(self, *, good: bool) -> dict[str, str]:
        """Say what the request was worth; gives the headers that tell what its address has left."""
        return self.paid.budget.told(await settle(self.pool, self.paid, good=good))

    async def settled(self, answer: Response) -> Response:
        """The answer, with the request settled by its status."""
        await self.settle(good=answer.status_code < 400)
        return answer


def network_of(request: Request) -> Network:
    """The network that asks, as far as the proxies that are trusted tell."""
    peer = request.client.host if request.client else None
    return asker(peer, request.headers.getlist("x-forwarded-for"), request.app.state.settings.trusted_proxies)


async def take_turn(request: Request, purpose: Purpose, network: Network) -> Turn:
    """Pay for a request; raises ProblemError 429."""
    database: Database = request.app.state.database
    budget = budgets_of(request.app.state.settings)[purpose]
    paid = await grant(database.pool, purpose, network, budget, database.clock.now())
    if isinstance(paid, Short):
        raise too_many(paid.retry_after_seconds, budget.told(paid.units))
    return Turn(database.pool, paid)


def allowance(purpose: Purpose) -> Callable[..., Awaitable[Turn]]:
    """Dependency: the turn of a request without a token; refused with 429 when its address had too many.

    It comes before the body is looked at, so that a body that cannot be read counts as a failure.
    """

    async def pay(request: Request) -> Turn:
        network, most = network_of(request), request.app.state.settings.waiting_each
        async with turnstile_of(request, "accounts").through(str(network), most):
            return await take_turn(request, purpose, network)

    return pay
