"""A sale that never had its turn does not get it after a later one (REG-17, ALL-02)."""

from datetime import date
from itertools import permutations
from uuid import UUID

import pytest
from uuid6 import uuid7

from event_schemas.activation_contracts import ContractOpened, ContractTerminated

from .test_transfers import BUYER, FOLLOWS, transferred


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_a_sale_by_whom_the_service_left_is_not_applied_when_it_comes_back_to_them(room, redeemed):
    """After the buyer's lease the seller has the product again; the service, over by then anyway, is the buyer's."""
    for order in permutations(range(4)):
        unit = redeemed(**FOLLOWS)
        seller = unit.customer_id
        sales = [
            transferred(unit),
            transferred(
                unit,
                kind="lease_return",
                from_customer_id=BUYER,
                to_customer_id=None,
                last_billable_on=date(2030, 1, 1),
            ),
            transferred(unit),
            transferred(unit, from_customer_id=BUYER, to_customer_id=seller),
        ]
        ids = [uuid7() for _ in sales]
        await room.hear(unit)
        for place in order:
            await room.hear(sales[place], ids[place])
        (item,) = (await room.get(f"/activations?serial={unit.serial}")).json()["items"]
        assert (UUID(item["customer_id"]), item["state"]) == (seller, "in_setup"), order
        said = await room.said()
        opened = [fact.customer_id for fact in said if isinstance(fact, ContractOpened)]
        assert opened == [seller, BUYER, seller], order
        assert len([fact for fact in said if isinstance(fact, ContractTerminated)]) == 2
