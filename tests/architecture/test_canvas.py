"""A service's canvas (its README) says what its code does; a page that could lie is compared with the code."""

import ast
import re
from typing import Final

import pytest
from fastapi.routing import APIRoute
from tests.architecture.tree import ROOT, SERVICES, description, package_of, syntax

from event_schemas import CATALOGUE
from event_schemas.topics import load_topics

LONGEST: Final = 40
"""Lines beside the lists, which are as long as the service has doors and facts."""
HEADINGS: Final = ("Owns", "Commands and queries", "Hears", "Says", "Timers", "Tables")


def items(service: str, heading: str) -> set[str]:
    """The names in backticks that start the list items under a heading."""
    text = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"services/{service}/README.md has no heading '## {heading}'"
    return set(re.findall(r"^- `([^`]+)`", section.group(1), re.MULTILINE))


def said_in_code(service: str) -> set[str]:
    """Event classes that the service's code makes, by calling the class or one of its constructors."""
    names = {event.__name__ for event in CATALOGUE.values()}
    calls = [
        node.func
        for file in package_of(service).rglob("*.py")
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.Call)
    ]
    made = {func.id for func in calls if isinstance(func, ast.Name)}
    built = {func.value.id for func in calls if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)}
    return names & (made | built)


@pytest.mark.parametrize("service", SERVICES)
def test_the_canvas_fits_on_a_page(service: str) -> None:
    text = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if not line.startswith("- `")]) <= LONGEST
    for heading in HEADINGS:
        assert f"\n## {heading}\n" in text


@pytest.mark.parametrize("service", SERVICES)
def test_the_canvas_lists_every_operation(service: str) -> None:
    routes = [route for router in description(service).routers for route in router.routes]
    operations = {
        f"{method} {route.path}" for route in routes if isinstance(route, APIRoute) for method in route.methods or ()
    }
    assert items(service, "Commands and queries") == operations


@pytest.mark.parametrize("service", SERVICES)
def test_the_canvas_lists_what_is_heard(service: str) -> None:
    assert items(service, "Hears") == {route.event.__name__ for route in description(service).hears}


@pytest.mark.parametrize("service", SERVICES)
def test_the_canvas_lists_what_is_said(service: str) -> None:
    assert items(service, "Says") == said_in_code(service)


@pytest.mark.parametrize("service", SERVICES)
def test_the_canvas_lists_timers_and_tables(service: str) -> None:
    assert items(service, "Timers") == {alarm.kind for alarm in description(service).alarms}
    sql = "".join(file.read_text(encoding="utf-8") for file in (package_of(service) / "migrations").glob("*.sql"))
    assert items(service, "Tables") == set(re.findall(r"^CREATE (?:UNLOGGED )?TABLE (\w+)", sql, re.MULTILINE))


@pytest.mark.requirement("ALL-03")
@pytest.mark.parametrize("service", SERVICES)
def test_the_topics_name_the_service_as_subscriber_of_exactly_what_it_hears(service: str) -> None:
    listed = {kind for topic in load_topics() for kind in topic.subscribers.get(service, ())}
    assert listed == {route.event.TYPE for route in description(service).hears}


@pytest.mark.requirement("ALL-03")
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_facts_on_topics_that_it_writes(service: str) -> None:
    written = {topic.topic for topic in load_topics() if topic.written_by == service}
    said = said_in_code(service)
    topics = {event.TOPIC for event in CATALOGUE.values() if event.__name__ in said}
    assert topics <= written
