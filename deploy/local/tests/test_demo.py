"""The demo says what stands in its way instead of waiting for ever."""

import pytest

from aftercare_local.cli.demo import require_same_ports
from aftercare_local.demo.watch import Watch
from aftercare_local.ports import free_port
from aftercare_local.settings import LocalSettings
from aftercare_local.state import ProgramState, StackState
from aftercare_local.trouble import Trouble


async def test_a_broker_that_is_not_there_is_named():
    port = free_port()
    with pytest.raises(Trouble, match=f"Kafka does not answer on 127.0.0.1:{port}"):
        async with Watch(f"127.0.0.1:{port}", ["registration"]):
            pass


def test_a_stack_on_other_ports_is_named():
    settings = LocalSettings()
    running = ProgramState(name="registration", url="http://127.0.0.1:9101")
    with pytest.raises(Trouble, match=r"registration at http://127\.0\.0\.1:9101, this call expects port"):
        require_same_ports(StackState(supervisor_pid=1, supervisor_started=0.0, programs=[running]), settings)
