"""A service that has run its full time gives its place to a new one; until then it keeps it (REG-13, REG-23)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from event_schemas.registration import CertificateRedeemed

from .asking import Asker, story
from .conftest import NUMBERS, Desk

CONTRACT = {"brand": "ibm", "service_reference": "SPAC-ONSITE-36"}
"""It may be registered after the standard warranty too."""
MACHINE = {"brand": "ibm", "model": "9009-42A"}
LAST_MINUTE = datetime(2029, 11, 22, 4, 59, tzinfo=UTC)
"""Of the service's last day in Toronto, where the brand is."""
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def asker(desk: Desk) -> Asker:
    """Somebody with an address of their own, before the first timer."""
    await desk.room.database.pool.execute("DELETE FROM timer")
    return Asker(desk.room, f"198.51.100.{next(NUMBERS) % 256}")


def serial_of(desk: Desk) -> str:
    """A serial number of the machines that no other test uses."""
    return str(desk.serial())[-7:]


async def redeemed(desk: Desk, serial: str, certificate: str) -> tuple[dict[str, Any], CertificateRedeemed]:
    """A registration, and what was said of its unit."""
    answer = await desk.register(certificate, serial=serial, **MACHINE)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()), next(fact for fact in await desk.said() if isinstance(fact, CertificateRedeemed))


async def activated(desk: Desk, serial: str) -> dict[str, Any]:
    """A registration whose service is active until 21 November 2029."""
    registered, unit = await redeemed(desk, serial, (await desk.certificate(**CONTRACT)).certificate_number)
    for fact in story(unit)[:2]:
        await desk.room.hear(fact)
    return registered


async def services_at(asker: Asker, serial: str) -> list[tuple[str, str | None]]:
    [product] = await asker.products(serial, brand="ibm")
    return [(one["state"], one["ends_on"]) for one in product["services"]]


@pytest.mark.requirement("REG-13", "REG-23")
async def test_after_its_last_day_the_same_service_is_registered_again_and_the_check_shows_the_new_one(
    desk: Desk, asker: Asker
) -> None:
    room, serial = desk.room, serial_of(desk)
    old = await activated(desk, serial)
    fresh = (await desk.certificate(**CONTRACT)).certificate_number
    room.clock.set(LAST_MINUTE)
    assert await room.fire_timers() == 0
    blocked = await desk.register(fresh, serial=serial, **MACHINE)
    assert (blocked.status_code, blocked.json()["code"]) == (409, "serial-already-registered")
    assert await services_at(asker, serial) == [("operational", "2029-11-21")]
    room.clock.advance(MINUTE)
    assert await room.fire_timers() == 1
    assert await services_at(asker, serial) == [("ended", "2029-11-21")]
    again = await desk.register(fresh, serial=serial, **MACHINE)
    assert again.status_code == 201, again.text
    assert again.json()["product_id"] == old["product_id"]
    assert CertificateRedeemed in {type(fact) for fact in await desk.said()}
    assert await services_at(asker, serial) == [("registered", None)]


@pytest.mark.requirement("REG-09", "REG-13")
async def test_a_service_that_has_run_its_time_is_shown_as_ended_and_gives_no_unit_back(
    desk: Desk, asker: Asker
) -> None:
    room, old = desk.room, await activated(desk, serial_of(desk))
    room.clock.set(LAST_MINUTE + MINUTE)
    assert await room.fire_timers() == 1
    shown = (await room.get(f"/registrations/{old['redemption_id']}")).json()
    assert (shown["state"], shown["ended_on"]) == ("ended", "2029-11-21")
    assert (await room.get(f"/products/{old['product_id']}")).json()["services"] == []
    answer = await room.post(f"/registrations/{old['redemption_id']}/cancellation", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "service-ended")
    assert (await desk.ledger(old["certificate_id"]))["units_left"] == 2


@pytest.mark.requirement("REG-17")
async def test_a_service_that_ended_before_keeps_its_own_last_day(desk: Desk, asker: Asker) -> None:
    room, serial = desk.room, serial_of(desk)
    registered, unit = await redeemed(desk, serial, (await desk.certificate(**CONTRACT)).certificate_number)
    for fact in reversed(story(unit)):
        await room.hear(fact)
    room.clock.set(LAST_MINUTE + MINUTE)
    assert await room.fire_timers() == 1
    ended_on = await room.database.pool.fetchval(
        "SELECT ended_on FROM redemptions WHERE redemption_id = $1", UUID(registered["redemption_id"])
    )
    assert ended_on.isoformat() == "2026-12-24"


@pytest.mark.requirement("REG-17", "REG-23")
async def test_a_service_that_still_runs_out_is_shown_beside_the_new_one_until_its_last_day(
    desk: Desk, asker: Asker
) -> None:
    room, serial = desk.room, serial_of(desk)
    certificate = (await desk.certificate(**CONTRACT)).certificate_number
    _, unit = await redeemed(desk, serial, certificate)
    for fact in story(unit):
        await room.hear(fact)
    assert (await desk.register(certificate, serial=serial, **MACHINE)).status_code == 201
    assert await services_at(asker, serial) == [("operational", "2026-12-24"), ("registered", None)]
    room.clock.set(datetime(2026, 12, 25, 5, 0, tzinfo=UTC))
    assert await services_at(asker, serial) == [("registered", None)]
