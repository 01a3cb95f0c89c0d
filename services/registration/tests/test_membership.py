"""Who belongs to an organisation: roles, removal, leaving, and that what the account is now counts."""

import asyncio

import pytest
from tests.support.people import administrator, end_customer, fresh_address, member, only, settled, sign_in

from event_schemas.registration_accounts import MemberRemoved, MemberRoleChanged

from .test_members import ask, waiting


@pytest.mark.requirement("REG-04", "REG-06")
async def test_a_removed_member_loses_the_organisation_and_may_join_another(desk) -> None:
    admin, other = await administrator(desk.room), await administrator(desk.room)
    colleague = await member(admin)
    gone = await admin.post(f"/members/{colleague.account_id}/removal")
    assert gone.json() == {"account_id": colleague.account_id, "state": "verified"}
    claims = (await colleague.refresh()).claims
    assert (claims["role"], "organisation" in claims) == ("applicant", False)
    assert (await ask(colleague, other)).status_code == 201
    assert (await admin.post(f"/members/{colleague.account_id}/removal")).status_code == 404


@pytest.mark.requirement("REG-04", "REG-06")
async def test_somebody_always_administers_also_when_two_leave_at_once(desk) -> None:
    admin = await administrator(desk.room)
    for path, body in (("removal", None), ("role", {"role": "dealer-member"})):
        refused = await admin.post(f"/members/{admin.account_id}/{path}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "last-administrator")
    second = await member(admin)
    await admin.post(f"/members/{second.account_id}/role", {"role": "dealer-admin"})
    await second.refresh()
    deeds = [one.post(f"/members/{one.account_id}/removal") for one in (admin, second) for _ in range(5)]
    answers = await asyncio.gather(*deeds)
    assert sorted({answer.status_code for answer in answers}) in ([200, 404, 409], [200, 409])
    left = "SELECT count(*) FROM accounts WHERE organisation_id = $1::text::uuid AND role = 'dealer-admin'"
    assert await desk.room.database.pool.fetchval(left, admin.claims["organisation"]) == 1


@pytest.mark.requirement("REG-06", "ALL-06")
async def test_a_demoted_administrator_cannot_use_the_old_token_to_come_back(desk) -> None:
    admin = await administrator(desk.room)
    second = await member(admin)
    await admin.post(f"/members/{second.account_id}/role", {"role": "dealer-admin"})
    await second.refresh()
    _, request = await waiting(desk, admin)
    assert (await admin.post(f"/members/{second.account_id}/role", {"role": "dealer-member"})).status_code == 200
    tries = [
        await second.post(f"/members/{second.account_id}/role", {"role": "dealer-admin"}),
        await second.post(f"/join-requests/{request}/approval"),
        await second.post("/organisation/visibility", {"members_see": "all"}),
    ]
    assert [answer.status_code for answer in tries] == [404] * 3


@pytest.mark.requirement("REG-03", "REG-05")
async def test_whoever_never_asked_has_no_request_and_can_sign_in_all_the_same(desk) -> None:
    somebody = await settled(desk.room, fresh_address("alone"))
    assert (await somebody.get("/own-join-request")).status_code == 404
    assert (await sign_in(desk.room, somebody.email)).json()["role"] == "applicant"


async def promoted(admin):
    """A second administrator."""
    second = await member(admin)
    await admin.post(f"/members/{second.account_id}/role", {"role": "dealer-admin"})
    return await second.refresh()


@pytest.mark.requirement("REG-04", "REG-06")
@pytest.mark.parametrize("gone", ["removed", "demoted"])
async def test_whoever_administers_no_more_reads_no_requests_and_no_members_with_an_old_token(desk, gone) -> None:
    admin = await administrator(desk.room)
    second = await promoted(admin)
    _, request = await waiting(desk, admin)
    paths = ("/join-requests", f"/join-requests/{request}", "/members")
    assert [(await second.get(path)).status_code for path in paths] == [200] * 3
    path = f"/members/{second.account_id}"
    body = {"role": "dealer-member"} if gone == "demoted" else None
    assert (await admin.post(f"{path}/{'role' if body else 'removal'}", body)).status_code == 200
    listed, read, members = [await second.get(path) for path in paths]
    assert listed.json()["items"] == []
    assert (read.status_code, members.status_code) == (404, 404)
    assert (await admin.get(f"/join-requests/{request}")).status_code == 200


@pytest.mark.requirement("REG-04")
async def test_what_becomes_of_a_member_is_said_with_ids_alone(desk) -> None:
    admin = await administrator(desk.room)
    colleague = await member(admin)
    who = {
        "brand": "dynabook",
        "organisation_id": admin.claims["organisation"],
        "member_id": colleague.claims["contact"],
    }
    path = f"/members/{colleague.account_id}"
    await admin.post(f"{path}/role", {"role": "dealer-admin"})
    changed = only(MemberRoleChanged, await desk.said())
    assert changed.model_dump(mode="json") == {**who, "role": "dealer-admin"}
    assert (await admin.post(f"{path}/role", {"role": "dealer-admin"})).status_code == 200
    assert await desk.said() == []
    await admin.post(f"{path}/removal")
    assert only(MemberRemoved, await desk.said()).model_dump(mode="json") == who


@pytest.mark.requirement("REG-04", "REG-06")
async def test_a_member_leaves_by_themselves_and_may_join_another(desk) -> None:
    admin, other = await administrator(desk.room), await administrator(desk.room)
    colleague = await member(admin)
    left = await colleague.post("/own-membership/withdrawal")
    assert (left.status_code, left.json()) == (200, {"account_id": colleague.account_id, "state": "verified"})
    assert str(only(MemberRemoved, await desk.said()).organisation_id) == admin.claims["organisation"]
    assert (await colleague.refresh()).claims["role"] == "applicant"
    assert (await colleague.post("/own-membership/withdrawal")).status_code == 404
    assert (await ask(colleague, other)).status_code == 201
    assert (await (await end_customer(desk.room)).post("/own-membership/withdrawal")).status_code == 404


@pytest.mark.requirement("REG-04", "REG-06")
async def test_the_last_administrator_cannot_leave_also_when_two_leave_at_once(desk) -> None:
    admin = await administrator(desk.room)
    alone = await admin.post("/own-membership/withdrawal")
    assert (alone.status_code, alone.json()["code"]) == (409, "last-administrator")
    second = await promoted(admin)
    answers = await asyncio.gather(*(one.post("/own-membership/withdrawal") for one in (admin, second)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
