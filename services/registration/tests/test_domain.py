"""Decisions without a database: numbers on labels, certificate numbers, the last day of a warranty."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar import last_day
from registration_service.certificates.domain import ALPHABET, as_issued, new_number
from registration_service.policy import LabelRule
from registration_service.products.domain import canonical, misread

RULE = LabelRule(characters="0-9A-RT-Z", shortest=9, longest=10, likely={"S": "5", " ": ""})


@pytest.mark.parametrize(
    ("purchased_on", "months", "expected"),
    [
        (date(2026, 2, 27), 12, date(2027, 2, 26)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 3, 1), 24, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
    ],
)
def test_a_warranty_ends_the_day_before_the_same_day_or_with_the_month(purchased_on, months, expected) -> None:
    assert last_day(purchased_on, months) == expected


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 120))
def test_a_later_purchase_is_never_covered_for_shorter(purchased_on, months) -> None:
    assert last_day(purchased_on, months) <= last_day(purchased_on + timedelta(days=1), months)


@given(st.text(max_size=64))
def test_a_serial_is_right_or_its_first_wrong_character_is_named(typed) -> None:
    wrong = misread(typed, RULE)
    if wrong is None:
        assert set(canonical(typed)) <= set("0123456789ABCDEFGHIJKLMNOPQRTUVWXYZ")
    else:
        assert typed[wrong.position - 1] == wrong.character
        assert misread(typed[: wrong.position - 1], RULE) is None


@given(st.text(alphabet="0189ABRSTsab ", max_size=14))
def test_a_likely_serial_is_always_one_that_would_be_accepted(typed) -> None:
    wrong = misread(typed, RULE)
    if wrong and wrong.likely:
        assert misread(wrong.likely, RULE) is None
        assert 9 <= len(wrong.likely) <= 10


def test_certificate_numbers_are_all_different_and_read_like_nothing_else() -> None:
    numbers = {new_number("FC") for _ in range(20_000)}
    assert len(numbers) == 20_000
    assert {character for number in numbers for character in number[2:]} == set(ALPHABET)
    assert set(ALPHABET).isdisjoint("0O1IL2Z5S8B")


def test_a_number_is_recognised_as_people_type_it_and_everything_else_is_no_number() -> None:
    number = new_number("FC")
    assert as_issued(f" {number.lower()}\n") == number
    for typed in ("", "FC", number + "A", number[:-1], number[:-1] + "0", "\x00", "ﬀ" + number[2:]):
        assert as_issued(typed) == ""
