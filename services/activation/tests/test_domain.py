"""What a redeemed unit becomes, and until which day."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar import last_day
from event_schemas.activation import ActivationRefused, ServiceActivated

from .facts import of_services


@pytest.mark.requirement("ACT-07")
@pytest.mark.parametrize(
    ("activated_on", "months", "ends_on"),
    [
        (date(2026, 11, 22), 36, date(2029, 11, 21)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 30)),
    ],
)
def test_a_service_ends_the_day_before_the_same_day_of_a_later_month_or_on_its_last_day(activated_on, months, ends_on):
    assert last_day(activated_on, months) == ends_on


@given(st.dates(date(2000, 1, 1), date(2080, 1, 1)), st.integers(1, 120))
def test_the_day_after_a_service_is_the_same_day_of_the_right_month_or_the_first_of_the_next(activated_on, months):
    after = last_day(activated_on, months) + timedelta(days=1)
    passed = (after.year - activated_on.year) * 12 + after.month - activated_on.month
    assert (passed, after.day) in {(months, activated_on.day), (months + 1, 1)}


@pytest.mark.requirement("ACT-07")
@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 12, 1, 22, 59, 59, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 12, 1, 23, 0, tzinfo=UTC), date(2026, 12, 2)),
    ],
)
async def test_the_activated_day_is_the_day_on_the_brands_calendar_in_summer_and_winter(room, redeemed, now, day):
    room.clock.set(now)
    unit = redeemed()
    await room.hear(unit)
    (fact,) = await of_services(room)
    assert fact.ends_on == day + relativedelta(years=3, days=-1)
    (shown,) = (await room.get(f"/activations?serial={unit.serial}")).json()["items"]
    assert (shown["starts_on"], shown["ends_on"]) == (day.isoformat(), fact.ends_on.isoformat())


@pytest.mark.requirement("ACT-01", "ACT-07", "ACT-09")
async def test_an_activation_says_all_that_logistics_need(room, redeemed):
    unit = redeemed()
    await room.hear(unit)
    said = await room.said()
    fact = said[0]
    assert isinstance(fact, ServiceActivated)
    assert isinstance(fact.activation_id, UUID)
    opened = said[1]
    assert fact == ServiceActivated(
        brand="dynabook",
        activation_id=fact.activation_id,
        product_id=unit.product_id,
        redemption_id=unit.redemption_id,
        serial=unit.serial,
        service_reference="PPCP013FR-VGAD",
        service_name="Pack Pro Connect 3 ans",
        response_level="on-site-next-business-day",
        customer_id=unit.customer_id,
        activated_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        operational_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        ends_on=date(2029, 11, 21),
        model="PT5B1E-0K601",
        contract_id=opened.contract_id,
        contract_number=opened.contract_number,
    )
    assert (opened.NAME, opened.ends_on) == ("contract.opened", fact.ends_on)
    assert [line.activation_id for line in opened.lines] == [fact.activation_id]


@pytest.mark.requirement("ACT-01", "ACT-04")
@pytest.mark.parametrize(
    ("reference", "model", "reason"),
    [
        ("NO-SUCH-PACK", "PT5B1E-0K601", "offer_unknown"),
        ("EXT2FR-X40", "PT5B1E-0K601", "model_not_covered"),
        ("EXT2FR-X40", "XX40-K-11E", "model_not_covered"),
    ],
)
async def test_a_certificate_that_cannot_become_a_service_is_refused_with_the_reason(
    room, redeemed, reference, model, reason
):
    unit = redeemed(service_reference=reference, model=model)
    await room.hear(unit)
    (fact,) = await room.said()
    assert isinstance(fact, ActivationRefused)
    assert (fact.reason, fact.redemption_id) == (reason, unit.redemption_id)


@pytest.mark.requirement("ACT-04")
async def test_an_offer_for_a_family_of_models_is_for_a_model_of_that_family(room, redeemed):
    await room.hear(redeemed(service_reference="EXT2FR-X40", model="X40-K-11E"))
    assert [type(fact) for fact in await of_services(room)] == [ServiceActivated]
