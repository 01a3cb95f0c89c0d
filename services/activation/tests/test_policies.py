"""A brand is a file: five are shipped, a sixth needs no code, a wrong one is refused by field."""

from datetime import timedelta

import pytest
from tests.support.policies import text_of

from activation_service.policy import Policy
from event_schemas.activation import ServiceActivated, ServiceOperational

from .facts import of_services


@pytest.mark.requirement("POL-02")
@pytest.mark.parametrize(
    ("brand", "reference", "model", "delay"),
    [
        ("dynabook", "PPCP013FR-VGAD", "PT5B1E-0K601", timedelta(days=2)),
        ("d-link", "DAS-A-36", "DGS-1510-28X", timedelta(days=2, hours=14)),
        ("samsung-belux", "SEC-HOME-24", "DV80K6010CW/EN", timedelta(days=2)),
        ("ibm", "SPAC-ONSITE-36", "9009-42A", timedelta(days=2)),
        ("carri", "CARRI-SITE-36", "CRT-X9", timedelta(days=2, hours=14)),
    ],
)
async def test_each_brands_service_is_activated_and_becomes_operational(room, redeemed, brand, reference, model, delay):
    await room.hear(redeemed(brand=brand, service_reference=reference, model=model))
    room.clock.advance(delay)
    assert await room.fire_timers() == 1
    active, operational = await of_services(room)
    assert isinstance(active, ServiceActivated)
    assert isinstance(operational, ServiceOperational)
    assert active.operational_at - active.activated_at == delay


@pytest.mark.requirement("POL-02")
async def test_a_sixth_brand_needs_a_file_and_no_code(room, redeemed, shelf):
    shelf.load("activation")
    await room.hear(redeemed(brand="acme", service_reference="SIX-12", model="S6-A"))
    headers = await room.database.pool.fetchval("SELECT headers::text FROM outbox")
    assert '["ce_policyversion","2026-12-01.2"]' in headers
    (fact,) = await of_services(room)
    assert fact.operational_at == room.clock.now() + timedelta(days=3, hours=6)


@pytest.mark.requirement("POL-01")
@pytest.mark.parametrize(
    ("right", "wrong", "field", "reason"),
    [
        ('"P3DT6H"', '"2 days"', "setup_delay", "e.g. P2D"),
        ('"P3DT6H"', "172800", "setup_delay", "e.g. P2D"),
        ('"P3DT6H"', '"-P2D"', "setup_delay", "e.g. P2D"),
        ('"P3DT6H"', '"P366D"', "setup_delay", "less than or equal to"),
        ("= 12", "= 0", "offers.0.duration_months", "greater than or equal to 1"),
        ("= 12", "= true", "offers.0.duration_months", "valid integer"),
        ('"mail-in"', '"Mail In"', "offers.0.response_level", "match pattern"),
        ('["S6-*"]', "[]", "offers.0.models", "at least 1 item"),
        ('transfer = "follows"', 'transfer = "vanishes"', "offers.0.transfer", "'follows' or 'ends'"),
        ("Pacific/Auckland", "Europe/Atlantis", "time_zone", "timezone"),
        ("\nname = {", "\ntitle = {", "offers.0.name", "Field required"),
        ('nl = "Twee', 'de = "Twee', "offers.0.name.nl", "Field required"),
        ("reminder_days = [60,", "reminder_days = [61,", "contracts", "reminder_days: [61]"),
        ("months = 2,", "months = -2,", "contracts.customer_notice.months", "greater than or equal to 0"),
    ],
)
def test_an_invalid_policy_is_refused_with_file_field_and_reason(shelf, right, wrong, field, reason):
    shelf.refuses("activation", (right, wrong), field, reason)


def test_a_reference_that_stands_twice_is_refused(shelf):
    offer = text_of("activation").partition("[[offers]]")[2]
    twice = (offer, f"{offer}[[offers]]{offer}")
    shelf.refuses("activation", twice, "(whole file)", "SIX-12 stands here twice")


@pytest.mark.requirement("POL-01")
def test_a_policy_has_only_the_rules_that_activation_needs():
    assert set(Policy.model_fields) == {
        "brand",
        "version",
        "display_name",
        "contact_email",
        "time_zone",
        "country",
        "language",
        "setup_delay",
        "setup_days",
        "code",
        "contracts",
        "reinstatement",
        "offers",
    }
