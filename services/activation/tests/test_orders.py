"""Certificates, cancellations and changes of hands in every order lead to one outcome and leave nothing behind."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest

from activation_service.redemptions.forgetting import forget
from event_schemas.activation import ActivationRefused

from .facts import of_services
from .test_transfers import BUYER, ENDS, FOLLOWS, LAST, services, taken_back, transferred

DAY = timedelta(days=1)
KEPT = "SELECT count(*) FROM transfers WHERE applied_at IS NULL"
CLAIMANT = UUID(int=8)


async def timers(room) -> set[str]:
    return {
        row["subject"] for row in await room.database.pool.fetch("SELECT subject FROM timer WHERE kind = 'setup-over'")
    }


@pytest.mark.requirement("REG-16", "REG-17", "ALL-02")
@pytest.mark.parametrize("offer", [ENDS, FOLLOWS])
async def test_a_contest_won_and_a_later_sale_lead_to_the_same_services_in_every_order_and_twice(room, redeemed, offer):
    for order in permutations(range(4)):
        lost = redeemed(**offer)
        won = lost.model_copy(update={"redemption_id": uuid4(), "customer_id": CLAIMANT})
        facts = (lost, taken_back(lost), won, transferred(won))
        for place in (*order, *reversed(order)):
            await room.hear(facts[place])
        assert await room.database.pool.fetchval(KEPT) == 0
        live = [one for one in await services(room, lost) if one[0] != "cancelled"]
        expected = ("ended", LAST.isoformat(), CLAIMANT) if offer is ENDS else ("in_setup", None, BUYER)
        assert live == [expected], order
        of = "SELECT activation_id::text FROM activations WHERE redemption_id = $1"
        assert await timers(room) == {await room.database.pool.fetchval(of, won.redemption_id)}, order
        await room.database.pool.execute("DELETE FROM timer")


@pytest.mark.requirement("REG-16", "REG-17", "ALL-02")
async def test_what_was_sold_and_then_lost_in_a_contest_runs_for_the_claimant_only_in_every_order(room, redeemed):
    for order in permutations(range(4)):
        lost = redeemed(**FOLLOWS)
        won = lost.model_copy(update={"redemption_id": uuid4(), "customer_id": CLAIMANT})
        facts = (lost, transferred(lost), taken_back(lost), won)
        for place in (*order, *reversed(order)):
            await room.hear(facts[place])
        assert await room.database.pool.fetchval(KEPT) == 0, order
        assert [one for one in await services(room, lost) if one[0] != "cancelled"] == [("in_setup", None, CLAIMANT)]


@pytest.mark.requirement("REG-17")
async def test_a_transfer_of_a_unit_that_was_refused_or_taken_back_is_not_kept(room, redeemed):
    refused, back = redeemed(brand="ibm"), redeemed(**FOLLOWS)
    await room.hear(refused)
    assert isinstance((await of_services(room))[-1], ActivationRefused)
    await room.hear(taken_back(back))
    for unit in (refused, back):
        await room.hear(transferred(unit))
    assert await room.database.pool.fetchval(KEPT) == 0


@pytest.mark.requirement("REG-17")
async def test_a_transfer_that_waits_for_its_certificate_is_forgotten_after_four_hundred_days(room, redeemed):
    old, young = redeemed(**FOLLOWS), redeemed(**FOLLOWS)
    await room.hear(transferred(old))
    room.clock.advance(DAY)
    await room.hear(transferred(young))
    room.clock.advance(399 * DAY)
    await forget(room.database)
    assert await room.database.pool.fetchval(KEPT) == 2
    room.clock.advance(timedelta(seconds=1))
    await forget(room.database)
    left = await room.database.pool.fetch("SELECT redemption_id FROM transfers")
    assert [row["redemption_id"] for row in left] == [young.redemption_id]
    await room.database.pool.execute("DELETE FROM transfers")
