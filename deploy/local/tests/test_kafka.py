"""The embedded Kafka: a real broker, that survives being killed."""

from collections.abc import Iterator
from socket import socket

import pytest
from tests.support.outsider import create_topic, read, write
from tests.support.stack import CLASS_CACHE, public_directory

from aftercare_local.kafka import KafkaServer, Partners
from aftercare_local.ports import free_port
from aftercare_local.trouble import Trouble


@pytest.fixture(scope="module")
def broker() -> Iterator[KafkaServer]:
    with public_directory() as directory:
        server = KafkaServer(directory / "kafka", free_port(), free_port(), CLASS_CACHE, Partners(free_port(), {}))
        server.start()
        yield server
        server.stop()


@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_what_was_acknowledged_is_there_after_every_kind_of_end(broker: KafkaServer, ending: str) -> None:
    await create_topic(broker.bootstrap, f"kept-{ending}")
    await write(broker.bootstrap, f"kept-{ending}", [b"one", b"two"])
    getattr(broker, ending)()
    assert not broker.kafka.ready()
    broker.start()
    await write(broker.bootstrap, f"kept-{ending}", [b"three"])
    assert await read(broker.bootstrap, f"kept-{ending}", 3) == [b"one", b"two", b"three"]


async def test_a_dead_letter_of_four_megabytes_fits(broker: KafkaServer) -> None:
    await create_topic(broker.bootstrap, "large")
    await write(broker.bootstrap, "large", [bytes(4 * 1024 * 1024)])
    assert [len(value or b"") for value in await read(broker.bootstrap, "large", 1)] == [4 * 1024 * 1024]


def test_a_port_in_use_is_told_with_the_setting_that_moves_it(tmp_path) -> None:
    with socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        with pytest.raises(Trouble, match=f"Port {taken}.*AFTERCARE_KAFKA_CONTROLLER_PORT="):
            KafkaServer(tmp_path, free_port(), taken, tmp_path, Partners(free_port(), {})).program.check()
