"""Who pays: what was heard, a day and a moment in, a finding out."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid6 import uuid7

from event_schemas.tickets import CoverageReason, Verdict
from tickets_service.coverage.domain import BoughtService, ModelUnclear, Product, Unit, decide, pick

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)


def product(ends_on: date = TODAY, model: str = "A") -> Product:
    return Product(uuid7(), model, uuid7(), ends_on)


def service(ends_on: date = TODAY, *, operational_at: datetime = NOON, announced: bool = False) -> BoughtService:
    return BoughtService(uuid7(), "REF", uuid7(), operational_at, announced, ends_on)


def finding(registered: Product | None, *services: BoughtService):
    return decide(Unit(registered, services), TODAY, NOON, "2026-01-01")


@pytest.mark.requirement("TKT-09")
@pytest.mark.parametrize(
    ("registered", "services", "verdict", "reasons"),
    [
        (product(), (service(),), "contract", ["service_operational", "within_standard_warranty"]),
        (product(TODAY - DAY), (service(),), "contract", ["service_operational"]),
        (None, (service(),), "contract", ["service_operational"]),
        (
            product(),
            (service(operational_at=NOON + DAY),),
            "contract_in_setup",
            ["service_in_setup", "within_standard_warranty"],
        ),
        (product(TODAY - DAY), (service(operational_at=NOON + DAY),), "contract_in_setup", ["service_in_setup"]),
        (product(), (), "standard_warranty", ["within_standard_warranty"]),
        (product(), (service(TODAY - DAY),), "standard_warranty", ["within_standard_warranty", "service_over"]),
        (product(TODAY - DAY), (service(TODAY - DAY),), "billable", ["standard_warranty_over", "service_over"]),
        (product(TODAY - DAY), (), "billable", ["standard_warranty_over"]),
        (None, (service(TODAY - DAY),), "billable", ["product_unknown", "service_over"]),
        (None, (), "billable", ["product_unknown"]),
    ],
)
def test_a_service_that_runs_beats_one_in_setup_beats_the_warranty(registered, services, verdict, reasons):
    found = finding(registered, *services)
    assert (found.verdict, list(found.reasons)) == (verdict, reasons)


@pytest.mark.requirement("TKT-09")
def test_a_verdict_names_the_last_covered_day_and_the_service_behind_it():
    long, short = service(TODAY + 9 * DAY), service(TODAY + DAY)
    found = finding(product(TODAY + 30 * DAY), short, long)
    assert (found.covered_until, found.activation_id, found.operational_at) == (long.ends_on, long.activation_id, None)
    assert found.rule_version == "2026-01-01"


@pytest.mark.requirement("TKT-09")
def test_of_two_services_in_setup_the_first_to_be_operational_is_named():
    late, early = service(operational_at=NOON + 2 * DAY), service(operational_at=NOON + DAY)
    found = finding(None, late, early)
    assert (found.activation_id, found.operational_at) == (early.activation_id, early.operational_at)


@pytest.mark.requirement("TKT-09")
def test_a_service_is_in_setup_until_the_promised_moment_or_its_announcement():
    later = NOON + timedelta(microseconds=1)
    assert finding(None, service(operational_at=later)).verdict == Verdict.CONTRACT_IN_SETUP
    assert finding(None, service(operational_at=NOON)).verdict == Verdict.CONTRACT
    assert finding(None, service(operational_at=later, announced=True)).verdict == Verdict.CONTRACT


@given(
    warranty=st.none() | st.integers(-3, 3),
    services=st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.booleans()), max_size=4),
)
def test_only_what_covers_the_day_covers_and_the_reasons_agree_with_the_verdict(warranty, services):
    bought = [
        service(TODAY + ends * DAY, operational_at=NOON + ready * DAY, announced=said) for ends, ready, said in services
    ]
    found = finding(None if warranty is None else product(TODAY + warranty * DAY), *bought)
    covered = (warranty is not None and warranty >= 0) or any(ends >= 0 for ends, _, _ in services)
    assert (found.verdict != Verdict.BILLABLE) == covered == (found.covered_until is not None)
    assert found.covered_until is None or found.covered_until >= TODAY
    assert (found.operational_at is not None) == (found.verdict == Verdict.CONTRACT_IN_SETUP)
    if CoverageReason.WITHIN_STANDARD_WARRANTY in found.reasons:
        assert found.verdict != Verdict.BILLABLE


@pytest.mark.requirement("REG-13")
def test_a_serial_that_two_models_share_needs_the_model():
    a, b = product(model="A"), product(model="B")
    assert pick([a, b], None) == ModelUnclear(("A", "B"))
    assert pick([a, b], "B") == b
    assert pick([a], None) == a
    assert pick([a], "B") == ModelUnclear(("A",))
    assert pick([], "B") is None
