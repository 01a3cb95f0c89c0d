"""A contract ends before its term: by notice or for breach, by either party, once, and everybody hears it (ACT-11)."""

from datetime import date
from uuid import uuid4

import pytest
from tests.support.rooms import Room

from event_schemas.activation import EndReason, ServiceEnded, ServiceOperational
from event_schemas.activation_contracts import ContractExpired, ContractExpiring, ContractTerminated

from .agreements import CUSTOMER, MAIL_IN, ON_SITE, at, fault, opened, registered, renewed, said, shown

CUSTOMERS = ["contracts:read", "contracts:write"]
NOTICE = {"reason": "notice"}
BREACH = {"reason": "breach", "note": "Three invoices are unpaid."}


async def ended(room: Room, contract: dict, body: dict, by: str = "customer", **more):
    deed = {"customer": "termination", "vendor": "vendor-termination"}[by]
    return await room.post(f"/contracts/{contract['contract_id']}/{deed}", body, **more)


async def leaving(room: Room, contract: dict, query: str = "") -> dict:
    answer = await room.get(f"/contracts/{contract['contract_id']}/exit{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def a_contract(room: Room, months: int = 36, services=(MAIL_IN,), products: int = 1) -> dict:
    """Opened on 22 November 2026, nothing of it left to hear."""
    contract = await opened(room, *[await registered(room) for _ in range(products)], services=services, months=months)
    await said(room)
    return contract


@pytest.mark.requirement("ACT-11")
async def test_the_earliest_end_can_be_asked_for_both_parties_at_any_time_and_says_why(room):
    contract = await a_contract(room)
    told = await leaving(room, contract)
    young = {
        "customer": {"last_billable_on": "2027-06-22", "right_arises_on": "2027-05-22", "why": "minimum_term"},
        "vendor": {"last_billable_on": "2028-02-22", "right_arises_on": "2027-11-22", "why": "minimum_term"},
    }
    assert {party: told[party] for party in young} == young
    assert (told["noticed_on"], told["termination"], told["ends_on"]) == ("2026-11-22", None, "2029-11-21")
    (line,) = told["lines"]
    assert ({party: line[party] for party in young}, line["last_day"]) == (young, "2029-11-21")
    at(room, "2028-01-31")
    told = await leaving(room, contract)
    assert (told["customer"]["last_billable_on"], told["customer"]["why"]) == ("2028-02-29", "notice")
    assert (told["vendor"]["last_billable_on"], told["vendor"]["why"]) == ("2028-04-30", "notice")
    at(room, "2029-11-01")
    told = await leaving(room, contract)
    assert (told["customer"]["last_billable_on"], told["customer"]["why"]) == ("2029-11-21", "term")
    at(room, "2029-11-22")
    await room.fire_timers()
    told = await leaving(room, contract)
    assert (told["state"], told["customer"]["last_billable_on"], told["vendor"]["why"]) == (
        "expired",
        "2029-11-21",
        "over",
    )


@pytest.mark.requirement("ACT-11")
async def test_the_end_after_a_notice_of_a_later_day_can_be_asked_and_that_of_an_earlier_day_is_refused(room):
    contract = await a_contract(room)
    told = await leaving(room, contract, "?noticed_on=2028-12-31")
    assert (told["noticed_on"], told["customer"]["last_billable_on"]) == ("2028-12-31", "2029-01-31")
    answer = await room.get(f"/contracts/{contract['contract_id']}/exit?noticed_on=2026-11-21")
    assert fault(answer) == (422, "notice-day-past", "/noticed_on")
    assert answer.json()["errors"][0]["accepted"] == "2026-11-22"
    answer = await room.get(f"/contracts/{contract['contract_id']}/exit?noticed_on=20281231")
    assert answer.status_code == 422


@pytest.mark.requirement("ACT-11")
async def test_today_is_the_day_where_the_brand_lives(room):
    contract = await a_contract(room)
    at(room, "2027-07-31", "23:59")
    assert (await leaving(room, contract))["customer"]["last_billable_on"] == "2027-08-31"
    at(room, "2027-08-01", "00:00")
    assert (await leaving(room, contract))["customer"]["last_billable_on"] == "2027-09-01"


@pytest.mark.requirement("ACT-11", "ACT-10")
async def test_a_customers_notice_tells_everybody_the_last_day_and_the_contract_runs_to_the_end_of_it(room):
    contract = await a_contract(room, services=(MAIL_IN, ON_SITE))
    at(room, "2027-06-30", "23:59")
    answer = await ended(room, contract, {**NOTICE, "note": "We close the office."}, scopes=[*CUSTOMERS, "files:all"])
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["state"] == "active"
    decided = {"by": "customer", "reason": "notice", "noticed_on": "2027-06-30", "last_billable_on": "2027-07-30"}
    assert told["termination"] == decided
    fact, *services = await said(room)
    assert isinstance(fact, ContractTerminated)
    assert (fact.by, fact.reason, fact.customer_id) == ("customer", "notice", CUSTOMER)
    assert (fact.noticed_on, fact.last_billable_on) == (date(2027, 6, 30), date(2027, 7, 30))
    assert [type(one) for one in services] == [ServiceEnded] * 2
    assert {(one.ended_on, one.reason) for one in services} == {(date(2027, 7, 30), EndReason.TERMINATION)}
    at(room, "2027-07-30", "23:59")
    await room.fire_timers()
    assert (await shown(room, contract))["state"] == "active"
    at(room, "2027-07-31", "00:00")
    await room.fire_timers()
    view = await shown(room, contract)
    assert (view["state"], view["last_billable_on"]) == ("terminated", "2027-07-30")
    assert [event["what"] for event in view["history"]][-2:] == ["terminated", "ended"]
    assert view["history"][-2]["detail"]["note"] == "We close the office."
    assert await said(room, ContractTerminated, ServiceEnded, ContractExpired) == []


@pytest.mark.requirement("ACT-10", "ACT-11")
async def test_a_contract_under_notice_is_not_renewed_and_nobody_is_reminded_of_its_end(room):
    contract = await a_contract(room, months=12)
    at(room, "2027-10-01")
    await room.fire_timers()
    assert len(await said(room, ContractExpiring)) == 1
    answer = await ended(room, contract, {**NOTICE, "last_day": "2027-11-21"})
    assert answer.json()["termination"]["last_billable_on"] == "2027-11-21"
    answer = await renewed(room, contract)
    assert fault(answer)[:2] == (409, "contract-terminated")
    await said(room)
    for day in ("2027-10-23", "2027-11-15", "2027-11-22"):
        at(room, day)
        await room.fire_timers()
    assert await said(room, ContractExpiring, ContractExpired) == []
    assert (await shown(room, contract))["state"] == "terminated"
    assert fault(await renewed(room, contract))[:2] == (409, "contract-terminated")


@pytest.mark.requirement("ACT-11")
async def test_the_minimum_term_counts_from_the_first_term_also_after_a_renewal(room):
    contract = await a_contract(room, months=6)
    at(room, "2027-05-01")
    assert (await leaving(room, contract))["customer"]["why"] == "term"
    assert (await renewed(room, contract, 24)).status_code == 200
    at(room, "2027-11-22")
    told = await leaving(room, contract)
    assert (told["vendor"]["right_arises_on"], told["vendor"]["last_billable_on"]) == ("2027-11-22", "2028-02-22")
    assert (told["vendor"], told["customer"]) == (told["lines"][0]["vendor"], told["lines"][0]["customer"])


@pytest.mark.requirement("ACT-11")
@pytest.mark.parametrize("by", ["customer", "vendor"])
async def test_a_breach_ends_a_contract_at_once_whoever_ends_it_and_today_is_covered(room, by):
    contract = await a_contract(room)
    at(room, "2026-11-30")
    await room.fire_timers()
    await said(room)
    unexplained = await ended(room, contract, {"reason": "breach"}, by)
    assert fault(unexplained) == (422, "breach-unexplained", "/note")
    answer = await ended(room, contract, BREACH, by)
    assert (answer.status_code, answer.json()["termination"]["last_billable_on"]) == (200, "2026-11-30")
    fact, service = await said(room)
    assert (fact.by, fact.reason, fact.last_billable_on, service.ended_on) == (
        by,
        "breach",
        date(2026, 11, 30),
        date(2026, 11, 30),
    )
    assert "unpaid" not in fact.model_dump_json()
    assert (await shown(room, contract))["state"] == "active"
    at(room, "2026-12-01", "00:00")
    await room.fire_timers()
    assert (await shown(room, contract))["state"] == "terminated"


@pytest.mark.requirement("ACT-11")
async def test_a_breach_during_the_set_up_ends_the_service_before_it_is_operational(room):
    contract = await a_contract(room)
    assert (await ended(room, contract, BREACH, "vendor")).status_code == 200
    at(room, "2026-11-30")
    await room.fire_timers()
    facts = await said(room, ServiceEnded, ServiceOperational)
    assert [(type(fact), fact.ended_on) for fact in facts] == [(ServiceEnded, date(2026, 11, 22))]


@pytest.mark.requirement("ACT-11")
async def test_a_later_last_day_may_be_chosen_but_none_before_the_notice_is_over_or_after_the_term(room):
    contract = await a_contract(room)
    at(room, "2027-06-01")
    for day in ("2027-06-30", "2029-11-22"):
        answer = await ended(room, contract, {**NOTICE, "last_day": day})
        assert fault(answer) == (422, "last-day-impossible", "/last_day")
        (error,) = answer.json()["errors"]
        assert (error["value"], error["accepted"]) == (day, ["2027-07-01", "2029-11-21"])
    assert await said(room) == []
    answer = await ended(room, contract, {**NOTICE, "last_day": "2027-12-31"})
    assert answer.json()["termination"]["last_billable_on"] == "2027-12-31"
    assert {fact.ended_on for fact in await said(room, ServiceEnded)} == {date(2027, 12, 31)}


@pytest.mark.requirement("ACT-11")
async def test_a_second_termination_only_makes_the_day_an_earlier_one_by_the_other_party_or_for_a_breach(room):
    contract = await a_contract(room)
    at(room, "2028-01-10")
    first = await ended(room, contract, {**NOTICE, "last_day": "2028-06-30"})
    assert first.json()["termination"]["last_billable_on"] == "2028-06-30"
    await said(room)
    again = await ended(room, contract, {**NOTICE, "last_day": "2028-03-31"})
    assert fault(again)[:2] == (409, "termination-stands")
    assert again.json()["details"] == {
        "by": "customer",
        "reason": "notice",
        "noticed_on": "2028-01-10",
        "last_day": "2028-06-30",
    }
    same = await ended(room, contract, {**NOTICE, "last_day": "2028-06-30"}, "vendor")
    assert fault(same)[:2] == (409, "termination-stands")
    later = await ended(room, contract, {**NOTICE, "last_day": "2028-07-01"}, "vendor")
    assert fault(later) == (422, "last-day-impossible", "/last_day")
    assert await said(room) == []
    other = await ended(room, contract, NOTICE, "vendor")
    assert other.json()["termination"] == {
        "by": "vendor",
        "reason": "notice",
        "noticed_on": "2028-01-10",
        "last_billable_on": "2028-04-10",
    }
    assert [fact.ended_on for fact in await said(room, ServiceEnded)] == [date(2028, 4, 10)]
    breach = await ended(room, contract, BREACH)
    assert breach.json()["termination"]["last_billable_on"] == "2028-01-10"
    assert [fact.ended_on for fact in await said(room, ServiceEnded)] == [date(2028, 1, 10)]
    assert fault(await ended(room, contract, BREACH, "vendor"))[:2] == (409, "termination-stands")
    at(room, "2028-01-11")
    await room.fire_timers()
    over = await ended(room, contract, BREACH, "vendor")
    assert (fault(over)[:2], over.json()["details"]) == ((409, "contract-over"), {"last_day": "2028-01-10"})


@pytest.mark.requirement("ACT-11")
async def test_an_offers_own_notice_counts_and_the_strictest_of_several_holds_for_the_whole_contract(room):
    own = {"customer_notice": {"months": 3, "minimum_months": 9}, "models": ["9009-*"], "duration_months": 36}
    names = {"en": "Gold", "fr": "Or", "nl": "Goud"}
    reference = f"GOLD-{uuid4().hex[:6]}"
    offer = {
        "brand": "ibm",
        "reference": reference,
        "name": names,
        "response_level": "gold",
        "terms_version": "2026-01",
    }
    answer = await room.post("/offers", {**offer, **own})
    assert answer.status_code == 201, answer.text
    contract = await a_contract(room, services=(MAIL_IN, reference))
    told = await leaving(room, contract)
    assert told["customer"]["last_billable_on"] == "2027-11-22"
    ends = {line["service_reference"]: line["customer"]["last_billable_on"] for line in told["lines"]}
    assert ends == {MAIL_IN: "2027-06-22", reference: "2027-11-22"}
    assert told["vendor"] == told["lines"][0]["vendor"] == told["lines"][1]["vendor"]
    answer = await ended(room, contract, NOTICE)
    assert answer.json()["termination"]["last_billable_on"] == "2027-11-22"


@pytest.mark.requirement("ACT-11")
async def test_a_party_without_a_notice_ends_a_contract_for_breach_only(room):
    product = await registered(room, brand="samsung-belux", model="UE55AU7", serial=f"0A{uuid4().int % 10**9:09}")
    contract = await opened(room, product, services=["SEC-HOME-24"])
    told = await leaving(room, contract)
    assert told["customer"] == {"last_billable_on": None, "right_arises_on": None, "why": "breach_only"}
    answer = await ended(room, contract, NOTICE)
    assert fault(answer) == (409, "notice-impossible", "/reason")
    assert (await ended(room, contract, BREACH)).status_code == 200
