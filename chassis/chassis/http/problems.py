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


@dataclass(frozen=True, slots=True)
class Phrased:
    """A refusal in one language, for answers that hold several."""

    code: str
    title: str
    detail: str
    pointer: str
    value: object
    accepted: object


def phrase(package: str, language: str, refusal: Refusal) -> Phrased:
    """A refusal with the texts of a package (`registration_service`), as `problem` would tell it."""
    details = {"value": shown(refusal.value), "accepted": _listed(refusal.accepted), **refusal.details}
    text, code = texts(package, language).get(refusal.code, {}), refusal.code
    title, detail = (text.get(part, code).format_map(_Blanks(details)) for part in ("title", "detail"))
    return Phrased(code, title, detail, refusal.pointer, shown(refusal.value), refusal.accepted)


def refusal_of(error: Mapping[str, Any]) -> Refusal:
    """One of pydantic's errors as a refusal, code `field-…`: to be phrased when its reader is known."""
    unreadable = error["type"] == "json_invalid"  # there the place is a byte, not a field
    where = [] if unreadable else [shown_pointer(part) for part in error["loc"] if part != "body"]
    context = error.get("ctx") or {}
    code = f"field-{_kind(error)}"
    return Refusal(
        code if code in texts(__package__, "en") else "field-other",
        422,
        "".join(f"/{part}" for part in where),
        None if error["type"] == "missing" or unreadable else error.get("input"),
        next((context[name] for name in BOUNDS if name in context), None),
        {"reason": error["msg"], **{name: value for name, value in context.items() if name != "error"}},
    )


def problem(
    request: Request, refusal: Refusal, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """A refusal as a problem+json answer with stable type and code; `errors` are added to the refusal's own field."""
    told = phrase(request.app.state.package, language_of(request), refusal)
    own = [FieldError(told.pointer, told.detail, refusal.value, told.accepted)] if refusal.pointer else []
    body: dict[str, object] = {
        "type": TYPE_BASE + refusal.code,
        "title": told.title,
        "status": refusal.status,
        "detail": told.detail,
        "code": refusal.code,
        "correlation_id": request.state.correlation_id,
        "errors": [error.as_json() for error in (*own, *errors)],
    }
    if refusal.details:
        body["details"] = dict(refusal.details)
    said = {"Content-Language": language_of(request), **(headers or {})}
    if "retry_after_seconds" in refusal.details:
        said["Retry-After"] = str(refusal.details["retry_after_seconds"])
    return Response(orjson.dumps(body, default=shown), refusal.status, said, MEDIA_TYPE)


def field_errors(request: Request, found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """pydantic's errors as field errors in the reader's language; of a confidential body no value is repeated."""
    secret = getattr(request.state, "confidential", False)
    refusals = [refusal_of({**error, "input": None} if secret else error) for error in found]
    told = [phrase(request.app.state.package, language_of(request), refusal) for refusal in refusals]
    return [FieldError(one.pointer, one.detail, one.value, one.accepted) for one in told]


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
