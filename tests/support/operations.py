"""Every operation of every service as its OpenAPI document tells it: what tests over the whole API are made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from tests.architecture.tree import SERVICES, description

from chassis.http.app import build_app

JSON: Final = "application/json"


@cache
def document(service: str) -> Mapping[str, Any]:
    """The OpenAPI document of a service."""
    known = description(service)
    known.policies.load()  # the document names the brands there are
    return build_app(known.name, known.package, known.routers).openapi()


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    service: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def told(self) -> Mapping[str, Any]:
        """What the document says about it."""
        found: Mapping[str, Any] = document(self.service)["paths"][self.path][self.method.lower()]
        return found

    @property
    def scope(self) -> str | None:
        """The scope that a token needs, empty when any token will do; None for a public operation."""
        security = self.told.get("security")
        if not security:
            return None
        scopes = [scope for way in security for named in way.values() for scope in named]
        assert len(scopes) <= 1, f"{self} names {scopes}: one scope is what a caller can be told to ask for"
        return scopes[0] if scopes else ""

    def parameters(self, place: str) -> list[Mapping[str, Any]]:
        """Its parameters in `path`, `query` or `header`."""
        return [one for one in self.told.get("parameters", ()) if one["in"] == place]

    @property
    def body(self) -> Mapping[str, Any] | None:
        """Its request body's media types; None when it has no body."""
        content: Mapping[str, Any] | None = self.told.get("requestBody", {}).get("content")
        return content

    @property
    def streams(self) -> bool:
        """Whether it answers with events for as long as there are any."""
        return any("text/event-stream" in answer.get("content", {}) for answer in self.told["responses"].values())


def operations(*services: str) -> Iterator[Operation]:
    """The operations of these services, or of all, in the order of their documents."""
    for service in services or SERVICES:
        for path, methods in document(service)["paths"].items():
            yield from (Operation(service, method.upper(), path) for method in methods)


def resolved(schema: Mapping[str, Any], service: str) -> Mapping[str, Any]:
    """A schema with the components that it points to, so that it can be validated against by itself."""
    return {**schema, "components": document(service).get("components", {})}


def examples_of(told: Mapping[str, Any], service: str) -> list[Any]:
    """The examples of a media type object or a parameter: its own, or else those of its schema."""
    own = [told["example"]] if "example" in told else [one["value"] for one in told.get("examples", {}).values()]
    return own or _of_schema(told.get("schema", {}), service)


def _of_schema(schema: Mapping[str, Any], service: str) -> list[Any]:
    while "$ref" in schema:
        schema = document(service)["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return list(schema.get("examples", [schema["example"]] if "example" in schema else []))
