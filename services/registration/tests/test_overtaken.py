"""What a former holder left open binds nobody after them: their transfers, their moves, their leased services."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from event_schemas.activation import ServiceEnded
from event_schemas.contacts import ContactChanged
from event_schemas.registration import CertificateRedeemed, ProductRegistered
from event_schemas.registration_cases import (
    MoveRequested,
    MoveWithdrawn,
    ProductTransferred,
    TransferReported,
    TransferWithdrawn,
)

from .casework import claim, open_case, register_too, settle, somebody

FIRST = datetime(2026, 12, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TIMERS = "SELECT count(*) FROM timer WHERE subject = $1"
IBM = {"brand": "ibm", "model": "9009-42A"}


@pytest.fixture(autouse=True)
async def _no_timer_of_another_test(desk) -> None:
    await desk.room.database.pool.execute("DELETE FROM timer")


async def kinds(desk) -> list[type]:
    return [type(fact) for fact in await desk.said()]


async def taken_over(case, desk, way: str):
    """The product comes to somebody else: by a contest, or because its registration was taken back. Their dealer."""
    if way == "contest":
        rival, contest_id = await claim(case, desk)
        await settle(case, contest_id, "claimant_gets")
    else:
        path = f"/registrations/{case.registered['redemption_id']}/cancellation"
        assert (await case.dealer.post(path)).status_code == 200
        rival, answer = await register_too(case, desk)
        assert answer.status_code == 201, answer.text
    await desk.said()
    return rival


@pytest.mark.requirement("REG-17")
@pytest.mark.parametrize("reference", ["PPCP013FR-VGAD", "EXT2FR-X40"])
async def test_after_a_lease_return_the_next_customer_registers_the_same_or_another_service_at_once(
    desk, reference
) -> None:
    case = await open_case(desk, model="X40-K-11E")
    assert (await case.dealer.post("/transfers", case.lease_return())).status_code == 201
    number = (await desk.certificate(service_reference=reference)).certificate_number
    _, answer = await register_too(case, desk, certificate=number)
    assert answer.status_code == 201, answer.text
    assert answer.json()["product_id"] == case.product_id
    assert await kinds(desk) == [ContactChanged, ProductRegistered, CertificateRedeemed]


@pytest.mark.requirement("REG-17")
async def test_a_lease_return_ends_what_runs_on_the_last_billable_day_and_activation_may_say_a_day_before(desk) -> None:
    number = (await desk.certificate(brand="ibm", service_reference="SPAC-ONSITE-36")).certificate_number
    case = await open_case(desk, **IBM, serial=f"78{uuid4().int % 10**5:05}", certificate=number)
    transfer = (await case.dealer.post("/transfers", case.lease_return())).json()
    assert transfer["last_billable_on"] == "2026-12-22"
    ended_on = "SELECT ended_on FROM redemptions WHERE redemption_id = $1"
    redemption_id = UUID(case.registered["redemption_id"])
    pool = desk.room.database.pool
    assert await pool.fetchval(ended_on, redemption_id) == date(2026, 12, 22)
    told = {"activation_id": uuid4(), "service_name": "SPAC", "reason": "transfer", **IBM, **case.registered}
    for day, expected in (("2026-12-22", 22), ("2026-12-20", 20), ("2026-12-21", 20)):
        await desk.room.hear(ServiceEnded.model_validate({**told, "ended_on": day}))
        assert await pool.fetchval(ended_on, redemption_id) == date(2026, 12, expected)


@pytest.mark.requirement("REG-17", "REG-16")
@pytest.mark.parametrize("way", ["contest", "cancellation"])
async def test_a_transfer_that_a_former_holder_reported_does_not_bind_the_next_one(desk, way) -> None:
    case, room = await open_case(desk), desk.room
    stale = (await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))).json()["transfer_id"]
    rival = await taken_over(case, desk, way)
    answer = await rival.post("/transfers", case.lease_return(transferred_on="2026-12-05"))
    assert (answer.status_code, answer.json()["state"]) == (201, "pending"), answer.text
    withdrawn, reported = await desk.said()
    assert isinstance(withdrawn, TransferWithdrawn)
    assert (str(withdrawn.transfer_id), str(withdrawn.customer_id)) == (stale, case.registered["customer_id"])
    assert isinstance(reported, TransferReported)
    assert (await case.owner.get(f"/transfers/{stale}")).json()["state"] == "withdrawn"
    assert await room.database.pool.fetchval(TIMERS, stale) == 0
    assert await room.database.pool.fetchval(TIMERS, answer.json()["transfer_id"]) == 1


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_a_report_while_the_former_holders_timer_goes_off_settles_their_transfer_once(desk) -> None:
    room = desk.room
    for _ in range(8):
        room.clock.set(FIRST - 9 * DAY)
        case = await open_case(desk)
        await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))
        rival = await taken_over(case, desk, "contest")
        room.clock.set(FIRST)
        report = rival.post("/transfers", case.lease_return(transferred_on="2026-12-01"))
        answer, _ = await asyncio.gather(report, room.fire_timers())
        assert answer.status_code == 201, answer.text
        said = await kinds(desk)
        assert sorted(said, key=str) == sorted([TransferReported, ProductTransferred, TransferWithdrawn], key=str)
        assert await room.fire_timers() == 0


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_a_report_while_the_former_holder_withdraws_settles_their_transfer_once(desk) -> None:
    for _ in range(8):
        case = await open_case(desk)
        stale = (await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))).json()["transfer_id"]
        rival = await taken_over(case, desk, "contest")
        report = rival.post("/transfers", case.lease_return(transferred_on="2026-12-05"))
        answer, withdrawal = await asyncio.gather(report, case.owner.post(f"/transfers/{stale}/withdrawal"))
        assert answer.status_code == 201, answer.text
        assert withdrawal.status_code in (200, 409)
        assert (await kinds(desk)).count(TransferWithdrawn) == 1


@pytest.mark.requirement("REG-18", "REG-16")
@pytest.mark.parametrize("way", ["contest", "cancellation"])
async def test_a_move_that_a_former_holder_requested_does_not_bind_the_next_one(desk, way) -> None:
    case = await open_case(desk)
    stale = (await case.owner.post("/moves", case.move())).json()["move_id"]
    rival = await taken_over(case, desk, way)
    assert (await rival.post("/moves", case.move())).status_code == 201
    withdrawn, requested = await desk.said()
    assert isinstance(withdrawn, MoveWithdrawn)
    assert (str(withdrawn.move_id), str(withdrawn.customer_id)) == (stale, case.registered["customer_id"])
    assert isinstance(requested, MoveRequested)
    shown = (await case.owner.get(f"/moves/{stale}")).json()
    assert (shown["state"], [line["by"] for line in shown["history"]]) == ("withdrawn", ["requester", "service"])


@pytest.mark.requirement("REG-18", "REG-17")
@pytest.mark.parametrize("kind", ["sale", "lease_return"])
@pytest.mark.parametrize("day", ["2026-11-22", "2026-12-01"])
async def test_an_open_move_ends_when_the_product_changes_hands(desk, kind, day) -> None:
    case, room = await open_case(desk), desk.room
    move_id = (await case.dealer.post("/moves", case.move())).json()["move_id"]
    await case.staff.post(f"/moves/{move_id}/assignment")
    body = case.sale(transferred_on=day) if kind == "sale" else case.lease_return(transferred_on=day)
    assert (await case.dealer.post("/transfers", body)).status_code == 201
    room.clock.set(FIRST)
    await room.fire_timers()
    assert (await kinds(desk))[-2:] == [MoveWithdrawn, ProductTransferred]
    assert (await case.dealer.get(f"/moves/{move_id}")).json()["state"] == "withdrawn"


@pytest.mark.requirement("REG-17", "REG-16")
async def test_a_transfer_that_waited_for_a_contest_takes_effect_on_that_day_and_is_charged_to_it(desk) -> None:
    case, room = await open_case(desk), desk.room
    transfer = (await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))).json()
    path = f"/transfers/{transfer['transfer_id']}"
    _, contest_id = await claim(case, desk)
    for day in range(19):
        room.clock.set(FIRST + day * DAY)
        assert await room.fire_timers() == 1
        waiting = (await case.owner.get(path)).json()
        tomorrow = (FIRST + (day + 1) * DAY).date().isoformat()
        assert (waiting["state"], waiting["takes_effect_on"]) == ("pending", tomorrow)
    await settle(case, contest_id, "holder_keeps")
    await desk.said()
    room.clock.set(FIRST + 20 * DAY)  # a day late
    assert await room.fire_timers() == 1
    (fact,) = await desk.said()
    assert isinstance(fact, ProductTransferred)
    days = (fact.transferred_on, fact.takes_effect_on, fact.last_billable_on)
    assert days == (date(2026, 12, 1), date(2026, 12, 21), date(2026, 12, 21))
    shown = (await case.owner.get(path)).json()
    assert (shown["takes_effect_on"], shown["last_billable_on"]) == ("2026-12-21", "2026-12-21")


@pytest.mark.requirement("REG-17")
async def test_a_timer_that_is_late_of_itself_moves_no_day_to_the_former_customers_charge(desk) -> None:
    case, room = await open_case(desk), desk.room
    await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))
    await desk.said()
    room.clock.set(FIRST + 3 * DAY)
    await room.fire_timers()
    (fact,) = await desk.said()
    assert (fact.takes_effect_on, fact.last_billable_on) == (date(2026, 12, 1), date(2026, 12, 1))


@pytest.mark.requirement("REG-18")
async def test_the_next_move_starts_where_the_last_one_went_until_the_product_is_another_customers(desk) -> None:
    address = {"street": "Kerkstraat 12", "postal_code": "9000", "city": "Gent", "country": "BE"}
    case = await open_case(desk, customer={**somebody(), "address": address})
    move_id = (await case.owner.post("/moves", case.move(from_country=None))).json()["move_id"]
    for step, words in (("assignment", {}), ("approval", {}), ("execution", {"executed_on": "2026-11-22"})):
        assert (await case.staff.post(f"/moves/{move_id}/{step}", words)).status_code == 200
    same = await case.owner.post("/moves", case.move(from_country=None))
    assert (same.status_code, same.json()["code"]) == (422, "same-country")
    home = await case.owner.post("/moves", case.move(from_country=None, to_country="BE"))
    assert (home.status_code, home.json()["from_country"]) == (201, "CH")
    buyer = {**somebody(), "address": {**address, "country": "FR"}}
    await case.dealer.post("/transfers", case.sale(new_customer=buyer))
    bought = await case.dealer.post("/moves", case.move(from_country=None, to_country="BE"))
    assert (bought.status_code, bought.json()["from_country"]) == (201, "FR")
