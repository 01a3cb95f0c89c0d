"""A day is written in one way, and nothing else passes for one."""

from datetime import UTC, date, datetime

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from chassis.days import Day

DAYS = TypeAdapter(Day)


@pytest.mark.parametrize("said", ["2028-02-29", date(2028, 2, 29)])
def test_a_day_is_written_as_year_month_and_day(said):
    assert DAYS.validate_python(said) == date(2028, 2, 29)
    assert DAYS.validate_json('"2028-02-29"') == date(2028, 2, 29)


@pytest.mark.parametrize(
    "said",
    [
        "2027-02-29",
        "20280229",
        "2028-2-29",
        "2028-02-29T00:00:00",
        "2028-02-29T00:00:00Z",
        "1835395200",
        " 2028-02-29",
        "2028-02-29\n",
        "٢٠٢٨-٠٢-٢٩",
        "",
        1835395200,
        1835395200.0,
        True,
        None,
        datetime(2028, 2, 29, tzinfo=UTC).replace(tzinfo=None),
        datetime(2028, 2, 29, tzinfo=UTC),
    ],
)
def test_a_number_a_moment_or_another_way_of_writing_is_no_day(said):
    with pytest.raises(ValidationError) as refused:
        DAYS.validate_python(said)
    assert {error["type"] for error in refused.value.errors()} <= {"date_from_datetime_parsing", "date_type"}


def test_the_schema_tells_readers_that_it_is_a_date():
    class Asked(BaseModel):
        day: Day

    assert Asked.model_json_schema()["properties"]["day"] == {"format": "date", "title": "Day", "type": "string"}
