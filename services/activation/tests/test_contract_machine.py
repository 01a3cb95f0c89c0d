"""Whatever happens to contracts in whatever order, they are what a short model says (ACT-09…ACT-11, ACT-14, REG-17).

CONTRACT_EXAMPLES is the number of lives that are tried.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.support.rooms import DatabaseServer, Room, open_room

from activation_service.__main__ import SERVICE
from activation_service.policy import BOOK

from .agreements import load_late_and_anew
from .contract_life import Life

EXAMPLES: Final = int(os.environ.get("CONTRACT_EXAMPLES", "25"))


@contextmanager
def opened(postgres: DatabaseServer) -> Iterator[tuple[BlockingPortal, Room]]:
    """A room of its own, asked from outside of any event loop."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(open_room(SERVICE, postgres)) as room,
    ):
        yield portal, room


@pytest.fixture
def late_and_anew(tmp_path: Path) -> Iterator[None]:
    """A brand with both rules for a product that changes hands, whose late renewals start anew."""
    load_late_and_anew(tmp_path)
    yield
    BOOK.load()


@pytest.mark.requirement("ACT-09", "ACT-10", "ACT-11", "ACT-14", "REG-17")
@pytest.mark.usefixtures("late_and_anew")
def test_in_any_order_of_agreeing_renewing_ending_passing_on_and_waiting_contracts_are_the_models(postgres) -> None:
    with opened(postgres) as (portal, room):
        run_state_machine_as_test(
            lambda: Life(portal, room),
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.reuse, Phase.generate],  # a failure of at most 20 steps is read sooner than it is shrunk
            ),
        )
