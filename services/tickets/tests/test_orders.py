"""Contests, sales and services heard in every order of their topics lead to one customer and one verdict."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations

import pytest
from uuid6 import uuid7

from event_schemas import Event

from .test_transfers import TODAY, customer_of, ended, ticket_of, transferred, verdict

DAY = timedelta(days=1)
LAST = TODAY + 9 * DAY


def orders(*lengths: int) -> list[tuple[int, ...]]:
    """From which topic the next fact comes, in every possible way; the facts of one topic keep their order."""
    places = [topic for topic, length in enumerate(lengths) for _ in range(length)]
    return sorted(set(permutations(places)))


async def hear_all(room, order: Sequence[int], *topics: Sequence[Event]) -> None:
    """Each fact, and at once the same record again."""
    facts = [iter(topic) for topic in topics]
    for topic in order:
        fact = next(facts[topic])
        await room.hear(fact, await room.hear(fact))


@pytest.mark.requirement("REG-16", "REG-17", "TKT-09", "ALL-02")
async def test_a_contest_won_and_a_later_sale_lead_to_one_customer_and_one_verdict_in_every_order(room, another):
    outcomes = set()
    for order in orders(4, 4):
        lost, buyer = another(), uuid7()
        won = another(serial=lost.serial, product_id=lost.product_id, warranty_ends_on=TODAY - DAY)
        registration = (lost.registered(), lost.cancelled(), won.registered(), transferred(won, buyer))
        activation = (lost.activated(), won.activated(), won.operational(), ended(won, LAST))
        await hear_all(room, order, registration, activation)
        owner = await customer_of(room, await ticket_of(room, lost))
        outcomes.add((*await verdict(room, lost), owner == buyer))
    assert outcomes == {("contract", LAST.isoformat(), True)}


@pytest.mark.requirement("REG-16", "REG-17", "TKT-09", "ALL-02")
async def test_what_was_sold_and_then_lost_in_a_contest_is_the_claimants_in_every_order(room, another):
    outcomes = set()
    for order in orders(4, 2):
        lost = another()
        won = another(serial=lost.serial, product_id=lost.product_id, warranty_ends_on=date(2028, 1, 4))
        registration = (lost.registered(), transferred(lost, uuid7()), lost.cancelled(), won.registered())
        await hear_all(room, order, registration, (lost.activated(), ended(lost, LAST)))
        owner = await customer_of(room, await ticket_of(room, lost))
        outcomes.add((*await verdict(room, lost), owner == won.customer_id))
    assert outcomes == {("standard_warranty", "2028-01-04", True)}
