"""The arithmetic of a credit, without a database."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from credits_service.ledger.domain import Claim, Price, Unit, depreciated, full_months, issued, price_in_force
from credits_service.policy import policy_of
from event_schemas import Money
from event_schemas.credits import CreditIssued, CreditRefused, CreditRequested

BRANDS = ("carri", "d-link", "dynabook", "ibm", "samsung-belux")
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
AMOUNTS = st.decimals(Decimal("0.01"), Decimal("9999999999.99"), places=2)


def euros(amount: str) -> Money:
    return Money(amount=Decimal(amount))


def claim(accepted_on: date, brand: str = "dynabook") -> Claim:
    return Claim(uuid4(), uuid4(), brand, "9H0123456X", uuid4(), "GRMS-1", accepted_on)


@pytest.mark.requirement("CRD-02")
def test_43_percent_of_450_euros_leave_256_euros_50():
    assert depreciated(euros("450.00"), 43) == euros("256.50")


@pytest.mark.requirement("CRD-02")
@pytest.mark.parametrize(
    ("base", "percent", "amount"),
    [
        ("0.01", 50, "0.01"),  # half a cent goes up
        ("0.01", 51, "0.00"),
        ("0.05", 90, "0.01"),  # 0.005, which half to even would round down
        ("1.50", 99, "0.02"),  # 0.015
        ("0.25", 90, "0.03"),  # 0.025, the same
        ("100.00", 0, "100.00"),
        ("100.00", 100, "0.00"),
        ("9999999999.99", 1, "9899999999.99"),
    ],
)
def test_an_amount_is_rounded_half_up_to_the_cent(base, percent, amount):
    assert depreciated(euros(base), percent) == euros(amount)


@pytest.mark.requirement("CRD-02", "CRD-07")
@given(AMOUNTS, st.integers(0, 100))
def test_a_credit_is_never_below_nothing_nor_above_its_base_and_has_two_decimals(base, percent):
    amount = depreciated(Money(amount=base), percent).amount
    assert 0 <= amount <= base
    assert amount.as_tuple().exponent == -2
    exact = Fraction(base) * (100 - percent) / 100
    assert exact - Fraction(1, 200) < Fraction(amount) <= exact + Fraction(1, 200)  # the half goes up, never down


@pytest.mark.requirement("CRD-02")
@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 15), date(2026, 11, 20), 10),
        (date(2026, 1, 15), date(2026, 1, 15), 0),
        (date(2026, 1, 15), date(2026, 2, 14), 0),
        (date(2026, 1, 15), date(2026, 2, 15), 1),
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2028, 1, 31), date(2028, 2, 28), 0),
        (date(2028, 1, 31), date(2028, 2, 29), 1),
        (date(2026, 8, 31), date(2026, 9, 30), 1),
        (date(2026, 2, 28), date(2026, 3, 27), 0),
        (date(2026, 2, 28), date(2026, 3, 28), 1),
        (date(2028, 2, 29), date(2029, 2, 27), 11),
        (date(2028, 2, 29), date(2029, 2, 28), 12),
        (date(2028, 2, 29), date(2032, 2, 28), 47),
        (date(2028, 2, 29), date(2032, 2, 29), 48),
        (date(2025, 12, 31), date(2026, 12, 31), 12),
    ],
)
def test_age_is_counted_in_full_months_with_month_ends_and_leap_days(start, end, months):
    assert full_months(start, end) == months


@pytest.mark.requirement("CRD-02")
@given(DAYS, DAYS)
def test_the_age_is_the_most_months_that_fit_between_the_two_days(one, other):
    start, end = sorted((one, other))
    months = full_months(start, end)
    assert start + relativedelta(months=months) <= end < start + relativedelta(months=months + 1)


@pytest.mark.requirement("CRD-02")
@pytest.mark.parametrize(
    ("age", "percent"), [(0, 0), (2, 0), (3, 15), (8, 29), (9, 43), (11, 43), (12, 57), (23, 71), (24, 85), (600, 85)]
)
def test_a_row_of_the_table_holds_from_its_month_until_the_next_row(age, percent):
    assert policy_of("dynabook").percent_at(age) == percent


@pytest.mark.requirement("CRD-02")
@given(st.sampled_from(BRANDS), AMOUNTS, DAYS, DAYS)
def test_an_issued_credit_shows_an_arithmetic_that_anyone_can_repeat(brand, base, one, other):
    invoiced_on, accepted_on = sorted((one, other))
    policy = policy_of(brand)
    fact = issued(claim(accepted_on, brand), Price("INV-1", invoiced_on, Money(amount=base)), policy)
    assert fact.age_months == full_months(invoiced_on, accepted_on)
    assert fact.depreciation_percent == policy.percent_at(fact.age_months)
    assert fact.amount == depreciated(fact.base, fact.depreciation_percent)


@given(st.sampled_from(BRANDS), AMOUNTS, DAYS, DAYS, st.integers(0, 4000))
def test_a_unit_is_never_worth_more_when_it_is_older(brand, base, one, other, later):
    invoiced_on, accepted_on = sorted((one, other))
    price, policy = Price("INV-1", invoiced_on, Money(amount=base)), policy_of(brand)
    young = issued(claim(accepted_on, brand), price, policy)
    old = issued(claim(accepted_on + relativedelta(days=later), brand), price, policy)
    assert old.amount.amount <= young.amount.amount


def test_the_newest_invoice_on_or_before_the_day_of_acceptance_is_the_base():
    first, second = Price("A", date(2024, 1, 1), euros("900.00")), Price("B", date(2026, 3, 1), euros("450.00"))
    late = Price("C", date(2026, 11, 21), euros("800.00"))
    prices = (second, first, late)
    assert price_in_force(prices, date(2026, 11, 20)) == second
    assert price_in_force(prices, date(2026, 11, 21)) == late
    assert price_in_force(prices, date(2026, 2, 28)) == first
    assert price_in_force(prices, date(2023, 12, 31)) is None


def test_of_two_invoices_of_one_day_the_one_recorded_last_is_the_base():
    first, second = Price("A", date(2026, 1, 1), euros("900.00")), Price("B", date(2026, 1, 1), euros("450.00"))
    assert price_in_force((first, second), date(2026, 11, 20)) == second


@pytest.mark.requirement("CRD-01", "CRD-07")
def test_a_unit_has_one_credit_whether_it_waits_or_is_issued():
    policy, mine, other = policy_of("dynabook"), claim(date(2026, 11, 20)), claim(date(2026, 11, 21))
    price = Price("INV-1", date(2026, 1, 15), euros("450.00"))
    assert [type(fact) for fact in Unit().settle(mine, policy)] == [CreditRequested]
    assert [type(fact) for fact in Unit(prices=(price,)).settle(mine, policy)] == [CreditRequested, CreditIssued]
    assert [type(fact) for fact in Unit(waiting=mine).settle(other, policy)] == [CreditRefused]
    assert [type(fact) for fact in Unit(prices=(price,), issued=True).settle(other, policy)] == [CreditRefused]
    assert Unit(waiting=mine, tickets=frozenset({mine.ticket_id})).settle(mine, policy) == ()
