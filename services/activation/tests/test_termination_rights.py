"""Who may end a contract: its customer, and the vendor by an operation of its own; of several at once one does."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest

from event_schemas.activation_contracts import ContractTerminated

from .agreements import BUYER, CUSTOMER, at, fault, renewed, said, shown
from .test_terminations import BREACH, CUSTOMERS, NOTICE, a_contract, ended

VENDORS = ["files:all", "contracts:end"]


@pytest.mark.requirement("ACT-11", "REG-06")
async def test_the_customer_ends_their_own_contract_and_no_other_and_never_speaks_for_the_vendor(room):
    contract = await a_contract(room)
    for contact, status in ((BUYER, 404), (CUSTOMER, 200)):
        claims = {"sub": str(uuid4()), "contact": str(contact)}
        answer = await room.get(f"/contracts/{contract['contract_id']}/exit", scopes=CUSTOMERS, claims=claims)
        assert answer.status_code == status
        answer = await ended(room, contract, BREACH, "vendor", scopes=CUSTOMERS, claims=claims)
        assert fault(answer)[:2] == (403, "scope-missing")
        answer = await ended(room, contract, {**BREACH, "by": "vendor"}, scopes=CUSTOMERS, claims=claims)
        assert fault(answer)[0::2] == (422, "/by")
        answer = await ended(room, contract, NOTICE, scopes=CUSTOMERS, claims=claims)
        assert answer.status_code == status
    unknown = {"contract_id": str(uuid4())}
    assert fault(await ended(room, unknown, NOTICE))[:2] == (404, "not-found")
    assert (await room.get(f"/contracts/{uuid4()}/exit")).status_code == 404
    answer = await ended(room, contract, NOTICE, scopes=["contracts:read"])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")


@pytest.mark.requirement("ACT-11", "REG-06")
async def test_the_vendor_ends_a_contract_with_a_scope_of_its_own_and_only_those_of_its_brand(room):
    contract = await a_contract(room)
    at(room, "2028-01-31")
    answer = await ended(room, contract, NOTICE, "vendor", scopes=VENDORS, claims={"brand": "dynabook"})
    assert fault(answer)[:2] == (404, "not-found")
    answer = await ended(room, contract, NOTICE, scopes=VENDORS)
    assert fault(answer)[:2] == (403, "scope-missing")
    answer = await ended(room, contract, NOTICE, "vendor", scopes=VENDORS, claims={"brand": "ibm"})
    assert answer.json()["termination"]["by"] == "vendor"
    (fact,) = await said(room, ContractTerminated)
    assert (fact.by, fact.last_billable_on) == ("vendor", date(2028, 4, 30))


@pytest.mark.requirement("ACT-11")
async def test_of_terminations_and_a_renewal_at_the_same_time_one_comes_through(room):
    contract = await a_contract(room, months=12)
    at(room, "2027-10-01")
    deeds = [ended(room, contract, NOTICE) for _ in range(4)] + [renewed(room, contract) for _ in range(2)]
    answers = await asyncio.gather(*deeds)
    assert sorted({answer.status_code for answer in answers}) == [200, 409]
    view = await shown(room, contract)
    assert [event["what"] for event in view["history"]].count("terminated") == 1
    terminated = await said(room, ContractTerminated)
    assert [str(fact.last_billable_on) for fact in terminated] == [view["last_billable_on"]]
