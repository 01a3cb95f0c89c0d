"""Services and products go out of a contract that goes on, each with its own notice (ACT-10, ACT-11)."""

from datetime import date
from uuid import uuid4

import pytest
from tests.support.rooms import Room

from event_schemas.activation import EndReason, ServiceEnded, ServiceExtended
from event_schemas.activation_contracts import ContractChanged, ContractTerminated

from .agreements import (
    BUYER,
    CUSTOMER,
    MAIL_IN,
    ON_SITE,
    at,
    fault,
    lines,
    opened,
    registered,
    renewed,
    said,
    shown,
    transferred,
)

NOTICE = {"reason": "notice"}
BREACH = {"reason": "breach", "note": "The machine was opened by others."}


async def removed(room: Room, contract: dict, *going: str, **changes):
    told, more = {**NOTICE, "lines": list(going)}, {}
    for name, value in changes.items():
        (more if name in ("scopes", "claims", "key") else told)[name] = value
    return await room.post(f"/contracts/{contract['contract_id']}/removals", told, **more)


async def a_contract(room: Room, services=(MAIL_IN, ON_SITE), **more) -> tuple[dict, list[str]]:
    """Opened on 22 November 2026 with one product; the ids of its services in their order."""
    contract = await opened(room, await registered(room), services=services, **more)
    await said(room)
    return contract, [line["activation_id"] for line in contract["lines"]]


@pytest.mark.requirement("ACT-10", "ACT-11")
async def test_a_service_goes_out_with_its_notice_and_the_contract_goes_on_with_the_others(room):
    contract, (first, second) = await a_contract(room)
    at(room, "2027-08-31")
    answer = await removed(room, contract, first, note="No more mail-in.")
    assert answer.status_code == 200, answer.text
    (view,) = answer.json()["removed"]
    assert (view["activation_id"], view["last_day"]) == (first, "2027-09-30")
    changed, service = await said(room)
    assert isinstance(changed, ContractChanged)
    assert ([str(line.activation_id) for line in changed.removed], changed.added) == ([first], ())
    assert (str(service.activation_id), service.ended_on, service.reason) == (
        first,
        date(2027, 9, 30),
        EndReason.REMOVAL,
    )
    at(room, "2027-10-01")
    await room.fire_timers()
    view = await shown(room, contract)
    assert (view["state"], view["ends_on"], view["last_billable_on"]) == ("active", contract["ends_on"], None)
    told = (await room.get(f"/contracts/{contract['contract_id']}/exit")).json()
    assert [line["activation_id"] for line in told["lines"]] == [second]
    assert "removal_explained" in [event["what"] for event in view["history"]]


@pytest.mark.requirement("ACT-10", "ACT-11")
async def test_the_minimum_term_of_a_service_that_came_in_later_counts_from_its_own_day(room):
    contract, (first, _) = await a_contract(room)
    at(room, "2027-07-31")
    body = {"lines": lines(await registered(room), services=[MAIL_IN])}
    view = (await room.post(f"/contracts/{contract['contract_id']}/additions", body)).json()
    later = next(line["activation_id"] for line in view["lines"] if line["added_on"] == "2027-07-31")
    told = (await room.get(f"/contracts/{contract['contract_id']}/exit")).json()
    ends = {line["activation_id"]: line["customer"]["last_billable_on"] for line in told["lines"]}
    assert (ends[first], ends[later]) == ("2027-08-31", "2028-02-29")
    assert told["customer"]["last_billable_on"] == "2027-08-31"
    answer = await removed(room, contract, later, first)
    assert [line["last_day"] for line in answer.json()["removed"]] == ["2028-02-29", "2027-08-31"]


@pytest.mark.requirement("ACT-10", "ACT-11", "REG-17")
async def test_the_minimum_term_of_a_product_that_came_from_somebody_else_counts_from_its_coming(room):
    product = await registered(room)
    await opened(room, product, months=36)
    at(room, "2027-12-01")
    await room.hear(transferred(product, transferred_on=date(2027, 12, 1), last_billable_on=date(2028, 1, 1)))
    (found,) = (await room.get(f"/contracts?customer_id={BUYER}&serial={product.serial}")).json()["items"]
    told = (await room.get(f"/contracts/{found['contract_id']}/exit")).json()
    assert told["customer"] == told["lines"][0]["customer"]
    assert (told["customer"]["right_arises_on"], told["customer"]["why"]) == ("2028-06-02", "minimum_term")


@pytest.mark.requirement("ACT-10")
async def test_nothing_goes_out_when_one_of_the_services_cannot(room):
    contract, (first, second) = await a_contract(room)
    stranger = str(uuid4())
    answer = await removed(room, contract, first, stranger)
    assert fault(answer) == (422, "line-unknown", "/lines/1")
    answer = await removed(room, contract, first, second)
    assert fault(answer) == (409, "contract-would-be-empty", "/lines")
    answer = await removed(room, contract, first, last_day="2027-06-21")
    assert fault(answer) == (422, "last-day-impossible", "/last_day")
    assert answer.json()["errors"][0]["accepted"] == ["2027-06-22", contract["ends_on"]]
    assert fault(await removed(room, contract, first, reason="breach"))[1] == "breach-unexplained"
    assert await said(room) == []
    assert [line["removed_on"] for line in (await shown(room, contract))["lines"]] == [None, None]


@pytest.mark.requirement("ACT-10")
async def test_a_service_that_is_going_goes_earlier_only_for_a_breach(room):
    contract, (first, second) = await a_contract(room)
    at(room, "2027-06-01")
    assert (await removed(room, contract, first, last_day="2027-12-31")).status_code == 200
    answer = await removed(room, contract, first)
    assert fault(answer) == (409, "line-going", "/lines/0")
    assert answer.json()["details"] == {"last_day": "2027-12-31"}
    assert fault(await removed(room, contract, second))[1] == "contract-would-be-empty"
    await said(room)
    answer = await removed(room, contract, first, **BREACH)
    assert answer.json()["removed"][0]["last_day"] == "2027-06-01"
    assert [(type(fact), fact.ended_on) for fact in await said(room)] == [(ServiceEnded, date(2027, 6, 1))]
    assert fault(await removed(room, contract, first, **BREACH))[1] == "line-going"


@pytest.mark.requirement("ACT-10", "ACT-11")
async def test_what_goes_out_before_the_contract_ends_keeps_its_day_and_what_goes_out_later_ends_with_it(room):
    contract, (first, second, third) = await a_contract(
        room, services=[MAIL_IN, ON_SITE, await an_offer(room, months=6)]
    )
    at(room, "2027-12-15")
    assert (await removed(room, contract, first)).json()["removed"][0]["last_day"] == "2028-01-15"
    assert (await removed(room, contract, second, last_day="2029-01-31")).status_code == 200
    await said(room)
    path = f"/contracts/{contract['contract_id']}/termination"
    answer = await room.post(path, NOTICE)
    assert answer.json()["termination"]["last_billable_on"] == "2028-06-15"
    ended = {str(fact.activation_id): fact.ended_on for fact in await said(room, ServiceEnded)}
    assert ended == {second: date(2028, 6, 15), third: date(2028, 6, 15)}
    assert fault(await removed(room, contract, third))[1] == "termination-stands"


@pytest.mark.requirement("ACT-10")
async def test_under_a_contract_that_ends_a_service_goes_out_only_before_that(room):
    contract, (first, _) = await a_contract(room)
    at(room, "2028-01-31")
    answer = await room.post(f"/contracts/{contract['contract_id']}/termination", {**NOTICE, "last_day": "2028-06-30"})
    assert answer.status_code == 200
    await said(room)
    assert fault(await removed(room, contract, first, last_day="2028-06-30"))[1] == "termination-stands"
    answer = await removed(room, contract, first)
    assert answer.json()["removed"][0]["last_day"] == "2028-02-29"
    assert len(await said(room, ServiceEnded)) == 1


@pytest.mark.requirement("ACT-10", "ACT-11")
async def test_a_service_taken_out_at_the_end_of_the_term_is_not_renewed(room):
    contract, (first, second) = await a_contract(room, months=12)
    at(room, "2027-10-31")
    answer = await removed(room, contract, first, last_day="2027-11-21")
    assert answer.json()["removed"][0]["last_day"] == "2027-11-21"
    assert [type(fact) for fact in await said(room)] == [ContractChanged]
    assert (await renewed(room, contract, 12)).status_code == 200
    assert [str(fact.activation_id) for fact in await said(room, ServiceExtended)] == [second]


@pytest.mark.requirement("ACT-10", "REG-06")
async def test_only_who_sees_a_contract_takes_services_out_of_it_and_nobody_does_for_the_vendor(room):
    contract, (first, _) = await a_contract(room)
    scopes = ["contracts:read", "contracts:write"]
    for contact, status in ((BUYER, 404), (CUSTOMER, 200)):
        claims = {"sub": str(uuid4()), "contact": str(contact)}
        answer = await removed(room, contract, first, by="vendor", scopes=scopes, claims=claims)
        assert fault(answer)[0::2] == (422, "/by")
        answer = await removed(room, contract, first, scopes=scopes, claims=claims)
        assert answer.status_code == status
    assert fault(await removed(room, {"contract_id": uuid4()}, first))[:2] == (404, "not-found")


@pytest.mark.requirement("ACT-10", "ALL-01")
async def test_a_removal_that_is_sent_again_is_done_once(room):
    contract, (first, _) = await a_contract(room)
    key = str(uuid4())
    first_answer, second_answer = [await removed(room, contract, first, key=key) for _ in range(2)]
    assert first_answer.json() == second_answer.json()
    assert second_answer.headers["Idempotency-Replayed"] == "true"
    assert len(await said(room, ContractChanged)) == 1


@pytest.mark.requirement("ACT-11", "ACT-12")
async def test_the_maintenance_of_software_ends_with_the_service_that_included_it(room):
    program = {"reference": "CONTROLLER", "name": "Controller"}
    contract, ids = await a_contract(room, services=[MAIL_IN, await an_offer(room, software=[program])])
    at(room, "2027-10-31")
    serial = contract["lines"][0]["serial"]
    assert await maintained(room, serial) == [contract["ends_on"]]
    await removed(room, contract, ids[1])
    assert await maintained(room, serial) == ["2027-11-30"]
    answer = await room.post(f"/contracts/{contract['contract_id']}/termination", BREACH)
    assert answer.status_code == 200, answer.text
    assert await maintained(room, serial) == ["2027-10-31"]
    assert len(await said(room, ContractTerminated)) == 1


async def maintained(room: Room, serial: str) -> list[str]:
    """Until when the licences of a product are maintained, by the table: one without a key is shown to nobody."""
    rows = await room.database.pool.fetch("SELECT maintained_until FROM licences WHERE serial = $1", serial)
    return [str(row["maintained_until"]) for row in rows]


async def an_offer(room: Room, months: int = 1, **more) -> str:
    """Another service of the brand; its customers give notice so many months ahead."""
    reference = f"GOLD-{uuid4().hex[:6]}"
    offer = {
        "brand": "ibm",
        "reference": reference,
        "name": {"en": "Gold", "fr": "Or", "nl": "Goud"},
        "duration_months": 36,
        "response_level": "gold",
        "models": ["9009-*"],
        "terms_version": "2026-01",
        "customer_notice": {"months": months, "minimum_months": 6},
    }
    answer = await room.post("/offers", {**offer, **more})
    assert answer.status_code == 201, answer.text
    return reference
