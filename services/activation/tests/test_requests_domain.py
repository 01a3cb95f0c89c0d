"""What facts make of an item, in any order and however often; what its code leaves behind in the database."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from activation_service.requests.asking import AskedItem, RequestActivation, TypedItem, code_typed
from activation_service.requests.domain import Item
from activation_service.requests.outcomes import settled
from activation_service.sites.domain import Address, SiteRef
from event_schemas.activation import ActivationCancelled, ActivationRefused, ServiceActivated
from event_schemas.registration import CodeRefusal, CodeRefused, RegistrationCancelled

from .asking import HERE, THERE

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REDEMPTION, ACTIVATION = uuid4(), uuid4()
ITEM = Item(
    item_id=uuid4(),
    request_id=uuid4(),
    position=0,
    brand="d-link",
    state="presented",
    owner="somebody",
    organisation_id=None,
    requested_at=NOW,
    service_reference="DAS-A-36",
    product_id=uuid4(),
    serial="DL000000001",
    model="DGS-3630-28TC",
    customer_id=uuid4(),
    terms_version="2026-01",
    purchased_on=date(2026, 11, 20),
    site=SiteRef("S-7KQ2-M9XA", "BE", "Europe/Brussels"),
    site_address=Address(**HERE),
    product_address=Address(**THERE),
    differences=("house_number",),
)
HELD = replace(ITEM, state="held", redemption_id=REDEMPTION, settled_at=NOW)
TOLD = {
    "brand": "d-link",
    "product_id": ITEM.product_id,
    "serial": ITEM.serial,
    "service_reference": ITEM.service_reference,
    "customer_id": ITEM.customer_id,
    "request_id": ITEM.item_id,
    "redemption_id": REDEMPTION,
    "activation_id": ACTIVATION,
    "certificate_id": uuid4(),
    "service_name": "D-Link Assist",
    "response_level": "advance-replacement",
    "activated_at": NOW,
    "operational_at": NOW,
    "ends_on": "2029-11-21",
}
ACTIVATED = ServiceActivated.model_validate(TOLD)
CODE_REFUSED = CodeRefused.model_validate(TOLD | {"reason": "used_up"})
UNIT_REFUSED = ActivationRefused.model_validate(TOLD | {"reason": "model_not_covered"})
CANCELLED = ActivationCancelled.model_validate(TOLD)
TAKEN_BACK = RegistrationCancelled.model_validate(TOLD | {"reason": "customer_request"})
OUTCOMES = (ACTIVATED, CODE_REFUSED, UNIT_REFUSED, CANCELLED, TAKEN_BACK)


@pytest.mark.requirement("ACT-02", "ACT-14")
@pytest.mark.parametrize(
    ("before", "outcome", "state"),
    [
        (ITEM, ACTIVATED, "activated"),
        (ITEM, CODE_REFUSED, "refused"),
        (ITEM, UNIT_REFUSED, "refused"),
        (ITEM, TAKEN_BACK, "cancelled"),
        (HELD, ACTIVATED, "activated"),
        (HELD, UNIT_REFUSED, "refused"),
        (HELD, TAKEN_BACK, "cancelled"),
        (HELD, CODE_REFUSED, "held"),  # its code was redeemed: another code's refusal is not about it
    ],
)
def test_each_fact_makes_of_an_item_what_it_says(before, outcome, state):
    after = settled(before, outcome, None, NOW)
    assert after.state == state
    assert (after.reason is not None) == (state == "refused")


@pytest.mark.requirement("ACT-14")
def test_an_activated_item_whose_service_is_cancelled_is_cancelled_by_whichever_fact_comes_first():
    for facts in ((CANCELLED, TAKEN_BACK), (TAKEN_BACK, CANCELLED), (CANCELLED, CANCELLED)):
        item = settled(ITEM, ACTIVATED, None, NOW)
        for fact in facts:
            item = settled(item, fact, None, NOW)
        assert (item.state, item.activation_id) == ("cancelled", ACTIVATION)


@pytest.mark.requirement("ACT-02", "ACT-14")
@settings(max_examples=60, deadline=None)
@given(st.sampled_from((ITEM, HELD)), st.lists(st.sampled_from(OUTCOMES), max_size=8))
def test_what_is_refused_or_cancelled_stays_so_whatever_is_heard_again(item, facts):
    for fact in facts:
        after = settled(item, fact, None, NOW)
        if item.state in ("refused", "cancelled"):
            assert after is item
        if item.state == "activated":
            assert after is item or after.state == "cancelled"
        assert settled(after, fact, None, NOW) is after
        assert (after.reason is not None) == (after.state == "refused")
        item = after


@pytest.mark.requirement("ACT-06")
def test_what_covers_a_product_is_kept_only_where_that_is_the_reason():
    running = {"activation_id": str(ACTIVATION)}
    for reason in CodeRefusal:
        fact = CODE_REFUSED.model_copy(update={"reason": reason})
        shown = settled(ITEM, fact, running, NOW).running
        assert (shown is not None) == (reason == CodeRefusal.ALREADY_COVERED)


def typed(code: str) -> TypedItem:
    told = {"service_reference": "DAS-A-36", "code": code, "purchased_on": "2026-11-20", "site_number": "S-7KQ2-M9XA"}
    return TypedItem.model_validate(told | {"product_address": HERE})


@pytest.mark.requirement("ACT-02", "ALL-05")
@settings(max_examples=50, deadline=None)
@given(st.text("34679ACDEFGHJKMNPQRTUVWXY", min_size=10, max_size=12))
def test_a_command_shows_its_code_to_nobody_who_prints_or_keeps_it(code):
    command = RequestActivation(brand="d-link", items=[typed(code)])
    assert code not in repr(command) + str(command) + command.model_dump_json()
    kept = command.model_dump(mode="json")["items"][0]["code"]
    assert (len(kept), int(kept, 16) < 2**16) == (4, True)
    assert code_typed(command.items[0]) == code


def test_commands_that_differ_in_their_code_differ_in_what_is_kept():
    kept = {RequestActivation(brand="d-link", items=[typed(f"CODE{one}")]).model_dump_json() for one in range(50)}
    assert len(kept) >= 49


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=70))
def test_whatever_is_typed_as_a_code_is_taken_or_refused_and_never_breaks(text):
    item = typed("X").model_copy(update={"code": SecretStr(text)})
    code = code_typed(item)
    assert code is None or (4 <= len(code) <= 64 and code.isascii() and code.isprintable() and " " not in code)


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.dates().map(str), st.text(max_size=12), st.integers().map(str)))
def test_a_day_is_a_day_of_the_calendar_or_refused(text):
    told = typed("CODE1").model_dump(exclude={"code"}) | {"purchased_on": text}
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) or not text >= "1990-01-01":
        with pytest.raises(ValidationError) as refused:
            AskedItem.model_validate(told)
        assert [one["loc"] for one in refused.value.errors()] == [("purchased_on",)]
    else:
        assert AskedItem.model_validate(told).purchased_on == date.fromisoformat(text)


def test_an_item_that_is_presented_names_the_person_and_the_product():
    code = ITEM.presented("DLKQ7K3MXT9W")
    assert isinstance(code.request_id, UUID)
    assert (code.request_id, code.product_id, code.presented_at) == (ITEM.item_id, ITEM.product_id, NOW)
