"""A front end can be built from the OpenAPI documents without asking: every operation says and shows what it does."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from tests.architecture.tree import SERVICES
from tests.support.operations import JSON, Operation, document, examples_of, operations, resolved

KEY: Final = "Idempotency-Key"
PROBLEM: Final = "application/problem+json"
REQUIREMENT: Final = re.compile(r"\b[A-Z]{3}-\d{2}\b")
PLACEHOLDER: Final = "string"
"""What stands in an example where nobody gave a value."""

of_each_operation = pytest.mark.parametrize(
    "operation", [pytest.param(one, id=f"{one.service}: {one}") for one in operations()]
)


def answers(operation: Operation) -> Iterator[Mapping[str, Any]]:
    """The JSON bodies with which it answers when all is well."""
    for status, response in operation.told["responses"].items():
        if status.startswith("2") and JSON in response.get("content", {}):
            yield response["content"][JSON]


def refusals(operation: Operation) -> dict[str, Mapping[str, Any]]:
    """What it answers when not all is well, by status."""
    return {status: told for status, told in operation.told["responses"].items() if status.startswith(("4", "5"))}


def shown_wrongly(operation: Operation, told: Mapping[str, Any]) -> list[str]:
    """What is wrong with the examples of a body, also that there is none."""
    judge = Draft202012Validator(resolved(told["schema"], operation.service), format_checker=FormatChecker())
    examples = examples_of(told, operation.service)
    wrong = [f"{error.json_path}: {error.message}" for one in examples for error in judge.iter_errors(one)]
    empty = [f"{place}: give this field an example" for one in examples for place in placeholders(one)]
    return [*wrong, *empty] if examples else ["no example"]


def placeholders(value: Any, place: str = "$") -> Iterator[str]:
    """Where a text stands that nobody gave."""
    if value == PLACEHOLDER:
        yield place
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in steps:
        yield from placeholders(part, f"{place}.{step}")


@of_each_operation
def test_an_operation_says_what_it_does_and_why(operation: Operation) -> None:
    told = operation.told
    assert told.get("summary")
    assert told.get("tags")
    assert REQUIREMENT.search(told.get("description", "")), "the docstring of its function names no requirement"


@of_each_operation
def test_an_operation_says_how_it_refuses(operation: Operation) -> None:
    told = refusals(operation)
    expected = {"401", "403"} if operation.scope is not None else set[str]()
    expected |= {"404"} if operation.parameters("path") else set()
    expected |= {"400", "409", "413", "422"} if operation.body is not None else set()
    assert expected <= told.keys()
    assert [status for status, one in told.items() if set(one["content"]) != {PROBLEM} or not one["description"]] == []
    assert all("schema" in one["content"][PROBLEM] for one in told.values())


@of_each_operation
def test_what_an_operation_takes_is_shown_by_an_example_that_it_takes(operation: Operation) -> None:
    if operation.body is not None and JSON in operation.body:
        assert shown_wrongly(operation, operation.body[JSON]) == []


@of_each_operation
def test_what_an_operation_answers_is_shown_by_an_example(operation: Operation) -> None:
    assert [wrong for told in answers(operation) for wrong in shown_wrongly(operation, told)] == []


@of_each_operation
def test_every_parameter_of_an_operation_is_described(operation: Operation) -> None:
    silent = [one["name"] for one in operation.told.get("parameters", ()) if not one.get("description")]
    assert silent == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_operations_of_a_service_have_names_of_their_own(service: str) -> None:
    names = Counter(operation.told["operationId"] for operation in operations(service))
    assert [name for name, times in names.items() if times > 1 or not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []


@pytest.mark.requirement("ALL-01")
@pytest.mark.parametrize("service", SERVICES)
def test_every_command_asks_for_its_key(service: str) -> None:
    keys = [one for operation in operations(service) for one in operation.parameters("header") if one["name"] == KEY]
    assert all(one["required"] for one in keys)


def test_the_document_says_first_what_holds_everywhere() -> None:
    for word in ("Idempotency-Key", "application/problem+json", "Accept-Language", "next_cursor", "Bearer"):
        assert word in document(SERVICES[0])["info"]["description"]
