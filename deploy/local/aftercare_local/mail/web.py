"""The web side: a page with every mail, each mail as its reader sees it, and the same as JSON."""

from datetime import datetime
from typing import Final

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from aftercare_local.mail.store import Mail, MailStore

PAGES: Final = Environment(loader=PackageLoader("aftercare_local.mail", "pages"), autoescape=select_autoescape())
# A mail is foreign text: it may show pictures it carries and nothing else.
HARMLESS: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"}


def problem(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"title": detail, "status": status}, status, media_type="application/problem+json")


def moment_of(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


class Pages:
    """Every page and answer about the mails of one store."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def index(self, request: Request) -> Response:
        to = request.query_params.get("to") or None
        mails = list(reversed(self._store.find(to)))
        return HTMLResponse(PAGES.get_template("index.html").render(mails=mails, to=to))

    async def one(self, request: Request) -> Response:
        mail = self._found(request)
        if mail is None:
            return HTMLResponse("<h1>No such mail</h1>", 404)
        return HTMLResponse(PAGES.get_template("mail.html").render(mail=mail, shown=mail.as_json()))

    async def html(self, request: Request) -> Response:
        mail = self._found(request)
        return HTMLResponse(mail.body("html") if mail else "", 200 if mail else 404, headers=HARMLESS)

    async def listed(self, request: Request) -> Response:
        given = request.query_params.get("since")
        since = moment_of(given) if given else None
        if given and since is None:
            return problem(400, f"since={given!r} is not a time; accepted is RFC 3339, e.g. 2026-01-31T09:00:00Z")
        found = self._store.find(request.query_params.get("to") or None, since)
        return JSONResponse({"items": [mail.as_json() for mail in found]})

    async def clear(self, _: Request) -> Response:
        self._store.clear()
        return Response(status_code=204)

    async def healthy(self, _: Request) -> Response:
        return JSONResponse({"status": "ready"})

    def _found(self, request: Request) -> Mail | None:
        return self._store.get(request.path_params["id"])


def web_app(store: MailStore) -> Starlette:
    """The pages of one store as an application."""
    pages = Pages(store)
    return Starlette(
        routes=[
            Route("/", pages.index),
            Route("/mails/{id}", pages.one),
            Route("/mails/{id}/html", pages.html),
            Route("/api/mails", pages.listed),
            Route("/api/mails", pages.clear, methods=["DELETE"]),
            Route("/readyz", pages.healthy),
        ]
    )
