"""One thing as an answer with an ETag, so that a page that looks again gets it only when it changed (ALL-01)."""

import hashlib
from typing import Annotated, Any, Final

from fastapi import Header
from fastapi.responses import Response
from pydantic import BaseModel

IfNoneMatch = Annotated[
    str | None,
    Header(
        description="ETag of an earlier answer: answered 304 when nothing changed.", examples=['"5d41402abc4b2a76"']
    ),
]
TAGGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "What `If-None-Match` names is still so"}}
"""For `responses=` of an operation that answers with `tagged`."""


def tagged(view: BaseModel, if_none_match: str | None, cache: str = "private, no-cache") -> Response:
    """The view as JSON under a tag made of its content; only the tag when the reader has just that."""
    body, tag = view.model_dump_json().encode(), tag_of(view)
    headers = {"ETag": tag, "Cache-Control": cache, "Vary": "Accept-Language"}
    if tag in (if_none_match or ""):
        return Response(None, 304, headers)
    return Response(body, 200, headers, "application/json")


def tag_of(view: BaseModel) -> str:
    """The tag under which `tagged` answers with a view; for the `If-Match` of a change to what it shows."""
    return f'"{hashlib.sha256(view.model_dump_json().encode()).hexdigest()[:16]}"'
