"""Who sees a contest, who brings what, and who may end it (REG-16, REG-06)."""

from uuid import uuid4

import pytest

from event_schemas.registration_cases import ContestDecision, ContestSettled
from event_schemas.registration_mail import ContestAnswered

from .conftest import refused
from .dealers import dealer, end_customer, same_but_for_ids, staff
from .test_contests import Case, case
from .test_registering import keep, typed

pytestmark = pytest.mark.requirement("REG-16", "REG-06")
__all__ = ["case"]  # the fixture


def says(statement: str, **more: object) -> dict[str, object]:
    return {"statement": statement, **more}


async def test_both_sides_bring_evidence_and_read_their_own_and_staff_read_all_of_it(desk, case: Case) -> None:
    mine, theirs = await keep(case.holder), await keep(case.claimant)
    path = f"{case.path}/evidence"
    held = await case.holder.post(path, says("Sold to Jan in our shop.", documents=[mine]))
    assert (held.status_code, held.json()["party"], held.json()["documents"]) == (201, "holder", [mine])
    claimed = await case.claimant.post(path, says("Camille has the receipt.", documents=[theirs]))
    assert (claimed.status_code, claimed.json()["party"]) == (201, "claimant")
    by_customer = await end_customer(desk.room, case.view["customer_id"]).post(path, says("It is mine."))
    assert by_customer.json()["party"] == "holder"
    readers = (case.holder, case.claimant, staff(desk.room))
    shown = [(await reader.get(case.path)).json() for reader in readers]
    assert [[one["statement"] for one in told["evidence"]] for told in shown] == [
        ["Sold to Jan in our shop.", "It is mine."],
        ["Camille has the receipt."],
        ["Sold to Jan in our shop.", "Camille has the receipt.", "It is mine."],
    ]
    assert [(told["holder_id"] is None, told["claimant_id"] is None) for told in shown] == [
        (False, True),
        (True, False),
        (False, False),
    ]


async def test_the_proof_that_came_with_the_claim_is_evidence(desk) -> None:
    held, claimed, serial = await desk.certificate(), await desk.certificate(), desk.serial()
    await desk.register(held.certificate_number, serial=serial)
    shop = dealer(desk.room)
    document = await keep(shop)
    person = {"name": "Zoë Lambert", "email": "zoe.l@example.com", "language": "fr"}
    body = typed(claimed.certificate_number, serial, customer=person, proof_of_purchase=[document])
    contest = (await shop.post("/registrations", body)).json()
    evidence = (await staff(desk.room).get(f"/contests/{contest['contest_id']}")).json()["evidence"]
    assert [(one["party"], one["documents"]) for one in evidence] == [("claimant", [document])]


async def test_a_contest_between_others_is_answered_exactly_like_one_that_does_not_exist(desk, case: Case) -> None:
    stranger, before = dealer(desk.room), await desk.rows()
    nowhere = f"/contests/{uuid4()}"
    assert same_but_for_ids(await stranger.get(nowhere), await stranger.get(case.path))
    for deed, body in (("evidence", says("Me too.")), ("withdrawal", {})):
        hidden = await stranger.post(f"{case.path}/{deed}", body)
        assert hidden.status_code == 404
        assert same_but_for_ids(hidden, await stranger.post(f"{nowhere}/{deed}", body))
    assert (await stranger.get("/contests")).json()["items"] == []
    assert await desk.rows() == before


async def test_lists_show_a_party_its_contests_and_staff_all_by_state(desk, case: Case) -> None:
    for reader in (case.holder, case.claimant):
        items = (await reader.get("/contests?state=open")).json()["items"]
        assert [one["contest_id"] for one in items] == [case.contest["contest_id"]]
    assert (await case.holder.get("/contests?state=settled")).json()["items"] == []
    await case.decide("holder_keeps")
    settled = (await case.holder.get("/contests?state=settled")).json()["items"]
    assert [one["contest_id"] for one in settled] == [case.contest["contest_id"]]
    first = (await staff(desk.room).get("/contests?limit=1")).json()
    assert len(first["items"]) == 1
    assert first["next_cursor"]


async def test_the_claimant_withdraws_and_the_holder_is_told_and_keeps_the_product(desk, case: Case) -> None:
    await desk.said()
    refusal = await case.holder.post(f"{case.path}/withdrawal", {})
    assert (refusal.status_code, refusal.json()["code"]) == (403, "claimant-only")
    answer = await case.claimant.post(f"{case.path}/withdrawal", {})
    assert (answer.status_code, answer.json()["decision"]) == (200, "withdrawn")
    settled, told = await desk.said()
    assert isinstance(settled, ContestSettled)
    assert settled.decision is ContestDecision.WITHDRAWN
    assert isinstance(told, ContestAnswered)
    assert (str(told.party_id), told.keeps_product) == (case.view["customer_id"], True)
    for deed, body in (("evidence", says("Late.")), ("withdrawal", {})):
        late = await case.claimant.post(f"{case.path}/{deed}", body)
        assert (late.status_code, late.json()["code"]) == (409, "contest-settled")
    assert (await case.claim()).status_code == 202  # and may claim anew, as another contest


async def test_who_stands_on_both_sides_says_for_which_and_nobody_speaks_for_the_other(desk, case: Case) -> None:
    path, gateway = f"{case.path}/evidence", desk.room
    error = refused(await gateway.post(path, says("Both know us.")), 422, "party-needed", "/party")
    assert error["accepted"] == ["holder", "claimant"]
    assert (await gateway.post(path, says("For Jan.", party="holder"))).json()["party"] == "holder"
    error = refused(await case.claimant.post(path, says("I am Jan.", party="holder")), 422, "party-not-yours", "/party")
    assert error["accepted"] == ["claimant"]
    theirs = await keep(case.holder)
    answer = await case.claimant.post(path, says("Look.", documents=[theirs]))
    refused(answer, 422, "document-unknown", "/documents/0")
