"""Whatever order facts come in, and however often, the same is known and the same was said in the end (ALL-02).

What registration says of one product travels in one partition, in its order; a redriven letter or a replayed topic
comes out of it. Every order leads to the same tables and the same facts, within these bounds:

- A request is made before its unit is redeemed or its code refused: nobody answers what was not asked.
- A unit whose cancellation is heard first never becomes a service: nothing is said that would have to be unsaid.
- A move waits for the sale that came before it in truth; a sale does not wait for a move that nobody has heard of.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from . import stories

EXAMPLES = int(os.environ.get("FUZZ", "25"))
FACTS = range(12)
ONCE = st.permutations(FACTS)
AGAIN = st.lists(st.sampled_from(FACTS), max_size=8).flatmap(lambda more: st.permutations([*FACTS, *more]))


@pytest.fixture(scope="module")
async def sold_and_moved(one_room):
    """The room with offers that follow, end, and are given in some countries; what in-order delivery leads to."""
    for reference, content in stories.OFFERS.items():
        named = dict.fromkeys(("en", "fr", "nl"), reference)
        common = {"brand": "ibm", "reference": reference, "name": named, "duration_months": 24}
        usual = {"response_level": "mail-in", "models": ["9009-*"], "terms_version": "2026-01"}
        answer = await one_room.post("/offers", common | usual | content)
        assert answer.status_code == 201, answer.text
    story = await stories.begin(one_room)
    await story.hear(FACTS)
    return one_room, await stories.outcome(story)


@pytest.mark.requirement("ALL-02", "REG-17", "REG-18", "ACT-05")
def test_in_order_the_story_ends_as_registration_told_it(sold_and_moved):
    _, expected = sold_and_moved
    services = [json.loads(row) for row in expected["activations"]]
    told = {one["service_reference"]: (one["state"], one["ended_on"], one["customer_id"]) for one in services}
    assert told == {
        "GOES-ON-24": ("in_setup", None, "<carla>"),
        "ENDS-24": ("ended", "2026-12-22", "<anna>"),
        "BENELUX-24": ("ended", "2026-11-22", "<carla>"),
    }
    assert all(one["site_number"] is None for one in services)
    states = [json.loads(row)["state"] for row in expected["activation_items"]]
    assert sorted(states) == ["activated", "held", "refused"]
    counts = {fact: len(said) for fact, said in expected.items() if fact.endswith(".v1")}
    assert counts == {
        "service.activated.v1": 3,
        "service.ended.v1": 2,
        "site.assigned.v1": 1,
        "activation.held.v1": 1,
        "licence.issued.v1": 1,
        "contract.opened.v1": 7,  # Anna's three; Bert's and Carla's for what goes on, and for the Benelux service
        "contract.terminated.v1": 6,  # all but Carla's for what goes on
    }


@pytest.mark.requirement("ALL-02", "ACT-01", "ACT-02", "ACT-05", "REG-17", "REG-18")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a shorter order would not say more
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.one_of(ONCE, AGAIN))
async def test_facts_in_any_order_and_told_again_lead_to_the_same_state_and_the_same_facts(sold_and_moved, order):
    room, expected = sold_and_moved
    story = await stories.begin(room)
    await story.hear(order)
    assert await stories.outcome(story) == expected
    assert await stories.left_of_the_lost(room) == []
