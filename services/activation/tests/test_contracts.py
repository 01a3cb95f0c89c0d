"""Contracts agreed without certificates: opened, added to, found and shown (ACT-06, ACT-09, ACT-10)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from event_schemas.activation import ServiceActivated
from event_schemas.activation_contracts import ContractChanged, ContractOpened

from .agreements import BUYER, CUSTOMER, MAIL_IN, ON_SITE, at, fault, lines, opened, registered, said, shown

NOT_STAFF = ["contracts:read", "contracts:write", "contracts:open"]


@pytest.mark.requirement("ACT-09", "ACT-10")
async def test_a_contract_covers_several_products_with_several_services_that_all_end_on_one_day(room):
    first, second = await registered(room), await registered(room, model="9105-22A")
    answer = await opened(room, first, second, services=[ON_SITE, MAIL_IN])
    assert answer["number"].startswith("IB-2026-0")
    assert (answer["state"], answer["opened_on"], answer["starts_on"]) == ("active", "2026-11-22", "2026-11-22")
    assert (answer["ends_on"], answer["line_count"]) == ("2029-11-21", 4)
    assert (answer["renewable_from"], answer["renewable_until"]) == ("2029-08-23", "2029-12-21")
    *activated, fact = await said(room)
    assert isinstance(fact, ContractOpened)
    assert (fact.contract_number, fact.customer_id) == (answer["number"], CUSTOMER)
    assert {line.activation_id for line in fact.lines} == {one.activation_id for one in activated}
    assert {(one.ends_on, one.contract_number) for one in activated} == {(fact.ends_on, answer["number"])}
    assert {one.terms_version for one in activated} == {"2026-01"}
    assert len({one.redemption_id for one in activated}) == 4


@pytest.mark.requirement("ACT-09")
async def test_a_contract_lasts_as_many_months_as_are_agreed_and_is_announced_as_operational_after_the_set_up(room):
    answer = await opened(room, await registered(room), months=5)
    assert answer["ends_on"] == "2027-04-21"
    await said(room)
    room.clock.advance(timedelta(days=2))
    await room.fire_timers()
    (fact,) = await said(room)
    assert (fact.NAME, fact.contract_number) == ("service.operational", answer["number"])


@pytest.mark.requirement("ACT-10")
async def test_what_is_added_later_ends_with_the_contract(room):
    product, later = await registered(room), await registered(room)
    contract = await opened(room, product)
    at(room, "2027-03-31")
    path = f"/contracts/{contract['contract_id']}/additions"
    answer = await room.post(path, {"lines": lines(product, services=[ON_SITE]) + lines(later)})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [line["added_on"] for line in told["lines"]] == ["2026-11-22", "2027-03-31", "2027-03-31"]
    assert [(event["what"], len(event["detail"]["lines"])) for event in told["history"]] == [
        ("opened", 1),
        ("lines_added", 2),
    ]
    facts = await said(room, ServiceActivated, ContractChanged)
    assert {str(fact.ends_on) for fact in facts} == {contract["ends_on"]}
    assert len(facts[-1].added) == 2


@pytest.mark.requirement("ACT-06", "ACT-10")
async def test_a_service_that_a_product_has_already_is_refused_with_the_running_one(room):
    product = await registered(room)
    contract = await opened(room, product)
    again = await room.post("/contracts", {"brand": "ibm", "lines": lines(product)})
    assert fault(again) == (409, "service-covered-already", "/lines/0/service_references/0")
    assert contract["number"] in again.json()["detail"]
    assert contract["lines"][0]["activation_id"] in again.json()["detail"]
    added = await room.post(f"/contracts/{contract['contract_id']}/additions", {"lines": lines(product)})
    assert fault(added)[:2] == (409, "service-covered-already")
    at(room, "2027-11-22")
    assert (await room.post("/contracts", {"brand": "ibm", "lines": lines(product)})).status_code == 201


@pytest.mark.requirement("ACT-09", "ALL-01")
async def test_what_cannot_be_agreed_is_refused_naming_field_value_and_what_would_do(room):
    product, other = await registered(room), await registered(room, customer_id=BUYER)
    laptop = await registered(room, brand="dynabook", model="X40-K-11E", warranty_ends_on="2026-11-21")
    stranger = {"product_id": str(uuid4()), "service_references": [MAIL_IN]}

    async def refused(*wanted, brand="ibm", **more):
        return fault(await room.post("/contracts", {"brand": brand, "lines": list(wanted), **more}))

    on_first = "/lines/0/service_references/0"
    assert await refused(*lines(product, other)) == (422, "contract-two-customers", "/lines/1")
    assert await refused(stranger) == (422, "contract-product-unknown", "/lines/0/product_id")
    assert await refused(*lines(laptop)) == (422, "contract-product-unknown", "/lines/0/product_id")
    assert await refused(*lines(product, product)) == (422, "contract-line-twice", "/lines/1/service_references/0")
    assert await refused(*lines(product, services=["SPAC"])) == (422, "offer-not-on-sale", on_first)
    tower = await registered(room, model="8408-44E")
    assert await refused(*lines(tower)) == (422, "offer-not-for-model", on_first)
    extension = lines(laptop, services=["EXT2FR-X40"])
    assert await refused(*extension, brand="dynabook") == (409, "offer-after-warranty", on_first)
    assert await refused({"service_references": [MAIL_IN]}) == (422, "product-not-named", "/lines/0/product_id")
    assert await refused(*lines(product), months=0) == (422, "fields-not-acceptable", "/months")
    assert await refused(brand="ibm") == (422, "fields-not-acceptable", "/lines")
    assert await refused(*lines(product), brand="nobody") == (422, "brand-unknown", "/brand")
    many = [{**lines(product)[0], "service_references": ["A", "B"]}] * 251
    assert await refused(*many) == (422, "contract-too-many-lines", "/lines")
    assert await said(room) == []


@pytest.mark.requirement("ACT-10")
async def test_nothing_is_added_to_a_contract_that_is_over_or_another_customers(room):
    product, other = await registered(room), await registered(room, customer_id=BUYER)
    contract = await opened(room, product)
    path = f"/contracts/{contract['contract_id']}/additions"
    assert fault(await room.post(path, {"lines": lines(other)})) == (422, "contract-other-customer", "/lines/0")
    at(room, "2027-11-22", "00:00")  # the timer has not gone off yet
    late = await room.post(path, {"lines": lines(await registered(room))})
    assert fault(late)[:2] == (409, "contract-not-running")
    unknown = await room.post(f"/contracts/{uuid4()}/additions", {"lines": lines(product)})
    assert fault(unknown)[:2] == (404, "not-found")


@pytest.mark.requirement("ACT-09")
async def test_a_contract_is_found_by_its_number_or_by_machine_type_and_serial_number(room):
    product, other = await registered(room, model="9105-22A"), await registered(room)
    contract, second = await opened(room, product), await opened(room, other)

    async def found(**query):
        items = (await room.get("/contracts?" + "&".join(f"{k}={v}" for k, v in query.items()))).json()["items"]
        assert all("lines" not in item for item in items)
        return [item["number"] for item in items]

    assert await found(number=contract["number"].lower()) == [contract["number"]]
    assert await found(model="9105", serial=product.serial.lower()) == [contract["number"]]
    assert await found(model="9105-22A", serial=product.serial) == [contract["number"]]
    assert await found(model="9009", serial=product.serial) == []
    assert await found(model="910") == []
    assert await found(serial=other.serial) == [second["number"]]
    assert contract["number"] in await found(
        customer_id=CUSTOMER, brand="ibm", state="active", ends_before="2027-11-22"
    )
    assert await found(number=contract["number"], ends_before="2027-11-21") == []
    assert await found(number=contract["number"], state="expired") == []
    assert (await room.get("/contracts?ends_before=86400")).json()["code"] == "fields-not-acceptable"
    of_lines = f"/contracts/{contract['contract_id']}/lines?model=9105&covered_on="
    assert len((await room.get(of_lines + "2026-11-22")).json()["items"]) == 1
    assert (await room.get(of_lines + "2026-11-21")).json()["items"] == []


@pytest.mark.requirement("ACT-09", "ALL-01")
async def test_lists_of_contracts_and_of_lines_are_read_page_by_page(room):
    customer = uuid4()
    products = [await registered(room, customer_id=customer) for _ in range(5)]
    contract = await opened(room, *products, services=[MAIL_IN, ON_SITE])
    for _ in range(4):
        room.clock.advance(timedelta(seconds=1))
        await opened(room, await registered(room, customer_id=customer))
    for path, count in ((f"/contracts?customer_id={customer}&limit=2", 5), (f"{_path(contract)}/lines?limit=3", 10)):
        items, cursor = [], ""
        while cursor is not None:
            page = (await room.get(path + (f"&cursor={cursor}" if cursor else ""))).json()
            items, cursor = items + page["items"], page["next_cursor"]
        keys = [item.get("activation_id", item.get("contract_id")) for item in items]
        assert len(set(keys)) == len(keys) == count


@pytest.mark.requirement("ACT-09", "REG-06")
async def test_a_contract_is_seen_by_its_customer_its_dealer_and_staff_and_by_nobody_else(room):
    organisation = uuid4()
    product = await registered(room, registered_by=f"dealer@{organisation}", organisation_id=organisation)
    contract = await opened(room, product)
    stranger, customer = {"sub": "someone"}, {"sub": "her-account", "contact": str(CUSTOMER)}
    dealer = {"sub": "dealer", "organisation": str(organisation)}
    other_brand = {"sub": "x", "contact": str(CUSTOMER), "brand": "carri"}
    for claims, status in ((stranger, 404), (customer, 200), (dealer, 200), (other_brand, 404)):
        for path in (_path(contract), f"{_path(contract)}/lines"):
            assert (await room.get(path, scopes=NOT_STAFF, claims=claims)).status_code == status, claims
        told = (await room.get(f"/contracts?number={contract['number']}", scopes=NOT_STAFF, claims=claims)).json()
        assert len(told["items"]) == (status == 200)
        late = await room.post(f"{_path(contract)}/renewal", {}, scopes=NOT_STAFF, claims=claims)
        assert late.status_code == (409 if status == 200 else 404)
    assert (await room.get(_path(contract), scopes=["offers:read"])).status_code == 403
    by_customer = await room.post("/contracts", {"brand": "ibm", "lines": lines(product)}, scopes=["contracts:write"])
    assert by_customer.status_code == 403


@pytest.mark.requirement("ACT-09", "ALL-01")
async def test_a_contract_that_did_not_change_is_not_sent_again(room):
    contract = await opened(room, await registered(room))
    seen = await room.get(_path(contract))
    token = {"Authorization": seen.request.headers["Authorization"], "If-None-Match": seen.headers["ETag"]}
    assert (await room.client.get(_path(contract), headers=token)).status_code == 304
    added = await room.post(f"{_path(contract)}/additions", {"lines": lines(await registered(room))})
    assert added.status_code == 200
    assert (await room.client.get(_path(contract), headers=token)).status_code == 200
    assert await shown(room, contract) == added.json()


@pytest.mark.requirement("ACT-06", "ACT-09", "ALL-02")
async def test_of_twenty_that_open_the_same_contract_at_once_one_succeeds(room):
    products = [await registered(room) for _ in range(3)]
    wanted = lines(*products), lines(*reversed(products))
    answers = await asyncio.gather(
        *(room.post("/contracts", {"brand": "ibm", "lines": wanted[number % 2]}) for number in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert len(await said(room, ContractOpened)) == 1


def _path(contract) -> str:
    return f"/contracts/{contract['contract_id']}"
