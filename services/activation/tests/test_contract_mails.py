"""A contract tells its customer of many services at once; the facts say which of them (ACT-09, ACT-10, NTF-01)."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from activation_service.activations.handlers import end
from chassis.database import Cause
from event_schemas.activation import EndReason, ServiceActivated, ServiceEnded, ServiceOperational
from event_schemas.activation_contracts import ContractChanged, ContractOpened, ContractRenewed
from event_schemas.registration import CertificateRedeemed

from .agreements import (
    BUYER,
    MAIL_IN,
    ON_SITE,
    at,
    lines,
    load_late_and_anew,
    opened,
    registered,
    renewed,
    said,
    transferred,
)


def agreed(facts) -> list[tuple[str, bool]]:
    return [(fact.NAME, fact.agreed) for fact in facts if hasattr(fact, "agreed")]


@pytest.mark.requirement("ACT-09", "ACT-10", "NTF-01")
async def test_what_a_contract_brings_that_was_agreed_says_so_also_when_it_is_operational(room):
    contract = await opened(room, await registered(room))
    later = lines(await registered(room))
    assert (await room.post(f"/contracts/{contract['contract_id']}/additions", {"lines": later})).status_code == 200
    assert agreed(await room.said()) == [
        ("service.activated", True),
        ("contract.opened", True),
        ("service.activated", True),
        ("contract.changed", True),
    ]
    room.clock.advance(timedelta(days=2))
    await room.fire_timers()
    facts = await said(room, ServiceOperational)
    assert [fact.agreed for fact in facts] == [True, True]


async def redeemed(room, product, service: str) -> UUID:
    unit = product.model_dump(include={"brand", "product_id", "serial", "model", "customer_id"})
    ids = {"redemption_id": uuid4(), "certificate_id": uuid4(), "service_reference": service}
    await room.hear(CertificateRedeemed.model_validate(unit | ids))
    return ids["redemption_id"]


@pytest.mark.requirement("ACT-09", "NTF-01")
async def test_what_codes_bring_is_told_by_each_service_and_so_is_what_a_buyer_gets_with_a_product(room):
    product = await registered(room)
    unit = await redeemed(room, product, MAIL_IN)
    assert agreed(await room.said()) == [("service.activated", False), ("contract.opened", False)]
    room.clock.advance(timedelta(days=2))
    await room.fire_timers()
    (fact,) = await said(room, ServiceOperational)
    assert not fact.agreed
    await room.hear(transferred(product, redemption_ids=[unit]))
    (opening,) = await said(room, ContractOpened)
    assert (opening.customer_id, opening.agreed) == (BUYER, False)


@pytest.mark.requirement("ACT-10", "NTF-01")
async def test_services_that_start_anew_with_a_renewal_were_agreed_whoever_opened_the_contract(room, tmp_path):
    load_late_and_anew(tmp_path)
    product = await registered(room, brand="d-link", model="DGS-3130")
    await redeemed(room, product, "DAS-C-12")
    (opening,) = await said(room, ContractOpened)
    at(room, "2027-11-25", brand="d-link")
    assert (await renewed(room, {"contract_id": opening.contract_id})).status_code == 200
    facts = await said(room, ContractRenewed, ServiceActivated, ContractChanged)
    assert agreed(facts) == [("contract.renewed", False), ("service.activated", True), ("contract.changed", False)]


@pytest.mark.requirement("ACT-10", "NTF-01")
async def test_several_services_that_go_out_at_once_are_told_together_and_a_single_one_by_itself(room):
    contract = await opened(room, await registered(room), await registered(room), services=[MAIL_IN, ON_SITE])
    first, second, third, _ = (line["activation_id"] for line in contract["lines"])
    at(room, "2027-08-31")
    await room.said()
    path = f"/contracts/{contract['contract_id']}/removals"
    assert (await room.post(path, {"reason": "notice", "lines": [first, second]})).status_code == 200
    changed, *ended = await said(room, ContractChanged, ServiceEnded)
    assert (len(changed.removed), changed.removed_until) == (2, date(2027, 9, 30))
    assert [fact.together for fact in ended] == [True, True]
    assert (await room.post(path, {"reason": "notice", "lines": [third]})).status_code == 200
    changed, alone = await said(room, ContractChanged, ServiceEnded)
    assert (changed.removed_until, alone.together) == (None, False)


@pytest.mark.requirement("ACT-07", "ACT-11")
@pytest.mark.parametrize(
    ("reason", "last_day"), [("termination", date(2026, 11, 23)), ("removal", date(2026, 11, 23)), ("transfer", None)]
)
async def test_a_service_that_ends_in_its_set_up_is_paid_for_to_its_last_day_unless_its_product_has_gone(
    room, reason, last_day
):
    contract = await opened(room, await registered(room))
    (line,) = contract["lines"]
    async with room.database.transaction(Cause("test")) as tx:
        ended = await end(UUID(line["activation_id"]), date(2026, 11, 23), EndReason(reason), tx)
    assert ended.ended_on == (last_day or date(2026, 11, 22))
    await room.said()
    room.clock.advance(timedelta(days=5))
    await room.fire_timers()
    assert await said(room, ServiceOperational) == []  # its set-up would have been over on the 24th
