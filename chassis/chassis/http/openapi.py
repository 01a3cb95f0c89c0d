"""The OpenAPI document of a service, told so that a front end can be built from it without asking (ALL-01)."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from chassis.http.problems import MEDIA_TYPE

WORDS: Final = tomllib.loads(resources.files(__package__).joinpath("openapi.toml").read_text(encoding="utf-8"))
KEY: Final = "Idempotency-Key"
JSON: Final = "application/json"
FIXED: Final = ("const", "example")


class Application(FastAPI):
    """FastAPI, whose document has an example for each JSON body and answer, put together from those of their fields.

    A field without one takes that of a field of the same name, so that the examples of a service tell one story.
    """

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema:
            return self.openapi_schema
        told = super().openapi()
        told["info"]["description"] = WORDS["about"]
        known = told.get("components", {}).get("schemas", {})
        examples = _Examples(known)
        for operation in (one for methods in told["paths"].values() for one in methods.values()):
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == KEY:  # optional to FastAPI, so that its lack is told in our own words
                    parameter.update(required=True, schema={"type": "string", "minLength": 1, "maxLength": 255})
            for media in _json_bodies(operation):
                if not media.keys() & {"example", "examples"}:
                    media["example"] = examples.of(media.get("schema", {}))
        return told


def operation_id(route: APIRoute) -> str:
    """The function's name, e.g. `confirm_order`, since clients are generated with it."""
    return route.name


def _json_bodies(operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an operation takes and gives as JSON; its refusals are told as what they are, problems and nothing else."""
    contents = [operation.get("requestBody", {}).get("content", {})]
    for response in operation["responses"].values():
        content = response.get("content", {})
        if MEDIA_TYPE in content:
            content[MEDIA_TYPE] = content.pop(JSON, content[MEDIA_TYPE])
        else:
            contents.append(content)
    return [content[JSON] for content in contents if JSON in content]


class _Examples:
    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known = known
        fields = [field for schema in known.values() for field in schema.get("properties", {}).items()]
        self._namesakes = {name: field["examples"][0] for name, field in fields if field.get("examples")}
        for schema in known.values():
            self._namesakes |= schema["examples"][0] if schema.get("examples") and "properties" in schema else {}

    def of(self, schema: Mapping[str, Any], name: str = "") -> Any:
        if "$ref" in schema:
            schema = {**self._known[schema["$ref"].rpartition("/")[2]], **schema}
        if given := schema.get("examples") or schema.get("enum") or [schema[one] for one in FIXED if one in schema]:
            lost = dict.fromkeys(schema.get("required", ()))  # FastAPI leaves out what is null
            return {**lost, **given[0]} if isinstance(given[0], dict) else given[0]
        if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
            return self.of(choices[0], name)
        if "properties" in schema:
            return {field: self.of(told, field) for field, told in schema["properties"].items()}
        if "items" in schema:
            return [self.of(schema["items"])]
        sample = WORDS["samples"].get(schema.get("format", schema.get("type", "")))
        namesake = self._namesakes.get(name)
        return namesake if type(namesake) is type(sample) else {} if schema.get("type") == "object" else sample
