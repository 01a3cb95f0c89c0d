"""A product changes hands: reported once, in effect on its day and not an instant earlier, for the one or the other."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from event_schemas.contacts import ContactChanged
from event_schemas.registration import CertificateRedeemed, ProductRegistered
from event_schemas.registration_cases import ProductTransferred, TransferReported, TransferWithdrawn

from .casework import ZOE, customer, open_case
from .conftest import refused

MIDNIGHT = datetime(2026, 11, 30, 23, tzinfo=UTC)
"""Start of 1 December in Paris."""
INSTANT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
async def _no_timer_of_another_test(desk) -> None:
    await desk.room.database.pool.execute("DELETE FROM timer")


async def product_of(room, product_id) -> dict[str, object]:
    row = await room.database.pool.fetchrow("SELECT * FROM products WHERE product_id = $1", UUID(product_id))
    return dict(row)


@pytest.mark.requirement("REG-17")
async def test_a_sale_of_today_makes_the_product_the_new_customers_at_once(desk) -> None:
    case = await open_case(desk)
    answer = await case.owner.post("/transfers", case.sale())
    assert answer.status_code == 201, answer.text
    view = answer.json()
    assert (view["state"], view["takes_effect_on"], view["last_billable_on"]) == ("transferred", *["2026-11-22"] * 2)
    contact, reported, transferred = await desk.said()
    assert isinstance(contact, ContactChanged)
    assert isinstance(reported, TransferReported)
    assert isinstance(transferred, ProductTransferred)
    assert contact.email == ZOE["email"]
    assert (str(reported.customer_id), str(transferred.from_customer_id)) == (case.registered["customer_id"],) * 2
    assert transferred.to_customer_id == contact.contact_id == UUID(view["to_customer_id"])
    assert [str(one) for one in transferred.redemption_ids] == [case.registered["redemption_id"]]
    product = await product_of(desk.room, case.product_id)
    assert (product["customer_id"], product["warranty_ends_on"].isoformat()) == (contact.contact_id, "2027-11-19")


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_a_sale_to_come_takes_effect_at_the_start_of_its_day_where_the_brand_lives_and_once(desk) -> None:
    case, room = await open_case(desk), desk.room
    answer = await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))
    view = answer.json()
    assert (view["state"], view["takes_effect_on"], view["settled_at"]) == ("pending", "2026-12-01", None)
    assert [type(fact) for fact in await desk.said()][-1] is TransferReported
    for moment in (MIDNIGHT - INSTANT, MIDNIGHT - timedelta(days=300), MIDNIGHT - timedelta(hours=1)):
        room.clock.set(moment)
        assert await room.fire_timers() == 0
    assert str((await product_of(room, case.product_id))["customer_id"]) == case.registered["customer_id"]
    room.clock.set(MIDNIGHT)
    fired = await asyncio.gather(*(room.fire_timers() for _ in range(4)))
    assert sum(fired) == 1
    for moment in (MIDNIGHT - timedelta(days=9), MIDNIGHT + timedelta(days=500)):
        room.clock.set(moment)
        assert await room.fire_timers() == 0
    (fact,) = await desk.said()
    assert isinstance(fact, ProductTransferred)
    assert str((await product_of(room, case.product_id))["customer_id"]) == view["to_customer_id"]
    shown = (await case.owner.get(f"/transfers/{view['transfer_id']}")).json()
    assert (shown["state"], shown["settled_at"]) == ("transferred", "2026-11-30T23:00:00Z")


@pytest.mark.requirement("REG-17", "REG-06")
async def test_after_a_sale_the_new_customer_sees_the_product_and_the_former_one_does_not(desk) -> None:
    case = await open_case(desk)
    sold = (await case.owner.post("/transfers", case.sale())).json()
    buyer = customer(desk.room, sold["to_customer_id"])
    assert (await buyer.get(f"/products/{case.product_id}")).status_code == 200
    for former in (case.owner, case.dealer):
        assert (await former.get(f"/products/{case.product_id}")).status_code == 404
        assert (await former.post("/transfers", case.sale())).status_code == 404
    assert (await buyer.post("/transfers", case.lease_return())).status_code == 201


@pytest.mark.requirement("REG-17", "REG-06")
async def test_a_dealer_who_reports_a_sale_keeps_the_products_file(desk) -> None:
    case = await open_case(desk)
    assert (await case.dealer.post("/transfers", case.sale())).status_code == 201
    assert (await case.dealer.get(f"/products/{case.product_id}")).status_code == 200
    assert (await case.owner.get(f"/products/{case.product_id}")).status_code == 404


@pytest.mark.requirement("REG-17")
async def test_a_leased_product_goes_back_and_is_whoever_registers_it_next_without_a_contest(desk) -> None:
    case = await open_case(desk)
    answer = await case.owner.post("/transfers", case.lease_return(financing_number="FIN-2024-77"))
    assert (answer.json()["to_customer_id"], answer.json()["financing_number"]) == (None, "FIN-2024-77")
    reported, transferred = await desk.said()
    assert isinstance(reported, TransferReported)
    assert (transferred.kind, transferred.to_customer_id) == ("lease_return", None)
    assert (await case.owner.get(f"/products/{case.product_id}")).status_code == 404
    again = await case.dealer.post("/registrations", {**case.body, "customer": ZOE})
    assert again.status_code == 201, again.text
    assert again.json()["product_id"] == case.product_id
    assert [type(fact) for fact in await desk.said()][-2:] == [ProductRegistered, CertificateRedeemed]


@pytest.mark.requirement("REG-17")
@pytest.mark.parametrize(
    ("kind", "changes", "code", "pointer"),
    [
        ("sale", {"reason": None}, "needed-for-a-sale", "/reason"),
        ("sale", {"new_customer": None}, "needed-for-a-sale", "/new_customer"),
        ("sale", {"financing_number": "F-1"}, "lease-return-only", "/financing_number"),
        ("lease_return", {"new_customer": ZOE}, "sale-only", "/new_customer"),
        ("sale", {"transferred_on": "2026-11-19"}, "transfer-day-impossible", "/transferred_on"),
        ("sale", {"transferred_on": "2027-11-23"}, "transfer-day-impossible", "/transferred_on"),
        ("sale", {"product_id": None}, "product-not-named", "/product_id"),
        ("sale", {"product_id": None, "brand": "dynabook"}, "product-not-named", "/serial"),
        ("sale", {"brand": "nobody"}, "brand-unknown", "/brand"),
        ("sale", {"reason": "x" * 501}, "fields-not-acceptable", "/reason"),
        ("sale", {"reason": "a\u0007b"}, "fields-not-acceptable", "/reason"),
        ("gift", {}, "fields-not-acceptable", "/kind"),
    ],
)
async def test_a_report_that_does_not_fit_is_refused_with_its_field_and_leaves_nothing(
    desk, kind, changes, code, pointer
) -> None:
    case = await open_case(desk)
    body = case.lease_return() if kind == "lease_return" else case.sale(kind=kind)
    refused(await case.owner.post("/transfers", {**body, **changes}), 422, code, pointer)
    assert await desk.said() == []
    found = "SELECT count(*) FROM transfers WHERE product_id = $1"
    assert await desk.room.database.pool.fetchval(found, UUID(case.product_id)) == 0


@pytest.mark.requirement("REG-17")
@pytest.mark.parametrize("day", ["2026-11-20", "2027-11-22"])
async def test_a_transfer_may_be_on_the_day_of_purchase_and_a_year_from_today(desk, day) -> None:
    case = await open_case(desk)
    assert (await case.owner.post("/transfers", case.sale(transferred_on=day))).status_code == 201


@pytest.mark.requirement("REG-17")
async def test_a_product_cannot_be_sold_to_its_own_customer(desk) -> None:
    case = await open_case(desk)
    answer = await case.dealer.post("/transfers", case.sale(new_customer=case.body["customer"]))
    refused(answer, 422, "customer-unchanged", "/new_customer/email")


@pytest.mark.requirement("REG-17")
async def test_a_product_is_named_by_its_label_and_by_its_model_where_two_share_a_serial_number(desk) -> None:
    case = await open_case(desk)
    serial = case.body["serial"]
    twin = {**case.body, "model": "X40-K-11E"}
    assert (await case.dealer.post("/registrations", twin)).status_code == 201
    named = case.sale(product_id=None, brand="dynabook", serial=serial.lower())
    ambiguous = refused(await case.dealer.post("/transfers", named), 422, "model-ambiguous", "/model")
    assert ambiguous["accepted"] == ["PT5B1E-0K601", "X40-K-11E"]
    answer = await case.dealer.post("/transfers", {**named, "model": "X40-K-11E"})
    assert (answer.status_code, answer.json()["model"]) == (201, "X40-K-11E")


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_of_twenty_transfers_at_once_one_is_reported_and_the_others_hear_which(desk) -> None:
    case = await open_case(desk)
    bodies = [case.sale(transferred_on="2026-12-01", reason=f"Reason {number}.") for number in range(20)]
    answers = await asyncio.gather(*(case.owner.post("/transfers", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    winner = next(answer.json() for answer in answers if answer.status_code == 201)
    for answer in answers:
        if answer.status_code == 409:
            assert refused(answer, 409, "transfer-pending", "/product_id")["value"] == winner["transfer_id"]
    assert sum(isinstance(fact, TransferReported) for fact in await desk.said()) == 1


@pytest.mark.requirement("REG-17", "ALL-01")
async def test_a_repeated_report_is_the_same_report(desk) -> None:
    case = await open_case(desk)
    first = await case.owner.post("/transfers", case.sale(), key="transfer-1")
    await desk.said()
    again = await case.owner.post("/transfers", case.sale(), key="transfer-1")
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, first.json(), "true")
    assert await desk.said() == []


@pytest.mark.requirement("REG-17")
async def test_a_pending_transfer_is_withdrawn_once_and_never_takes_effect(desk) -> None:
    case, room = await open_case(desk), desk.room
    reported = (await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))).json()
    await desk.said()
    path = f"/transfers/{reported['transfer_id']}/withdrawal"
    answer = await case.owner.post(path)
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert [type(fact) for fact in await desk.said()] == [TransferWithdrawn]
    assert (await case.owner.post(path)).json()["code"] == "transfer-settled"
    room.clock.set(MIDNIGHT + timedelta(days=1))
    assert await room.fire_timers() == 0
    assert await desk.said() == []
    assert (await case.owner.post("/transfers", case.sale())).status_code == 201


@pytest.mark.requirement("REG-17")
async def test_a_transfer_in_effect_cannot_be_withdrawn(desk) -> None:
    case = await open_case(desk)
    done = (await case.owner.post("/transfers", case.sale())).json()
    answer = await case.owner.post(f"/transfers/{done['transfer_id']}/withdrawal")
    assert (answer.status_code, answer.json()["code"]) == (409, "transfer-settled")
    assert "transferred" in answer.json()["detail"]


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_a_withdrawal_while_the_timer_goes_off_ends_one_way_or_the_other(desk) -> None:
    room, outcomes = desk.room, set()
    for _ in range(12):
        room.clock.set(MIDNIGHT - timedelta(days=5))
        case = await open_case(desk)
        reported = (await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))).json()
        await desk.said()
        room.clock.set(MIDNIGHT)
        path = f"/transfers/{reported['transfer_id']}/withdrawal"
        answer, _ = await asyncio.gather(case.owner.post(path), room.fire_timers())
        await room.fire_timers()
        (fact,) = await desk.said()
        state = (await case.owner.get(f"/transfers/{reported['transfer_id']}")).json()["state"]
        outcomes.add((answer.status_code, type(fact), state))
    assert outcomes <= {(200, TransferWithdrawn, "withdrawn"), (409, ProductTransferred, "transferred")}
