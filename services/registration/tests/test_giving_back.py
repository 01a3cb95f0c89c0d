"""A service that cannot run gives its unit back, once."""

import asyncio
from collections import Counter
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from event_schemas.activation import ActivationRefusal, ActivationRefused
from event_schemas.registration import (
    CancellationReason,
    CertificateRedeemed,
    RegistrationCancelled,
)


def refusal_of(view: dict[str, str]) -> ActivationRefused:
    return ActivationRefused(
        brand="dynabook",
        product_id=UUID(view["product_id"]),
        redemption_id=UUID(view["redemption_id"]),
        serial=view["serial"],
        service_reference="PPCP013FR-VGAD",
        customer_id=UUID(view["customer_id"]),
        reason=ActivationRefusal.MODEL_NOT_COVERED,
    )


@pytest.mark.requirement("REG-09")
async def test_a_refused_activation_gives_the_unit_back_and_somebody_else_can_redeem_it(desk) -> None:
    issued = await desk.certificate(quantity=1)
    view = (await desk.register(issued.certificate_number)).json()
    assert (await desk.register(issued.certificate_number)).status_code == 409
    await desk.said()
    await desk.room.hear(refusal_of(view))
    assert await desk.said() == [
        RegistrationCancelled(
            brand="dynabook",
            product_id=UUID(view["product_id"]),
            redemption_id=UUID(view["redemption_id"]),
            certificate_id=issued.certificate_id,
            service_reference="PPCP013FR-VGAD",
            serial=view["serial"],
            customer_id=UUID(view["customer_id"]),
            reason=CancellationReason.ACTIVATION_REFUSED,
        )
    ]
    ledger = await desk.ledger(issued.certificate_id)
    assert ledger["units_left"] == 1
    assert [(entry["redemption_id"], entry["change"]) for entry in ledger["entries"]] == [
        (view["redemption_id"], -1),
        (view["redemption_id"], 1),
    ]
    assert (await desk.register(issued.certificate_number)).status_code == 201


@pytest.mark.requirement("REG-09")
async def test_a_unit_comes_back_once_however_often_and_in_whatever_events_the_refusal_arrives(desk) -> None:
    issued = await desk.certificate()
    view = (await desk.register(issued.certificate_number)).json()
    await desk.said()
    event_id = await desk.room.hear(refusal_of(view))
    await desk.room.hear(refusal_of(view), event_id)
    await asyncio.gather(*(desk.room.hear(refusal_of(view)) for _ in range(10)))
    assert len(await desk.said()) == 1
    ledger = await desk.ledger(issued.certificate_id)
    assert (ledger["units_left"], [entry["change"] for entry in ledger["entries"]]) == (3, [-1, 1])


async def test_a_refusal_of_a_redemption_that_nobody_made_changes_nothing(desk) -> None:
    before = await desk.rows()
    stranger = {name: str(uuid4()) for name in ("product_id", "redemption_id", "customer_id")}
    await desk.room.hear(refusal_of({**stranger, "serial": "9H0123456X"}))
    assert await desk.rows() == before


async def test_the_same_serial_can_be_registered_again_after_its_unit_came_back(desk) -> None:
    issued, serial = await desk.certificate(), desk.serial()
    first = (await desk.register(issued.certificate_number, serial=serial)).json()
    await desk.room.hear(refusal_of(first))
    await desk.said()
    second = (await desk.register(issued.certificate_number, serial=serial)).json()
    assert second["product_id"] == first["product_id"]
    assert second["redemption_id"] != first["redemption_id"]
    assert [type(fact) for fact in await desk.said()] == [CertificateRedeemed]


@pytest.mark.requirement("REG-09")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.sampled_from(["take", "return"]), min_size=1, max_size=12), quantity=st.integers(1, 4))
async def test_in_any_order_of_taking_and_returning_the_entries_sum_to_the_units_left(desk, deeds, quantity) -> None:
    issued = await desk.certificate(quantity=quantity)
    held: list[dict[str, str]] = []
    for deed in deeds:
        if deed == "take":
            answer = await desk.register(issued.certificate_number)
            assert answer.status_code == (201 if len(held) < quantity else 409)
            held += [answer.json()] if answer.status_code == 201 else []
        elif held:
            await desk.room.hear(refusal_of(held.pop(0)))
    ledger = await desk.ledger(issued.certificate_id)
    assert ledger["units_left"] == quantity - len(held)
    assert quantity + sum(entry["change"] for entry in ledger["entries"]) == ledger["units_left"]
    by_redemption = Counter(entry["redemption_id"] for entry in ledger["entries"])
    assert {one for one, times in by_redemption.items() if times == 1} == {view["redemption_id"] for view in held}
