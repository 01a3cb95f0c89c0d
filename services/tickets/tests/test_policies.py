"""A brand is a file: five are shipped, a sixth needs no code, a wrong one is refused by field."""

import pytest
from tests.architecture.tree import BRANDS

from event_schemas.service_centre import ReturnAssessed, UnitReceived
from event_schemas.tickets import (
    CoverageDecided,
    ReceivedByServiceCentre,
    RepairRequested,
    ReturnAccepted,
    ReturnRequested,
)
from tickets_service.policy import Policy


@pytest.mark.requirement("POL-02", "TKT-04")
@pytest.mark.parametrize("brand", BRANDS)
async def test_each_brands_unit_is_covered_repaired_and_returned(room, another, brand):
    story = another(brand=brand, serial="0V6Q5AB1800045N")
    await room.hear(story.registered())
    repair = (await room.post("/repair-requests", story.repair())).json()
    assert repair["verdict"] == "standard_warranty"
    now = room.clock.now()
    await room.hear(UnitReceived(brand=brand, ticket_id=repair["ticket_id"], received_at=now))
    back = (await room.post("/return-requests", story.refund(repair_ticket_id=repair["ticket_id"]))).json()["ticket_id"]
    await room.hear(ReturnAssessed(brand=brand, ticket_id=back, accepted=True, grms_number="G-1", assessed_at=now))
    facts = await room.said()
    order = [RepairRequested, CoverageDecided, ReceivedByServiceCentre, ReturnRequested, ReturnAccepted]
    assert [type(fact) for fact in facts] == order
    assert {fact.brand for fact in facts} == {brand}
    incomplete = {name: value for name, value in story.repair().items() if name != "serial"}
    assert (await room.post("/repair-requests", incomplete)).status_code == 422


@pytest.mark.requirement("POL-01", "POL-02")
async def test_a_sixth_brand_needs_a_file_and_no_code_and_offers_what_it_says(room, another, shelf):
    shelf.load("tickets", ('"repair", "return"', '"repair"'))
    story = another(brand="acme")
    await room.hear(story.registered())
    assert (await room.post("/repair-requests", story.repair())).json()["verdict"] == "standard_warranty"
    headers = await room.database.pool.fetchval("SELECT headers::text FROM outbox LIMIT 1")
    assert '["ce_policyversion","2026-12-01.2"]' in headers
    _, decided = await room.said()
    assert decided.rule_version == "2026-12-01.2"
    refused = await room.post("/return-requests", story.refund(), language="nl")
    assert (refused.status_code, refused.json()["code"]) == (422, "form-not-offered")
    assert refused.json()["errors"][0]["pointer"] == "/brand"
    assert await room.said() == []


@pytest.mark.requirement("POL-01")
@pytest.mark.parametrize(
    ("right", "wrong", "field", "reason"),
    [
        ('["repair", "return"]', "[]", "forms", "at least 1 item"),
        ('["repair"', '["repairs"', "forms.0", "'repair' or 'return'"),
        ("= true", "= false", "serial_required", "Input should be True"),
        ("Pacific/Auckland", "Pacific/Atlantis", "time_zone", "timezone"),
        ("serial_required = true", "serial = true", "serial_required", "Field required"),
        ('"2026-12-01.2"', '"newest"', "version", "match pattern"),
    ],
)
def test_an_invalid_policy_is_refused_with_file_field_and_reason(shelf, right, wrong, field, reason):
    shelf.refuses("tickets", (right, wrong), field, reason)


@pytest.mark.requirement("POL-01")
def test_a_policy_has_only_the_rules_that_tickets_needs():
    assert set(Policy.model_fields) == {"brand", "version", "forms", "serial_required", "time_zone"}


@pytest.mark.requirement("POL-01", "ALL-02")
async def test_a_fact_of_an_unknown_brand_is_set_aside(room, another):
    with pytest.raises(AssertionError, match=r"dead letter: brand 'acme' is unknown; known are carri"):
        await room.hear(another(brand="acme").registered())
