"""What every fact has in common, on the wire and in its name."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from event_schemas import Event, Money
from event_schemas.catalogue import public_events
from event_schemas.credits import CreditIssued
from event_schemas.examples import examples_of
from event_schemas.service_centre import RepairOutcome, RepairReported

EVENTS = sorted(public_events().values(), key=lambda event: event.TYPE)


@pytest.mark.requirement("ALL-04")
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TYPE)
def test_the_type_of_an_event_is_its_class_name_in_dotted_lower_case(event: type[Event]) -> None:
    name = event.__name__.removesuffix(f"V{event.VERSION}") if event.VERSION > 1 else event.__name__

    assert re.sub(r"(?<!^)(?=[A-Z])", ".", name).lower() == event.NAME
    assert f"{event.NAME}.v{event.VERSION}" == event.TYPE


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TYPE)
def test_every_event_says_in_a_sentence_what_happened(event: type[Event]) -> None:
    assert event.__doc__
    assert event.__doc__ != Event.__doc__


@pytest.mark.requirement("ALL-04")
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TYPE)
def test_the_message_key_is_a_field_that_is_always_there(event: type[Event]) -> None:
    for example in examples_of(event):
        assert event.model_validate(example).key == example[event.KEY]


def test_two_classes_cannot_say_the_same_type(empty_catalogue: None) -> None:
    class ThingHappened(Event, type="thing.happened", version=1, key="brand"):
        """A thing happened."""

    with pytest.raises(TypeError, match=r"OtherThing: thing\.happened\.v1 is already said by ThingHappened"):

        class OtherThing(Event, type="thing.happened", version=1, key="brand"):
            """The same again."""

    assert ThingHappened.TYPE == "thing.happened.v1"


@pytest.mark.requirement("ALL-04")
def test_fields_that_a_later_publisher_adds_are_ignored_when_read() -> None:
    (example,) = examples_of(CreditIssued)

    assert CreditIssued.model_validate(example | {"added_later": 1}) == CreditIssued.model_validate(example)


@pytest.mark.requirement("ALL-04")
def test_a_word_that_a_later_publisher_adds_survives_reading_and_writing() -> None:
    event = RepairReported(
        brand="dynabook",
        ticket_id=UUID(int=1),
        outcome=RepairOutcome("replaced"),
        reported_at=datetime(2026, 3, 12, tzinfo=UTC),
    )

    again = RepairReported.model_validate_json(event.model_dump_json())

    assert again.outcome == "replaced"
    assert again.outcome not in list(RepairOutcome)
    assert again == event


def test_an_amount_travels_as_a_decimal_string_with_two_places() -> None:
    assert Money(amount=Decimal("256.5")).model_dump_json() == '{"amount":"256.50","currency":"EUR"}'


@pytest.mark.parametrize("amount", ["256.505", "1e30", "NaN", "Infinity", "12345678901234.00", ""])
def test_an_amount_that_is_no_money_is_refused_by_name(amount: str) -> None:
    with pytest.raises(ValidationError, match="amount"):
        Money.model_validate({"amount": amount})
