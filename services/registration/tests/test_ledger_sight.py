"""Whose certificates are whose: ledgers and lists by sight; a public form that tells nothing more (REG-06, REG-10)."""

import asyncio
from statistics import median
from time import perf_counter
from uuid import uuid4

import pytest

from .conftest import CAMILLE, refused
from .dealers import dealer, same_but_for_ids, staff


@pytest.mark.requirement("REG-08", "REG-06")
async def test_an_order_for_a_dealer_is_its_organisations_file_and_does_not_exist_for_others(desk) -> None:
    shop, stranger = dealer(desk.room), dealer(desk.room)
    clerk = dealer(desk.room, shop.organisation, "dealer-member")
    order = (await desk.order(organisation_id=shop.organisation)).json()
    path = f"/certificates/{order['certificate_id']}/ledger"
    for visitor in (shop, staff(desk.room)):
        assert (await visitor.get(path)).json()["units_left"] == 3
    unknown = await stranger.get(f"/certificates/{uuid4()}/ledger")
    assert unknown.status_code == 404
    assert same_but_for_ids(unknown, await stranger.get(path), await clerk.get(path))
    listed = (await shop.get("/certificates?brand=dynabook", language="nl")).json()["items"]
    assert [(one["certificate_id"], one["units_left"], one["service_name"]) for one in listed] == [
        (order["certificate_id"], 3, "Pack Pro Connect 3 jaar")
    ]
    for answer in (await stranger.get("/certificates"), await shop.get("/certificates?brand=carri")):
        assert answer.json() == {"items": [], "next_cursor": None}


@pytest.mark.requirement("REG-09")
async def test_a_list_of_certificates_has_units_left_and_never_a_number(desk) -> None:
    shop, numbers = dealer(desk.room), []
    for _ in range(3):
        issued = await desk.certificate(organisation_id=shop.organisation)
        await desk.register(issued.certificate_number)
        numbers.append(issued.certificate_number)
    first = await shop.get("/certificates?limit=2")
    rest = await shop.get(f"/certificates?limit=2&cursor={first.json()['next_cursor']}")
    assert [one["units_left"] for answer in (first, rest) for one in answer.json()["items"]] == [2, 2, 2]
    assert [number for number in numbers if number in first.text + rest.text] == []


@pytest.mark.requirement("REG-08")
async def test_only_who_sees_every_file_confirms_an_order_for_any_organisation(desk) -> None:
    shop, before = str(uuid4()), await desk.rows()
    body = {"brand": "dynabook", "case_number": "FR-OTHER", "service_reference": "PPCP013FR-VGAD", "quantity": 1}
    asked = {"scopes": ["orders:write"], "claims": {"organisation": str(uuid4())}}
    answer = await desk.room.post("/orders", {**body, "buyer": CAMILLE, "organisation_id": shop}, **asked)
    refused(answer, 403, "organisation-not-yours", "/organisation_id")
    assert await desk.rows() == before


@pytest.mark.requirement("REG-10")
async def test_unknown_malformed_and_used_up_certificates_take_as_long_as_each_other(desk) -> None:
    used_up = await desk.certificate(quantity=1)
    await desk.register(used_up.certificate_number)
    typed = {"unknown": "FCAAAAAAAAAA", "malformed": "x", "used up": used_up.certificate_number}
    taken: dict[str, list[float]] = {kind: [] for kind in typed}
    for _ in range(150):
        for kind, number in typed.items():
            started = perf_counter()
            answer = await desk.room.client.get(f"/registration-form?certificate={number}")
            taken[kind].append(perf_counter() - started)
            assert answer.status_code == 404
    medians = [median(times) for times in taken.values()]
    assert max(medians) / min(medians) < 1.35, dict(zip(taken, medians, strict=True))


@pytest.mark.requirement("REG-09")
async def test_of_a_hundred_who_want_the_last_unit_one_gets_it_and_99_hear_that_none_is_left(desk) -> None:
    issued = await desk.certificate(quantity=1)
    answers = await asyncio.gather(*(desk.register(issued.certificate_number) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 99
    for answer in answers:
        if answer.status_code == 409:
            refused(answer, 409, "certificate-exhausted", "/certificate")
    ledger = await desk.ledger(issued.certificate_id)
    assert (ledger["units_left"], [entry["change"] for entry in ledger["entries"]]) == (0, [-1])


@pytest.mark.requirement("REG-13")
async def test_of_a_hundred_who_register_one_serial_for_one_customer_one_does(desk) -> None:
    issued, serial = await desk.certificate(quantity=200), desk.serial()
    answers = await asyncio.gather(*(desk.register(issued.certificate_number, serial=serial) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 99
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"serial-already-registered"}
    assert (await desk.ledger(issued.certificate_id))["units_left"] == 199


@pytest.mark.requirement("REG-16")
async def test_of_a_hundred_customers_who_register_one_serial_at_once_one_has_it_and_99_contest_it(desk) -> None:
    issued, serial = await desk.certificate(quantity=200), desk.serial()
    people = [{**CAMILLE, "email": f"rival-{number}@example.com"} for number in range(100)]
    attempts = (desk.register(issued.certificate_number, serial=serial, customer=one) for one in people)
    answers = await asyncio.gather(*attempts)
    assert sorted(answer.status_code for answer in answers) == [201] + [202] * 99
    contests = {answer.json()["contest_id"] for answer in answers if answer.status_code == 202}
    assert len(contests) == 99
    assert (await desk.ledger(issued.certificate_id))["units_left"] == 199
