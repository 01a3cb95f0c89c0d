"""Asking to join, approving, refusing, members and their roles."""

import asyncio

import pytest
from tests.support.people import administrator, end_customer, member, only, settled, verified

from event_schemas.registration_accounts import JoinDecided, JoinRequested, JoinWithdrawn
from event_schemas.registration_mail import ApprovalAnswered, ApprovalRequested

NOBODY = "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4e5f"


async def ask(applicant, admin):
    return await applicant.post("/join-requests", {"organisation_id": admin.claims["organisation"]})


async def waiting(desk, admin):
    """Somebody who has asked to join, and the request's id."""
    applicant = await settled(desk.room)
    answer = await ask(applicant, admin)
    assert answer.status_code == 201, answer.text
    return applicant, answer.json()["join_request_id"]


def alike(answer) -> tuple:
    return answer.status_code, {name: text for name, text in answer.json().items() if name != "correlation_id"}


@pytest.mark.requirement("REG-03", "REG-04")
async def test_the_administrators_hear_who_applies_and_approve(desk) -> None:
    admin = await administrator(desk.room, "Vidéo Lambert")
    second = await member(admin)
    promoted = await admin.post(f"/members/{second.account_id}/role", {"role": "dealer-admin"})
    assert promoted.json()["role"] == "dealer-admin"
    applicant = await settled(desk.room, first_name="Jan", last_name="Peeters")
    asked = await ask(applicant, admin)
    assert (asked.status_code, asked.json()["state"]) == (201, "pending")
    said = await desk.said()
    fact = only(JoinRequested, said)
    assert str(fact.applicant_id) == applicant.claims["contact"]
    mails = [one for one in said if isinstance(one, ApprovalRequested)]
    assert {str(mail.administrator_id) for mail in mails} == {admin.claims["contact"], second.claims["contact"]}
    assert {(mail.applicant_name, mail.organisation_name) for mail in mails} == {("Jan Peeters", "Vidéo Lambert")}
    path = mails[0].decision_url.removeprefix("http://127.0.0.1:8101")
    assert (await admin.get(path)).json()["applicant_email"] == applicant.email
    assert (await applicant.sign_in()).claims["role"] == "applicant"  # inactive until approved
    approved = await admin.post(f"{path}/approval")
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    decided, answered = await desk.said()
    assert isinstance(decided, JoinDecided)
    assert isinstance(answered, ApprovalAnswered)
    assert (decided.approved, answered.approved, answered.reason) == (True, True, None)
    claims = (await applicant.refresh()).claims
    assert (claims["role"], claims["organisation"]) == ("dealer-member", admin.claims["organisation"])


@pytest.mark.requirement("REG-04")
async def test_a_refusal_has_a_reason_and_lets_the_applicant_ask_elsewhere(desk) -> None:
    admin, other = await administrator(desk.room), await administrator(desk.room)
    applicant, request = await waiting(desk, admin)
    await desk.said()
    assert (await admin.post(f"/join-requests/{request}/refusal", {})).status_code == 422
    refused = await admin.post(f"/join-requests/{request}/refusal", {"reason": "Not a colleague of ours"})
    assert refused.json()["state"] == "refused"
    answered = only(ApprovalAnswered, await desk.said())
    assert (answered.approved, answered.reason) == (False, "Not a colleague of ours")
    own = (await applicant.get("/own-join-request")).json()
    assert (own["state"], own["reason"]) == ("refused", "Not a colleague of ours")
    assert (await applicant.get("/profile")).json()["state"] == "verified"
    assert (await ask(applicant, other)).status_code == 201
    assert (await applicant.get("/own-join-request")).json()["organisation_id"] == other.claims["organisation"]


@pytest.mark.requirement("REG-04")
async def test_deciding_twice_tells_what_was_decided(desk) -> None:
    admin = await administrator(desk.room)
    _, request = await waiting(desk, admin)
    await admin.post(f"/join-requests/{request}/refusal", {"reason": "Not a colleague"})
    again = await admin.post(f"/join-requests/{request}/approval")
    assert (again.status_code, again.json()["code"]) == (409, "join-request-decided")
    assert again.json()["details"]["state"] == "refused"
    assert again.json()["details"]["reason"] == "Not a colleague"


@pytest.mark.requirement("REG-04")
async def test_forty_parallel_decisions_make_one(desk) -> None:
    admin = await administrator(desk.room)
    applicant, request = await waiting(desk, admin)
    await desk.said()
    path, reason = f"/join-requests/{request}", {"reason": "Not a colleague"}
    deeds = [admin.post(f"{path}/approval") if n % 2 else admin.post(f"{path}/refusal", reason) for n in range(40)]
    answers = await asyncio.gather(*deeds)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 39
    decided = only(JoinDecided, await desk.said())
    state = (await applicant.get("/profile")).json()["state"]
    assert state == ("active" if decided.approved else "verified")


@pytest.mark.requirement("REG-04")
async def test_a_hundred_parallel_equal_requests_to_join_make_one(desk) -> None:
    admin = await administrator(desk.room)
    applicant = await settled(desk.room)
    answers = await asyncio.gather(*(ask(applicant, admin) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [200] * 99 + [201]
    assert len({answer.json()["join_request_id"] for answer in answers}) == 1
    assert [type(one) for one in await desk.said()] == [JoinRequested, ApprovalRequested]


@pytest.mark.requirement("REG-03")
async def test_somebody_asks_one_organisation_at_a_time(desk) -> None:
    admin, other = await administrator(desk.room), await administrator(desk.room)
    applicant, request = await waiting(desk, admin)
    refused = await ask(applicant, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "join-request-open")
    assert refused.json()["details"] == {"join_request_id": request}
    founding = await applicant.found("Pendant L'attente")
    assert founding.json()["code"] == "account-not-free"


@pytest.mark.requirement("REG-03", "REG-04")
async def test_whoever_gets_no_answer_takes_the_request_back_and_asks_elsewhere(desk) -> None:
    admin, other = await administrator(desk.room), await administrator(desk.room)
    applicant, request = await waiting(desk, admin)
    path = f"/join-requests/{request}"
    assert (await (await settled(desk.room)).post(f"{path}/withdrawal")).status_code == 404
    back = await applicant.post(f"{path}/withdrawal")
    assert (back.status_code, back.json()["state"]) == (200, "withdrawn")
    assert str(only(JoinWithdrawn, await desk.said()).join_request_id) == request
    assert (await admin.post(f"{path}/approval")).json()["details"]["state"] == "withdrawn"
    assert (await ask(applicant, other)).status_code == 201


@pytest.mark.requirement("REG-04")
async def test_a_withdrawal_and_an_approval_at_once_make_one_decision(desk) -> None:
    admin = await administrator(desk.room)
    applicant, request = await waiting(desk, admin)
    await desk.said()
    path = f"/join-requests/{request}"
    deeds = [applicant.post(f"{path}/withdrawal") if n % 2 else admin.post(f"{path}/approval") for n in range(20)]
    answers = await asyncio.gather(*deeds)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    state = next(answer.json()["state"] for answer in answers if answer.status_code == 200)
    assert type((await desk.said())[0]) is (JoinWithdrawn if state == "withdrawn" else JoinDecided)
    assert (await applicant.get("/profile")).json()["state"] == ("verified" if state == "withdrawn" else "active")


@pytest.mark.requirement("REG-03")
async def test_who_cannot_join_is_told_why(desk) -> None:
    admin, elsewhere = await administrator(desk.room), await administrator(desk.room, brand="carri")
    assert (await ask(await verified(desk.room), admin)).json()["code"] == "profile-incomplete"
    assert (await ask(await settled(desk.room), elsewhere)).json()["code"] == "organisation-unknown"
    unknown = await (await settled(desk.room)).post("/join-requests", {"organisation_id": NOBODY})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "organisation-unknown")
    assert (await ask(await member(admin), admin)).json()["code"] == "account-not-free"


@pytest.mark.requirement("REG-03", "REG-04")
@pytest.mark.parametrize("end", ["withdrawal", "refusal", "approval"])
async def test_an_end_customer_asks_to_join_and_goes_on_as_one_until_let_in(desk, end) -> None:
    admin, customer = await administrator(desk.room), await end_customer(desk.room)
    asked = await ask(customer, admin)
    assert (asked.status_code, asked.json()["state"]) == (201, "pending")
    assert (await customer.refresh()).claims["role"] == "end-customer"
    assert (await customer.found("Zwischendurch")).json()["code"] == "account-not-free"
    decider, reason = customer if end == "withdrawal" else admin, {"reason": "Not a colleague"}
    path = f"/join-requests/{asked.json()['join_request_id']}/{end}"
    answer = await decider.post(path, reason if end == "refusal" else None)
    assert answer.status_code == 200, answer.text
    assert (await customer.get("/profile")).json()["state"] == "active"
    role = "dealer-member" if end == "approval" else "end-customer"
    assert (await customer.refresh()).claims["role"] == role


@pytest.mark.requirement("REG-06")
async def test_another_organisations_requests_and_members_are_answered_like_unknown_ones(desk) -> None:
    ours, theirs = await administrator(desk.room), await administrator(desk.room)
    _, request = await waiting(desk, theirs)
    stranger = await member(theirs)
    reason = {"reason": "Not a colleague"}
    pairs = [
        [await ours.get(f"/join-requests/{one}") for one in (request, NOBODY)],
        [await ours.post(f"/join-requests/{one}/approval") for one in (request, NOBODY)],
        [await ours.post(f"/join-requests/{one}/refusal", reason) for one in (request, NOBODY)],
        [await ours.post(f"/members/{one}/removal") for one in (stranger.account_id, NOBODY)],
        [await ours.post(f"/members/{one}/role", {"role": "dealer-admin"}) for one in (stranger.account_id, NOBODY)],
        [await ours.get(f"/members?organisation_id={one}") for one in (theirs.claims["organisation"], NOBODY)],
    ]
    assert all(answer.status_code == 404 for pair in pairs for answer in pair)
    assert [alike(seen) for seen, _ in pairs] == [alike(unknown) for _, unknown in pairs]
    assert (await ours.get("/join-requests")).json()["items"] == []
    assert (await theirs.get("/join-requests?state=pending")).json()["items"][0]["join_request_id"] == request


@pytest.mark.requirement("REG-04")
async def test_staff_decide_for_any_organisation_of_their_brand(desk) -> None:
    admin = await administrator(desk.room)
    _, request = await waiting(desk, admin)
    other_brand = await desk.room.post(f"/join-requests/{request}/approval", None, claims={"brand": "carri"})
    assert other_brand.status_code == 404
    listed = (await desk.room.get("/join-requests?state=pending&limit=200")).json()["items"]
    assert request in [one["join_request_id"] for one in listed]
    assert (await desk.room.post(f"/join-requests/{request}/approval", None)).json()["state"] == "approved"
    members = await desk.room.get(f"/members?organisation_id={admin.claims['organisation']}")
    assert len(members.json()["items"]) == 2
    assert (await desk.room.get("/members")).json()["code"] == "organisation-needed"


@pytest.mark.requirement("REG-04")
async def test_requests_and_members_come_in_pages(desk) -> None:
    admin = await administrator(desk.room)
    colleagues = {admin.account_id} | {(await member(admin)).account_id for _ in range(3)}
    for path, name in (("/members", "account_id"), ("/join-requests", "account_id")):
        first = (await admin.get(f"{path}?limit=2")).json()
        rest = (await admin.get(f"{path}?limit=2&cursor={first['next_cursor']}")).json()
        found = [one[name] for one in (*first["items"], *rest["items"])]
        assert rest["next_cursor"] is None
        assert set(found) == colleagues - ({admin.account_id} if path == "/join-requests" else set())
        assert len(found) == len(set(found))
