"""Examples are true: each event has some, each says what its class and its published schema say."""

import json
from pathlib import Path

import pytest

from event_schemas import Event
from event_schemas.catalogue import public_events
from event_schemas.check import examples
from event_schemas.examples import example_files, examples_of
from event_schemas.folders import folder
from event_schemas.published import read_published
from event_schemas.validation import FORMATS, faults

EVENTS = public_events()
PUBLISHED = read_published(folder("published"))


@pytest.mark.requirement("ALL-04")
@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_every_example_is_what_its_class_says_and_what_is_published(event: type[Event]) -> None:
    for example in examples_of(event):
        assert event.model_validate(example).model_dump(mode="json", exclude_unset=True) == example
        for schema in PUBLISHED[event.TYPE].values():
            assert faults(example, schema) == []


@pytest.mark.requirement("ALL-04")
def test_no_example_is_without_an_event_and_no_event_without_an_example() -> None:
    assert {path.name for path in folder("examples").iterdir()} == set(EVENTS)
    assert list(examples(folder("examples"), EVENTS, PUBLISHED)) == []


@pytest.mark.requirement("CRD-02")
def test_the_example_of_a_credit_is_450_euros_less_43_percent() -> None:
    credit = example_files(EVENTS["credit.issued.v1"])["depreciated-by-43-percent"]

    assert credit["base"] == {"amount": "450.00", "currency": "EUR"}
    assert credit["depreciation_percent"] == 43
    assert credit["amount"] == {"amount": "256.50", "currency": "EUR"}


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("ends_on", "2029-02-30", "is not a 'date'"),
        ("activated_at", "2026-03-02T09:15:00", "is not a 'date-time'"),
        ("activated_at", "yesterday", "is not a 'date-time'"),
        ("activation_id", "7", "is not a 'uuid'"),
        ("serial", 7, "is not of type 'string'"),
        ("serial", "", "should be non-empty"),
    ],
)
def test_validation_against_a_published_schema_checks_formats_too(field: str, value: object, fault: str) -> None:
    (example,) = examples_of(EVENTS["service.activated.v1"])

    (found,) = faults(example | {field: value}, PUBLISHED["service.activated.v1"][1])
    assert found.startswith(f"$.{field}: ")
    assert fault in found


def test_no_published_format_goes_unchecked() -> None:
    texts = [file.read_text() for file in folder("published").glob("*.json")]
    used = {node for text in texts for node in _formats(json.loads(text))}

    assert used == {"uuid", "date", "date-time"}
    assert used <= set(FORMATS.checkers)


def _formats(node: object) -> set[str]:
    if isinstance(node, list):
        return {found for each in node for found in _formats(each)}
    if not isinstance(node, dict):
        return set()
    own = {node["format"]} if isinstance(node.get("format"), str) else set()
    return own | {found for each in node.values() for found in _formats(each)}


def test_a_wrong_a_missing_and_an_orphaned_example_are_each_found(law: Path) -> None:
    wrong = law / "examples" / "credit.requested.v1" / "accepted-return.json"
    wrong.write_text(json.dumps(json.loads(wrong.read_text()) | {"ticket_id": "T-1", "dealer": "unknown"}))
    (law / "examples" / "credit.refused.v1" / "already-credited.json").unlink()
    (law / "examples" / "credit.granted.v1").mkdir()

    found = list(examples(law / "examples", EVENTS, PUBLISHED))

    assert len(found) == 3
    assert found[0] == ("examples/credit.refused.v1: no example; write examples/credit.refused.v1/<name>.json")
    assert found[1].startswith(
        "examples/credit.requested.v1/accepted-return.json: ticket_id: Input should be a valid UUID"
    )
    assert found[2] == "examples/credit.granted.v1: no event is called so; remove it"


def test_an_example_with_a_field_that_its_class_does_not_say_is_found(law: Path) -> None:
    file = law / "examples" / "credit.requested.v1" / "accepted-return.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"dealer": "unknown"}))

    (found,) = examples(law / "examples", EVENTS, PUBLISHED)
    assert "CreditRequested would say" in found


def test_asking_for_examples_of_an_event_without_any_is_an_error(empty_catalogue: None) -> None:
    class ThingHappened(Event, type="thing.happened", version=1, key="brand"):
        """A thing happened."""

    with pytest.raises(LookupError, match=r"thing\.happened\.v1: no example"):
        examples_of(ThingHappened)
