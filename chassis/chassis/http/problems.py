"""RFC 9457 problems in the reader's language, each naming field, value and what would be accepted (ALL-01).

Texts are data: `<package>/texts/{en,fr,nl}.toml` has a title and a detail for each code; the chassis has its own.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import orjson
from fastapi import Request
from fastapi.responses import Response

from chassis.transact import Refusal

LANGUAGES: Final = ("en", "fr", "nl")
MEDIA_TYPE: Final = "application/problem+json"
TYPE_BASE: Final = "urn:aftercare:problem:"
BOUNDS: Final = ("expected", "pattern", "ge", "le", "gt", "lt", "min_length", "max_length")


class _Blanks(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field at fault."""

    pointer: str
    message: str
    value: object = None
    accepted: object = None

    def as_json(self) -> dict[str, object]:
        said = {"pointer": self.pointer, "message": self.message, "value": shown(self.value)}
        return said if self.accepted is None else {**said, "accepted": self.accepted}


@cache
def texts(package: str, language: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of a package in a language, the chassis' own included."""
    own: dict[str, Mapping[str, str]] = {}
    for source in ("chassis.http", package):
        file = Path(str(resources.files(source))) / "texts" / f"{language}.toml"
        if file.exists():
            own |= tomllib.loads(file.read_text(encoding="utf-8"))
    return own


def language_of(request: Request) -> str:
    """The language that Accept-Language likes best among those that the project speaks; English when there is none."""
    wanted = request.headers.get("accept-language", "")
    parts = [part.partition(";q=") for part in wanted.replace(" ", "").lower().split(",")]
    # weights from 0 to 1 compare as text as they do as numbers, and sorted() keeps the order of equals
    for code, _, _ in sorted(parts, key=lambda part: part[2] or "1", reverse=True):
        if code[:2] in LANGUAGES:
            return code[:2]
    return "en"


def sentence(request: Request, code: str, part: str, details: Mapping[str, object]) -> str:
    """`title` or `detail` of a code in the reader's language, with the values that it mentions."""
    text = texts(request.app.state.package, language_of(request)).get(code, {})
    return text.get(part, code).format_map(_Blanks(details))


def problem(
    request: Request, refusal: Refusal, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """A refusal as a problem+json answer with stable type and code; `errors` are added to the refusal's own field."""
    details = {"value": shown(refusal.value), "accepted": _listed(refusal.accepted), **refusal.details}
    detail = sentence(request, refusal.code, "detail", details)
    own = [FieldError(refusal.pointer, detail, refusal.value, refusal.accepted)] if refusal.pointer else []
    body = {
        "type": TYPE_BASE + refusal.code,
        "title": sentence(request, refusal.code, "title", details),
        "status": refusal.status,
        "detail": detail,
        "code": refusal.code,
        "correlation_id": request.state.correlation_id,
        "errors": [error.as_json() for error in (*own, *errors)],
    }
    said = {"Content-Language": language_of(request), **(headers or {})}
    return Response(orjson.dumps(body, default=shown), refusal.status, said, MEDIA_TYPE)


def field_errors(request: Request, found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """pydantic's errors as field errors in the reader's language."""
    known = texts(request.app.state.package, language_of(request))
    return [_field_error(known, error) for error in found]


def _field_error(known: Mapping[str, Mapping[str, str]], error: Mapping[str, Any]) -> FieldError:
    unreadable = error["type"] == "json_invalid"  # there the place is a byte, not a field
    where = [] if unreadable else [shown_pointer(part) for part in error["loc"] if part != "body"]
    context = error.get("ctx") or {}
    text = known.get(f"field-{_kind(error)}") or known["field-other"]
    message = text["detail"].format_map(_Blanks({"reason": error["msg"], **context}))
    accepted = next((context[name] for name in BOUNDS if name in context), None)
    value = None if error["type"] == "missing" or unreadable else error.get("input")
    return FieldError("".join(f"/{part}" for part in where), message, value, accepted)


def _kind(error: Mapping[str, Any]) -> str:
    """pydantic's word for the mistake in the spelling of our texts; it has none of its own for mail addresses."""
    about_email = error["type"] == "value_error" and "email address" in error["msg"]
    return "email" if about_email else str(error["type"]).replace("_", "-")


def shown(value: object) -> object:
    """A value as an answer can show it: short, and nothing that JSON has no way to write."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < 2**63:
        return value
    text = str(value)[:101].encode("utf-8", "replace").decode()
    return text if len(text) <= 100 else text[:100] + "…"


def shown_pointer(part: object) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return str(shown(str(part))).replace("~", "~0").replace("/", "~1")


def _listed(accepted: object) -> object:
    return ", ".join(map(str, accepted)) if isinstance(accepted, list | tuple) else accepted
