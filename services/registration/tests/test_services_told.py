"""Services that go on, were activated in error, or came with a contract; any order, any repetition (ACT-10, ACT-14)."""

from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.support.catalogue import offer
from tests.support.rooms import MORNING

from event_schemas import Event
from event_schemas.activation import (
    ActivationCancelled,
    EndReason,
    ServiceActivated,
    ServiceEnded,
    ServiceExtended,
    ServiceOperational,
)
from event_schemas.registration import CancellationReason, CertificateRedeemed, ProductRegistered, RegistrationCancelled
from event_schemas.registration_cases import ProductTransferred

from .asking import READY, Asker
from .casework import customer, dealer, somebody
from .conftest import NUMBERS, Desk, refused

FIRST, SECOND, THIRD = "2027-11-21", "2028-11-21", "2029-11-21"


class Service:
    """One service of one product, as activation tells of it."""

    def __init__(self, desk: Desk, redeemed: CertificateRedeemed, **changes: Any) -> None:
        self.desk, self.redeemed = desk, redeemed
        names = ("brand", "product_id", "serial", "service_reference", "customer_id", "redemption_id")
        self.said = {name: getattr(redeemed, name) for name in names}
        self.said |= {"activation_id": uuid4(), "service_name": "Pack", **changes}

    def activated(self, ends_on: str = FIRST) -> ServiceActivated:
        level = {"response_level": "on-site", "activated_at": MORNING, "operational_at": READY}
        return ServiceActivated(**self.said, **level, ends_on=ends_on)

    def operational(self, ends_on: str = FIRST) -> ServiceOperational:
        told = {name: value for name, value in self.said.items() if name != "redemption_id"}
        return ServiceOperational(**told, response_level="on-site", operational_at=READY, ends_on=ends_on)

    def extended(self, before: str, ends_on: str) -> ServiceExtended:
        return ServiceExtended(**self.said, previous_ends_on=before, ends_on=ends_on)

    def ended(self, ended_on: str) -> ServiceEnded:
        return ServiceEnded(**self.said, ended_on=ended_on, reason=EndReason.TERMINATION)

    def cancelled(self) -> ActivationCancelled:
        return ActivationCancelled(**self.said)

    async def shown(self) -> list[tuple[str, str, str | None]]:
        asker = Asker(self.desk.room, f"198.51.100.{next(NUMBERS) % 256}")
        [product] = await asker.products(self.redeemed.serial)
        return [(one["service_reference"], one["state"], one["ends_on"]) for one in product["services"]]

    async def row(self) -> tuple[Any, ...]:
        """What stands in the tables and among the timers, but for ids."""
        pool, redemption = self.desk.room.database.pool, self.said["redemption_id"]
        columns = "is_operational, operational_at, ends_on, ended_on, activated_at, cancelled"
        service = await pool.fetchrow(f"SELECT {columns} FROM services WHERE redemption_id = $1", redemption)
        unit = "SELECT ended_on, cancellation_reason FROM redemptions WHERE redemption_id = $1"
        timer = "SELECT due_at FROM timer WHERE subject = $1"
        rows = await pool.fetchrow(unit, redemption), await pool.fetchval(timer, str(redemption))
        return tuple(service), rows[0] and tuple(rows[0]), rows[1]


@pytest.fixture
async def service(desk) -> Service:
    await desk.room.database.pool.execute("DELETE FROM timer")
    return await redeemed(desk)


async def redeemed(desk: Desk) -> Service:
    issued = await desk.certificate()
    answer = await desk.register(issued.certificate_number)
    assert answer.status_code == 201, answer.text
    return Service(desk, next(fact for fact in await desk.said() if isinstance(fact, CertificateRedeemed)))


async def hear(desk: Desk, *facts: Event) -> list[Event]:
    for fact in facts:
        await desk.room.hear(fact)
    return await desk.said()


@pytest.mark.requirement("ACT-10", "REG-23")
async def test_the_facts_of_a_renewed_service_lead_to_the_same_in_any_order_and_however_often(desk) -> None:
    seen = set()
    for order in permutations(range(4)):
        one = await redeemed(desk)
        facts = one.activated(), one.operational(), one.extended(FIRST, SECOND), one.extended(SECOND, THIRD)
        await hear(desk, *(facts[place] for place in (*order, order[0], order[2])))
        seen.add(await one.row())
    assert await one.shown() == [("PPCP013FR-VGAD", "operational", THIRD)]
    assert len(seen) == 1
    (_, _, due_at), *_ = seen
    assert due_at == datetime(2029, 11, 21, 23, tzinfo=UTC)


@pytest.mark.requirement("ACT-10", "ACT-11")
async def test_a_renewed_service_that_is_ended_ends_on_that_day_in_any_order(desk) -> None:
    seen = set()
    for order in permutations(range(3)):
        one = await redeemed(desk)
        facts = one.activated(), one.extended(FIRST, SECOND), one.ended("2028-01-31")
        await hear(desk, *(facts[place] for place in (*order, order[1])))
        assert await one.shown() == [("PPCP013FR-VGAD", "active", "2028-01-31")]
        seen.add(await one.row())
    assert len(seen) == 1
    ((_, unit, _),) = seen
    assert unit == (date(2028, 1, 31), None)


@pytest.mark.requirement("ACT-10", "REG-13")
async def test_a_service_renewed_before_its_end_keeps_its_place_until_the_new_end(desk, service) -> None:
    await hear(desk, service.activated(), service.extended(FIRST, SECOND))
    fresh = (await desk.certificate()).certificate_number
    product = {"serial": service.redeemed.serial, "purchased_on": "2026-11-20"}
    desk.room.clock.set(datetime(2027, 11, 21, 23, tzinfo=UTC))
    assert await desk.room.fire_timers() == 0
    assert await service.shown() == [("PPCP013FR-VGAD", "active", SECOND)]
    desk.room.clock.set(datetime(2028, 11, 21, 23, tzinfo=UTC))
    assert await desk.room.fire_timers() == 1
    assert await service.shown() == [("PPCP013FR-VGAD", "ended", SECOND)]
    answer = await desk.register(fresh, **product)
    assert answer.json()["code"] == "standard-warranty-over"  # and no longer: registered already


@pytest.mark.requirement("ACT-10", "REG-13")
async def test_a_service_renewed_after_its_end_takes_its_place_again(desk, service) -> None:
    await hear(desk, service.activated())
    desk.room.clock.set(datetime(2027, 11, 25, tzinfo=UTC))
    assert await desk.room.fire_timers() == 1
    path = f"/registrations/{service.redeemed.redemption_id}"
    assert (await desk.room.get(path)).json()["state"] == "ended"
    await hear(desk, service.extended(FIRST, SECOND))
    assert (await desk.room.get(path)).json()["state"] == "registered"
    desk.room.clock.set(datetime(2028, 11, 21, 23, tzinfo=UTC))
    assert await desk.room.fire_timers() == 1
    assert (await desk.room.get(path)).json()["ended_on"] == SECOND


@pytest.mark.requirement("ACT-10", "REG-13")
async def test_a_service_that_was_registered_anew_meanwhile_is_not_displaced_by_a_late_renewal(desk, service) -> None:
    await hear(desk, service.activated(ends_on="2026-12-01"))
    desk.room.clock.set(datetime(2026, 12, 5, tzinfo=UTC))
    assert await desk.room.fire_timers() == 1
    fresh = (await desk.certificate()).certificate_number
    answer = await desk.register(fresh, serial=service.redeemed.serial)
    assert answer.status_code == 201, answer.text
    await hear(desk, service.extended("2026-12-01", FIRST))
    details = (await desk.room.get(f"/products/{service.redeemed.product_id}")).json()
    assert [one["redemption_id"] for one in details["services"]] == [answer.json()["redemption_id"]]


@pytest.mark.requirement("ACT-14", "REG-09")
async def test_an_activation_in_error_gives_its_unit_back_once_and_the_product_stays_registered(desk, service) -> None:
    await hear(desk, service.activated())
    certificate = service.redeemed.certificate_id
    assert (await desk.ledger(certificate))["units_left"] == 2
    facts = await hear(desk, service.cancelled(), service.cancelled(), service.activated())
    names = ("brand", "product_id", "redemption_id", "service_reference", "serial", "customer_id")
    said = {name: service.said[name] for name in names}
    reason = CancellationReason.ACTIVATION_CANCELLED
    assert facts == [RegistrationCancelled(**said, certificate_id=certificate, reason=reason)]
    ledger = await desk.ledger(certificate)
    assert (ledger["units_left"], [one["reason"] for one in ledger["entries"]]) == (
        3,
        ["redeemed", "activation_cancelled"],
    )
    assert (await desk.room.get(f"/products/{service.redeemed.product_id}")).json()["services"] == []
    assert await service.shown() == []
    assert await desk.room.database.pool.fetchval("SELECT count(*) FROM timer") == 0


@pytest.mark.requirement("ACT-14")
async def test_a_cancellation_by_activation_and_one_by_the_customer_give_one_unit_back(desk, service) -> None:
    path = f"/registrations/{service.redeemed.redemption_id}"
    assert (await desk.room.post(f"{path}/cancellation", {})).status_code == 200
    await desk.said()
    assert await hear(desk, service.activated(), service.cancelled()) == []
    assert (await desk.ledger(service.redeemed.certificate_id))["units_left"] == 3
    assert (await desk.room.get(path)).json()["cancellation_reason"] == "customer_request"


@pytest.mark.requirement("ACT-09", "REG-23")
async def test_services_that_a_contract_brought_are_shown_in_the_public_check_and_do_no_harm(desk, service) -> None:
    contract = Service(desk, service.redeemed, redemption_id=uuid4(), service_reference="EXT2FR-X40")
    before = await desk.rows()
    facts = contract.operational(), contract.activated(), contract.extended(FIRST, SECOND)
    assert await hear(desk, *facts) == []
    assert await desk.rows() == before
    shown = sorted(await service.shown())
    assert shown == [("EXT2FR-X40", "operational", SECOND), ("PPCP013FR-VGAD", "registered", None)]
    desk.room.clock.set(datetime(2028, 11, 21, 23, tzinfo=UTC))
    assert await desk.room.fire_timers() == 1
    assert ("EXT2FR-X40", "ended", SECOND) in await service.shown()
    assert await hear(desk, contract.cancelled()) == []
    assert await service.shown() == [("PPCP013FR-VGAD", "registered", None)]


@pytest.mark.requirement("ACT-06", "ACT-09")
async def test_no_unit_is_taken_for_a_service_that_a_contract_gives_as_long_as_it_does(desk) -> None:
    one = await redeemed(desk)
    contract = Service(desk, one.redeemed, redemption_id=uuid4(), service_reference="EXT2FR-X40")
    await desk.room.hear(offer(reference="EXT2FR-X40", revision=2, models=["*"]))
    await hear(desk, contract.activated())
    issued = await desk.certificate(service_reference="EXT2FR-X40")
    sent = {"serial": one.redeemed.serial}
    error = refused(await desk.register(issued.certificate_number, **sent), 409, "service-under-contract", "/serial")
    assert FIRST in error["detail"]
    assert (await desk.ledger(issued.certificate_id))["units_left"] == 3
    await hear(desk, contract.ended("2026-12-31"))
    assert (await desk.register(issued.certificate_number, **sent)).status_code == 201


@pytest.mark.requirement("ACT-09", "ACT-11")
async def test_a_service_of_a_contract_ends_before_its_time_in_any_order(desk) -> None:
    seen = []
    for order in permutations(range(3)):
        unit = await redeemed(desk)
        one = Service(desk, unit.redeemed, redemption_id=uuid4(), service_reference="EXT2FR-X40")
        facts = one.activated(), one.ended("2027-03-31"), one.operational()
        await hear(desk, *(facts[place] for place in (*order, order[0])))
        seen.append(sorted(await one.shown()))
    assert seen == [[("EXT2FR-X40", "operational", "2027-03-31"), ("PPCP013FR-VGAD", "registered", None)]] * 6


@pytest.mark.requirement("ACT-02", "REG-17")
async def test_whose_file_a_product_is_is_said_when_it_is_registered_and_when_it_changes_hands(desk) -> None:
    seller = dealer(desk.room)
    issued = await desk.certificate()
    body = {"brand": "dynabook", "certificate": issued.certificate_number, "serial": desk.serial()}
    body |= {"model": "PT5B1E-0K601", "purchased_on": "2026-11-20", "customer": somebody()}
    view = (await seller.post("/registrations", body)).json()
    [registered] = [fact for fact in await desk.said() if isinstance(fact, ProductRegistered)]
    organisation = UUID(seller.claims["organisation"])
    own = f"{seller.claims['sub']}@{organisation}"
    assert (registered.registered_by, registered.organisation_id) == (own, organisation)
    sale = {"kind": "sale", "transferred_on": "2026-11-22", "reason": "Sold.", "new_customer": somebody()}
    answer = await seller.post("/transfers", {"product_id": view["product_id"], **sale})
    assert answer.status_code == 201, answer.text
    [moved] = [fact for fact in await desk.said() if isinstance(fact, ProductTransferred)]
    assert (moved.registered_by, moved.organisation_id) == (own, organisation)
    buyer = customer(desk.room, str(moved.to_customer_id))
    answer = await buyer.post("/transfers", {"product_id": view["product_id"], **sale, "new_customer": somebody()})
    assert answer.status_code == 201, answer.text
    [again] = [fact for fact in await desk.said() if isinstance(fact, ProductTransferred)]
    assert (again.registered_by, again.organisation_id) == (None, None)  # nobody's but the new customer's
