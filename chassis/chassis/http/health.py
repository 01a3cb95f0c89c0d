"""`/livez`, `/readyz`, `/metrics` of every process; a worker that cannot work says why (OPS-01)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

Check: TypeAlias = Callable[[], Awaitable[str | None]]
"""Nothing when all is well, else a sentence with the cause."""


def health_routes(checks: Mapping[str, Check]) -> list[BaseRoute]:
    """The three addresses; `/readyz` is 503 as long as one check has something to say."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(_: Request) -> Response:
        said = {name: await check() for name, check in checks.items()}
        ready = not any(said.values())
        parts = {name: sentence or "ready" for name, sentence in said.items()}
        return JSONResponse({"status": "ready" if ready else "not ready", "parts": parts}, 200 if ready else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]


def health_app(checks: Mapping[str, Check]) -> Starlette:
    """The whole HTTP face of a worker or a relay."""
    return Starlette(routes=health_routes(checks))
