"""One to fifty products of one customer in one go, each with its own outcome (REG-12)."""

import asyncio
import random
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest

from event_schemas.contacts import ContactChanged
from event_schemas.registration import CertificateRedeemed, ProductRegistered
from event_schemas.registration_cases import RegistrationContested

from .conftest import CAMILLE, JAN, Desk, refused
from .dealers import dealer

pytestmark = pytest.mark.requirement("REG-12")


def product(certificate: str, serial: str, **changes: Any) -> dict[str, Any]:
    return {
        "serial": serial,
        "model": "PT5B1E-0K601",
        "certificate": certificate,
        "purchased_on": "2026-11-20",
        **changes,
    }


def batch(*products: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"brand": "dynabook", "customer": JAN, "registered_as": "reseller", "products": list(products), **changes}


def mixed(issued: str, mine: str, theirs: str) -> list[dict[str, Any]]:
    """Ten products: two that are right, one that is somebody else's, and seven with a mistake each."""
    fresh = Desk.serial
    return [
        product(issued, mine),
        product(issued, "9H012345SX"),
        product(issued, theirs),
        product("FCAAAAAAAAAA", fresh()),
        product(issued, fresh(), purchased_on="20/11/2026"),
        product(issued, mine),
        product(issued, fresh(), model=None),
        product(issued, fresh()),
        product(issued, fresh()),
        product(issued, "9" * 65),
    ]


async def test_each_product_has_its_own_outcome_and_good_ones_go_through(desk) -> None:
    issued, other, theirs = await desk.certificate(quantity=2), await desk.certificate(), desk.serial()
    await desk.register(other.certificate_number, serial=theirs, customer=CAMILLE)
    await desk.said()
    sent = batch(*mixed(issued.certificate_number, desk.serial(), theirs))
    answer = await desk.room.post("/registration-batches", sent)
    told = answer.json()
    counts = [answer.status_code, told["registered"], told["contested"], told["refused"]]
    assert counts == [201, 2, 1, 7]
    outcomes = told["outcomes"]
    assert [one["position"] for one in outcomes] == list(range(10))
    assert [one["position"] for one in outcomes if one["registration"]] == [0, 7]
    assert outcomes[0]["registration"]["serial"] == sent["products"][0]["serial"]
    assert (outcomes[2]["outcome"], outcomes[2]["contest"]["serial"]) == ("contested", theirs)
    problems = {one["position"]: one["problem"] for one in outcomes if one["outcome"] == "refused"}
    assert {place: (problem["code"], problem["pointer"]) for place, problem in problems.items()} == {
        1: ("serial-malformed", "/products/1/serial"),
        3: ("certificate-unknown", "/products/3/certificate"),
        4: ("field-date-from-datetime-parsing", "/products/4/purchased_on"),
        5: ("serial-already-registered", "/products/5/serial"),
        6: ("model-unknown", "/products/6/model"),
        8: ("certificate-exhausted", "/products/8/certificate"),
        9: ("field-string-too-long", "/products/9/serial"),
    }
    assert (problems[1]["value"], problems[1]["accepted"]) == ("9H012345SX", "9H0123455X")
    said = Counter(type(fact) for fact in await desk.said() if not isinstance(fact, ContactChanged))
    assert said == {RegistrationContested: 1, ProductRegistered: 2, CertificateRedeemed: 2}
    ledger = await desk.ledger(issued.certificate_id)
    assert (ledger["units_left"], len(ledger["entries"])) == (0, 2)


async def test_the_customers_details_are_given_once_and_said_once(desk) -> None:
    issued, mia = await desk.certificate(), {"name": "Mia Claes", "email": "mia.claes@example.com", "language": "nl"}
    products = [product(issued.certificate_number, desk.serial()) for _ in range(3)]
    answer = await desk.room.post("/registration-batches", batch(*products, customer=mia))
    customers = {one["registration"]["customer_id"] for one in answer.json()["outcomes"]}
    said = [fact for fact in await desk.said() if isinstance(fact, ContactChanged)]
    assert [str(fact.contact_id) for fact in said] == list(customers)


async def test_fifty_are_accepted_and_one_more_is_refused_and_points_to_the_file(desk) -> None:
    issued = await desk.certificate(quantity=60)
    fifty = [product(issued.certificate_number, desk.serial()) for _ in range(50)]
    before = await desk.rows()
    answer = await desk.room.post("/registration-batches", batch(*fifty, product("FC", desk.serial())))
    error = refused(answer, 422, "too-many-for-the-form", "/products")
    assert (error["value"], error["accepted"]) == (51, 50)
    assert "POST /dossiers" in error["detail"]
    assert "http://127.0.0.1:8101/dossiers/template?brand=dynabook" in error["detail"]
    assert await desk.rows() == before
    good = await desk.room.post("/registration-batches", batch(*fifty))
    assert (good.status_code, good.json()["registered"]) == (201, 50)
    assert (await desk.ledger(issued.certificate_id))["units_left"] == 10


async def test_a_batch_of_which_nothing_is_done_leaves_nothing_and_says_so(desk) -> None:
    issued, before = await desk.certificate(), await desk.rows()
    somebody = {**JAN, "email": "nobody.yet@example.com"}
    answer = await desk.room.post("/registration-batches", batch(product("FC", desk.serial()), customer=somebody))
    assert (answer.status_code, answer.json()["refused"]) == (200, 1)
    for change, pointer in (
        ({"products": []}, "/products"),
        ({"customer": {**JAN, "email": "x"}}, "/customer/email"),
        ({"registered_as": "thief"}, "/registered_as"),
    ):
        sent = batch(product(issued.certificate_number, desk.serial())) | change
        refused(await desk.room.post("/registration-batches", sent), 422, "fields-not-acceptable", pointer)
    assert await desk.rows() == before


async def test_a_language_in_which_the_brand_does_not_write_refuses_the_whole(desk) -> None:
    issued = await desk.certificate(brand="carri", service_reference="CARRI-SITE-36")
    unit = {**product(issued.certificate_number, "CRT-2600999"), "model": "CRT-RACK-2U"}
    person = {**JAN, "address": {"country": "XX"}}
    answer = await desk.room.post("/registration-batches", batch(unit, brand="carri", customer=person))
    refused(answer, 422, "country-unknown", "/customer/address/country")


async def test_the_problems_are_in_the_readers_language(desk) -> None:
    issued = await desk.certificate()
    sent = batch(product(issued.certificate_number, "9H012345SX"), product(issued.certificate_number, "", model="PT"))
    french = (await desk.room.post("/registration-batches", sent, language="fr")).json()["outcomes"]
    assert "« S » en position 9" in french[0]["problem"]["detail"]
    dutch = (await desk.room.post("/registration-batches", sent, language="nl")).json()["outcomes"]
    assert "“S” op positie 9" in dutch[0]["problem"]["detail"]
    assert (dutch[1]["problem"]["code"], dutch[1]["problem"]["pointer"]) == (
        "field-string-too-short",
        "/products/1/serial",
    )


async def test_the_whole_batch_sent_again_under_its_key_changes_nothing_and_gets_the_same_answer(desk) -> None:
    issued, key = await desk.certificate(), str(uuid4())
    sent = batch(product(issued.certificate_number, desk.serial()), product(issued.certificate_number, "S"))
    first = await desk.room.post("/registration-batches", sent, key=key)
    said, rows = await desk.said(), await desk.rows()
    again = await desk.room.post("/registration-batches", sent, key=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert said
    assert await desk.said() == []
    assert await desk.rows() == rows | {"outbox": 0}


@pytest.mark.requirement("REG-09")
async def test_batches_and_single_registrations_that_cross_each_other_share_the_units_and_lose_none(desk) -> None:
    one, two = await desk.certificate(quantity=20), await desk.certificate(quantity=20)
    numbers, serials = [one.certificate_number, two.certificate_number], [desk.serial() for _ in range(20)]
    there = [product(numbers[place % 2], serial) for place, serial in enumerate(serials)]
    back = [product(numbers[place % 2], serial) for place, serial in reversed(list(enumerate(serials)))]
    answers = await asyncio.gather(
        *(desk.room.post("/registration-batches", batch(*one_way)) for one_way in (there, back)),
        *(desk.register(numbers[place % 2], serial=serial) for place, serial in enumerate(serials)),
    )
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    redeemed = [fact for fact in await desk.said() if isinstance(fact, CertificateRedeemed)]
    assert sorted(fact.serial for fact in redeemed) == sorted(serials)
    for issued in (one, two):
        ledger = await desk.ledger(issued.certificate_id)
        assert (ledger["units_left"], len(ledger["entries"])) == (10, 10)


@pytest.mark.requirement("REG-09")
async def test_overlapping_batches_in_any_order_with_any_certificates_block_nobody(desk) -> None:
    issued = [(await desk.certificate(quantity=200)).certificate_number for _ in range(2)]
    chance = random.Random(6)
    for _ in range(3):
        serials = [desk.serial() for _ in range(10)]
        people = [{**JAN, "email": f"overlap-{number}@example.com"} for number in range(6)]
        batches = [
            batch(*(product(chance.choice(issued), one) for one in chance.sample(serials, 10)), customer=person)
            for person in people
        ]
        answers = await asyncio.gather(
            *(desk.room.post("/registration-batches", sent) for sent in batches),
            *(desk.register(issued[0], serial=chance.choice(serials), customer=person) for person in people),
        )
        assert {answer.status_code for answer in answers} <= {200, 201, 202, 409}
        redeemed = [fact for fact in await desk.said() if isinstance(fact, CertificateRedeemed)]
        assert sorted(fact.serial for fact in redeemed) == sorted(serials)


async def test_text_that_no_serial_number_has_is_refused_in_its_own_outcome(desk) -> None:
    issued = await desk.certificate()
    typed = [product(issued.certificate_number, serial) for serial in ("9H\u200b0000", "9" * 10_000, desk.serial())]
    answer = await desk.room.post("/registration-batches", batch(*typed))
    assert [one["outcome"] for one in answer.json()["outcomes"]] == ["refused", "refused", "registered"]


async def test_a_dealers_batch_is_the_dealers_file(desk) -> None:
    shop, issued = dealer(desk.room), await desk.certificate()
    answer = await shop.post("/registration-batches", batch(product(issued.certificate_number, desk.serial())))
    redemption_id = answer.json()["outcomes"][0]["registration"]["redemption_id"]
    assert (await shop.get(f"/registrations/{redemption_id}")).status_code == 200
    assert (await dealer(desk.room).get(f"/registrations/{redemption_id}")).status_code == 404
    facts = [fact for fact in await desk.said() if isinstance(fact, ProductRegistered)]
    assert [fact.organisation_id for fact in facts] == [UUID(shop.organisation)]
