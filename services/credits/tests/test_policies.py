"""A brand is a file: five are shipped, a sixth needs no code, a wrong one is refused by field."""

import pytest
from tests.support.policies import text_of

from credits_service.policy import Policy


@pytest.mark.requirement("POL-02")
@pytest.mark.parametrize(
    ("brand", "currency", "percent", "amount"),
    [
        ("dynabook", "EUR", 43, "256.50"),
        ("d-link", "EUR", 0, "450.00"),
        ("samsung-belux", "EUR", 43, "256.50"),
        ("ibm", "USD", 0, "450.00"),
        ("carri", "EUR", 17, "373.50"),
    ],
)
async def test_each_brand_credits_by_its_own_table(room, accepted, invoice, brand, currency, percent, amount):
    price = {"amount": "450.00", "currency": currency}
    assert (await room.post("/invoices", invoice(brand=brand, price=price))).status_code == 201
    await room.hear(accepted(brand=brand))
    issued = (await room.said())[-1]
    shown = issued.depreciation_percent, str(issued.amount.amount), issued.amount.currency
    assert shown == (percent, amount, currency)


@pytest.mark.requirement("POL-01")
async def test_every_decision_carries_brand_and_policy_version(room, accepted, invoice):
    await room.post("/invoices", invoice())
    await room.hear(accepted())
    await room.hear(accepted())
    rows = await room.database.pool.fetch("SELECT headers::text AS headers FROM outbox")
    assert len(rows) == 4
    for row in rows:
        assert '["ce_brand","dynabook"]' in row["headers"]
        assert '["ce_policyversion","2026-11-22"]' in row["headers"]


@pytest.mark.requirement("POL-02")
async def test_a_sixth_brand_needs_a_file_and_no_code(room, accepted, invoice, shelf):
    shelf.load("credits")
    price = {"amount": "450.00", "currency": "CHF"}
    assert (await room.post("/invoices", invoice(brand="acme", price=price))).status_code == 201
    await room.hear(accepted(brand="acme"))
    issued = (await room.said())[-1]
    assert (issued.depreciation_percent, str(issued.amount.amount)) == (40, "270.00")


@pytest.mark.requirement("POL-01", "CRD-02")
@pytest.mark.parametrize(
    ("right", "wrong", "field", "reason"),
    [
        ("from_months = 0", "from_months = 1", "depreciation", "the first row starts at month 0, not at 1"),
        ("from_months = 12", "from_months = 6", "depreciation", "6 follows 6"),
        ("from_months = 12", "from_months = 3", "depreciation", "3 follows 6"),
        ("percent = 5", "percent = 41", "depreciation", "percent never falls with age; 40 follows 41"),
        ("percent = 5", "percent = 101", "depreciation.0.percent", "less than or equal to 100"),
        ("percent = 5", "percent = -1", "depreciation.0.percent", "greater than or equal to 0"),
        ("percent = 5", "percent = 5.5", "depreciation.0.percent", "valid integer"),
        ("from_months = 0", "from_months = -1", "depreciation.0.from_months", "greater than or equal to 0"),
        ("from_months = 0,", "", "depreciation.0.from_months", "Field required"),
        ('["CHF"]', '["Francs"]', "currencies.0", "match pattern"),
        ('["CHF"]', "[]", "currencies", "at least 1 item"),
        ("Pacific/Auckland", "Europe/Atlantis", "time_zone", "timezone"),
    ],
)
def test_an_invalid_policy_is_refused_with_file_field_and_reason(shelf, right, wrong, field, reason):
    shelf.refuses("credits", (right, wrong), field, reason)


def test_an_empty_table_is_refused(shelf):
    table = text_of("credits").partition("depreciation = ")[2]
    shelf.refuses("credits", (table, "[]"), "depreciation", "Tuple should have at least 1 item")


@pytest.mark.requirement("POL-01")
def test_a_policy_has_only_the_rules_that_credits_needs():
    assert set(Policy.model_fields) == {"brand", "version", "time_zone", "currencies", "depreciation"}
