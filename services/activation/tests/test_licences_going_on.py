"""A licence goes on with the next service: what was said of it in between is put right (ACT-12)."""

from datetime import date

import pytest

from event_schemas.activation_contracts import LicenceIssued, LicenceMaintenanceLapsed, LicenceMaintenanceReinstated
from event_schemas.registration import CertificateRedeemed

from .asking import Person, at
from .licensing import bought, cleared, licences, loaded


@pytest.fixture
async def here(room):
    return await cleared(room)


async def said_by_timers(room) -> list:
    while await room.fire_timers():
        pass
    return [fact for fact in await room.said() if fact.NAME.startswith("licence.")]


async def redeem_again(room, unit: CertificateRedeemed) -> list:
    """What is said of licences when another unit is redeemed for the same product."""
    again = {name: getattr(unit, name) for name in CertificateRedeemed.model_fields}
    await room.hear(CertificateRedeemed.model_validate(again | {"redemption_id": unit.certificate_id}))
    return [fact for fact in await room.said() if fact.NAME.startswith("licence.")]


@pytest.mark.requirement("ACT-12")
async def test_a_licence_that_lapsed_this_morning_goes_on_with_a_new_service_and_everybody_hears_it(here):
    holder = Person(here)
    await loaded(here, "KEY-1", "KEY-2")
    _, _, unit = await bought(holder)
    at(here, "2029-11-22", "00:00")
    (lapsed,) = await said_by_timers(here)
    assert isinstance(lapsed, LicenceMaintenanceLapsed)
    at(here, "2029-11-22", "10:00")
    (again,) = await redeem_again(here, unit)
    assert isinstance(again, LicenceMaintenanceReinstated)
    assert (again.licence_id, again.maintained_until, again.fee.amount) == (lapsed.licence_id, date(2032, 11, 21), 0)
    (shown,) = await licences(holder)
    assert (shown["maintenance"], shown["maintained_until"]) == ("running", "2032-11-21")


@pytest.mark.requirement("ACT-12")
async def test_a_day_later_a_new_service_brings_another_licence_with_a_key_of_its_own(here):
    holder = Person(here)
    await loaded(here, "KEY-1", "KEY-2")
    _, (first,), unit = await bought(holder)
    at(here, "2029-11-23", "00:00")
    await said_by_timers(here)
    (second,) = await redeem_again(here, unit)
    assert isinstance(second, LicenceIssued)
    assert second.licence_id != first.licence_id
    assert [one["maintenance"] for one in await licences(holder)] == ["running", "lapsed"]
