"""Coverage disputes: opened by those whose product it is, with evidence, decided by staff, answered in private."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.support.waiting import until

from activation_service.disputes.api import DECIDE
from activation_service.documents.store import USED
from chassis.sweeps import UNUSED_FOR, forget_unused
from event_schemas.activation_contracts import DisputeDecided, DisputeOpened
from event_schemas.activation_mail import DisputeAnswered

from .asking import Person, at
from .licensing import SCOPES, WAITING, bought, cleared, get, post, release

WHY = "The contract on page two names this serial number."
REASON = "Our list had the serial number wrong."
COVERED = {"decision": "covered", "reason": REASON, "covered_from": "2026-11-20", "covered_until": "2026-12-31"}
DENIED = {"decision": "not_covered", "reason": "The contract was over."}


@pytest.fixture
async def here(room):
    return await cleared(room)


@pytest.fixture
def holder(here):
    return Person(here)


async def opened(person, product=None, **more) -> dict:
    product = product or await person.product()
    body = {"product": {"product_id": str(product.product_id)}, "statement": WHY, **more}
    answer = await post(person, "/disputes", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def decide(room, dispute: dict, body: dict, **more):
    return await room.post(f"/disputes/{dispute['dispute_id']}/decision", body, **more)


async def document(person, name="contract.txt", content=b"Contract, page two") -> str:
    headers = person.room._headers(SCOPES, "en", person.claims) | {"Idempotency-Key": str(uuid4())}
    answer = await person.room.client.post(f"/documents?name={name}", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["document_id"]


@pytest.mark.requirement("ACT-13")
async def test_a_customer_contests_with_evidence_and_the_world_is_told_without_a_word_of_it(here, holder):
    product = await holder.product()
    await here.said()
    shown, ticket_id = await document(holder), str(uuid4())
    dispute = await opened(holder, product, ticket_id=ticket_id, denied_on="2026-11-20", documents=[shown])
    (fact,) = await here.said()
    assert isinstance(fact, DisputeOpened)
    assert (str(fact.dispute_id), fact.product_id, str(fact.ticket_id)) == (
        dispute["dispute_id"], product.product_id, ticket_id,
    )  # fmt: skip
    assert fact.customer_id == holder.contact
    assert (WHY in fact.model_dump_json(), shown in fact.model_dump_json()) == (False, False)
    seen = (await get(holder, f"/disputes/{dispute['dispute_id']}")).json()
    assert (seen["state"], seen["denied_on"], seen["known"]) == ("open", "2026-11-20", None)
    assert [(one["side"], one["statement"], one["documents"]) for one in seen["evidence"]] == [
        ("customer", WHY, [shown])
    ]


@pytest.mark.requirement("ACT-13", "REG-06")
async def test_a_product_and_a_dispute_that_one_does_not_see_are_not_found(here, holder):
    product, stranger = await holder.product(), Person(here)
    body = {"product": {"product_id": str(product.product_id)}, "statement": WHY}
    assert (await post(stranger, "/disputes", body)).status_code == 404
    dispute = await opened(holder, product)
    path = f"/disputes/{dispute['dispute_id']}"
    answers = [
        await get(stranger, path),
        await post(stranger, f"{path}/evidence", {"statement": "Mine."}),
        await post(stranger, f"{path}/withdrawal", {}),
    ]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "not-found")] * 3
    assert (await get(stranger, "/disputes")).json()["items"] == []
    assert [one["dispute_id"] for one in (await get(holder, "/disputes?state=open")).json()["items"]] == [
        dispute["dispute_id"]
    ]


@pytest.mark.requirement("ACT-13")
async def test_a_product_is_named_by_brand_and_serial_too_and_an_unclear_name_is_refused(here, holder):
    product = await holder.product()
    named = {"product": {"brand": product.brand, "serial": product.serial.lower()}, "statement": WHY}
    assert (await post(holder, "/disputes", named)).json()["product_id"] == str(product.product_id)
    nameless = await post(holder, "/disputes", {"product": {}, "statement": WHY})
    assert (nameless.status_code, nameless.json()["errors"][0]["pointer"]) == (422, "/product/product_id")


@pytest.mark.requirement("ACT-13", "ALL-02")
async def test_a_customer_has_one_open_dispute_about_a_product_however_many_are_sent_at_once(here, holder):
    product = await holder.product()
    body = {"product": {"product_id": str(product.product_id)}, "statement": WHY}
    answers = await asyncio.gather(*(post(holder, "/disputes", body) for _ in range(10)))
    assert sorted(one.status_code for one in answers) == [201, *[409] * 9]
    first = next(one.json()["dispute_id"] for one in answers if one.status_code == 201)
    refused = next(one.json() for one in answers if one.status_code == 409)
    assert (refused["code"], refused["details"]["dispute_id"]) == ("dispute-open", first)
    await decide(here, {"dispute_id": first}, DENIED)
    assert (await opened(holder, product))["dispute_id"] != first


@pytest.mark.requirement("ACT-13")
async def test_cover_cannot_have_been_denied_for_a_day_to_come(here, holder):
    product = await holder.product()
    body = {"product": {"product_id": str(product.product_id)}, "statement": WHY, "denied_on": "2026-11-23"}
    answer = await post(holder, "/disputes", body)
    assert (answer.status_code, answer.json()["errors"][0]["accepted"]) == (422, "≤ 2026-11-22")


@pytest.mark.requirement("ACT-13")
async def test_staff_decide_for_the_customer_and_the_reason_goes_the_private_way(here, holder):
    activated, _, _ = await bought(holder, product := await holder.product())
    dispute = await opened(holder, product)
    await here.said()
    done = await decide(here, dispute, {**COVERED, "activation_id": str(activated.activation_id)})
    assert (done.status_code, done.json()["state"], done.json()["decision"]) == (200, "decided", "covered")
    public, private = await here.said()
    assert isinstance(public, DisputeDecided)
    assert (public.covered_from.isoformat(), public.covered_until.isoformat()) == ("2026-11-20", "2026-12-31")
    assert public.activation_id == activated.activation_id
    assert REASON not in public.model_dump_json()
    assert isinstance(private, DisputeAnswered)
    assert (private.TOPIC, private.reason, private.customer_id) == ("activation-mail", REASON, holder.contact)
    again = await decide(here, dispute, DENIED)
    assert (again.status_code, again.json()["code"]) == (409, "dispute-decided-covered")
    late = await post(holder, f"/disputes/{dispute['dispute_id']}/evidence", {"statement": "One more thing."})
    assert late.status_code == 409


@pytest.mark.requirement("ACT-13")
@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"decision": "covered", "reason": REASON}, "cover-days-needed", "/covered_from"),
        ({**COVERED, "covered_until": None}, "cover-days-needed", "/covered_until"),
        ({**COVERED, "covered_until": "2026-11-19"}, "cover-days-reversed", "/covered_until"),
        ({**COVERED, "covered_from": 0}, "fields-not-acceptable", "/covered_from"),
        ({**DENIED, "covered_from": "2026-11-19"}, "cover-not-needed", "/covered_from"),
        ({**COVERED, "activation_id": str(uuid4())}, "service-not-of-product", "/activation_id"),
    ],
)
async def test_a_decision_that_does_not_hold_together_is_refused_and_the_dispute_stays_open(
    here, holder, body, code, pointer
):
    dispute = await opened(holder)
    await here.said()
    answer = await decide(here, dispute, body)
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["pointer"]) == (422, code, pointer)
    assert await here.said() == []
    assert (await get(holder, f"/disputes/{dispute['dispute_id']}")).json()["state"] == "open"


@pytest.mark.requirement("ACT-13")
async def test_a_service_of_another_product_is_none_that_covers_this_one(here, holder):
    elsewhere, _, _ = await bought(holder)
    answer = await decide(here, await opened(holder), {**COVERED, "activation_id": str(elsewhere.activation_id)})
    assert answer.json()["code"] == "service-not-of-product"


@pytest.mark.requirement("ACT-13")
async def test_only_those_who_may_decide_do_and_a_dispute_can_be_withdrawn_instead(here, holder):
    dispute = await opened(holder)
    await here.said()
    assert (await decide(here, dispute, DENIED, scopes=SCOPES, claims=holder.claims)).status_code == 403
    answer = await post(holder, f"/disputes/{dispute['dispute_id']}/withdrawal", {})
    assert (answer.status_code, answer.json()["decision"], answer.json()["reason"]) == (200, "withdrawn", None)
    (fact,) = await here.said()
    assert (type(fact), fact.decision, fact.covered_from) == (DisputeDecided, "withdrawn", None)
    assert (await decide(here, dispute, DENIED)).status_code == 409


@pytest.mark.requirement("ACT-13", "ALL-02")
async def test_of_decisions_and_a_withdrawal_at_the_same_moment_one_counts(here, holder):
    dispute = await opened(holder)
    await here.said()
    path = f"/disputes/{dispute['dispute_id']}"
    async with here.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM disputes FOR UPDATE")
        deciding = [asyncio.create_task(decide(here, dispute, COVERED if n % 2 else DENIED)) for n in range(4)]
        withdrawing = asyncio.create_task(post(holder, f"{path}/withdrawal", {}))

        async def all_wait() -> bool:
            return await here.database.pool.fetchval(WAITING) == 5  # elsewhere: a transaction looks once

        await until(all_wait, "five who wait for the dispute", 20)
    answers = await asyncio.gather(*deciding, withdrawing)
    assert sorted(one.status_code for one in answers) == [200, *[409] * 4]
    assert len([fact for fact in await here.said() if isinstance(fact, DisputeDecided)]) == 1


@pytest.mark.requirement("ACT-13")
async def test_those_who_decide_see_product_services_and_contracts_as_of_the_day_of_the_denial(here, holder):
    product = await holder.product()
    activated, _, _ = await bought(holder, product)
    at(here, "2026-11-30")
    before = await opened(holder, product, denied_on="2026-11-21")
    await decide(here, before, DENIED)
    after = await opened(holder, product, denied_on="2026-11-29")
    seen = [(await here.get(f"/disputes/{one['dispute_id']}")).json()["known"] for one in (before, after)]
    assert [known["services"][0]["covers"] for known in seen] == [False, True]
    (service,), (contract,) = seen[1]["services"], seen[1]["contracts"]
    assert (service["activation_id"], service["contract_number"]) == (str(activated.activation_id), contract["number"])
    assert (seen[1]["under_warranty"], seen[1]["warranty_ends_on"]) == (True, product.warranty_ends_on.isoformat())
    unable = [scope for scope in SCOPES if scope != DECIDE]
    assert (await here.get(f"/disputes/{after['dispute_id']}", scopes=[*unable, "files:all"])).json()["known"] is None


@pytest.mark.requirement("ACT-13", "ALL-01")
async def test_a_dispute_is_sent_again_only_when_it_has_changed(here, holder):
    path = f"/disputes/{(await opened(holder))['dispute_id']}"
    tag = (await get(holder, path)).headers["ETag"]
    headers = here._headers(SCOPES, "en", holder.claims) | {"If-None-Match": tag}
    assert (await here.client.get(path, headers=headers)).status_code == 304
    await post(holder, f"{path}/evidence", {"statement": "The invoice says so too."})
    assert (await here.client.get(path, headers=headers)).status_code == 200


@pytest.mark.requirement("ACT-13", "REG-06")
async def test_evidence_is_fetched_through_its_dispute_by_those_who_see_it_and_must_be_ones_own_to_be_brought(
    here, holder
):
    mine = await document(holder)
    dispute = await opened(holder, documents=[mine])
    path = f"/disputes/{dispute['dispute_id']}"
    staffs = await here.post(f"{path}/evidence", {"statement": "We asked the dealer.", "documents": [mine]})
    assert staffs.json()["side"] == "staff"
    assert (await here.get(f"{path}/documents/{mine}")).content == b"Contract, page two"
    stranger = Person(here)
    theirs = await document(stranger)
    assert (await get(holder, f"{path}/documents/{theirs}")).status_code == 404
    assert (await get(stranger, f"{path}/documents/{mine}")).status_code == 404
    stolen = await post(holder, f"{path}/evidence", {"statement": "See there.", "documents": [theirs]})
    assert (stolen.status_code, stolen.json()["errors"][0]["pointer"]) == (422, "/documents/0")


@pytest.mark.requirement("ACT-12", "ACT-13")
async def test_documents_that_nothing_names_are_forgotten_and_evidence_and_releases_are_kept(here, holder):
    evidence, upgrade, unused = [await document(holder, f"{name}.txt", name.encode()) for name in ("a", "b", "c")]
    await opened(holder, documents=[evidence])
    await release(here, "1.0", "2026-11-20", document_id=upgrade)
    here.clock.advance(UNUSED_FOR + timedelta(seconds=1))
    young = await document(holder)
    await forget_unused(here.database, USED, asyncio.Event())
    rows = await here.database.pool.fetch("SELECT document_id::text AS id FROM document")
    left = {row["id"] for row in rows}
    assert (left & {evidence, upgrade, young}, unused in left) == ({evidence, upgrade, young}, False)


@pytest.mark.requirement("ACT-13", "ALL-05")
async def test_what_people_wrote_is_in_no_public_message_of_a_whole_dispute(here, holder):
    dispute = await opened(holder)
    await post(holder, f"/disputes/{dispute['dispute_id']}/evidence", {"statement": "My neighbour saw it."})
    await decide(here, dispute, COVERED)
    public = [fact for fact in await here.said() if fact.TOPIC == "activation"]
    text = json.dumps([fact.model_dump(mode="json") for fact in public])
    assert not [words for words in (WHY, "neighbour", REASON, "wrong") if words in text]
