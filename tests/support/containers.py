"""The same servers from official images, where a Docker engine is there: AFTERCARE_TEST_STACK=containers."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from aftercare_local.databases import ensure_database
from aftercare_local.kafka import CLUSTER_ID, LARGEST_MESSAGE, Partners, speaks_kafka
from aftercare_local.ports import free_port

START_SECONDS = 90.0
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")


@dataclass(frozen=True)
class ContainerPostgres:
    """A server whose superuser's address is known."""

    server: str

    def ensure_database(self, name: str, password: str) -> str:
        return ensure_database(self.server, name, password)


@dataclass(frozen=True)
class ContainerKafka:
    """A broker whose addresses are known."""

    bootstrap: str
    partners: str


@contextmanager
def postgres_container() -> Iterator[ContainerPostgres]:
    from testcontainers.community.postgres import PostgresContainer

    with PostgresContainer("postgres:18", driver=None) as container:
        yield ContainerPostgres(container.get_connection_url(host="127.0.0.1"))


@contextmanager
def kafka_container(passwords: Mapping[str, str]) -> Iterator[ContainerKafka]:
    from testcontainers.core.container import DockerContainer

    port, partners = free_port(), Partners(free_port(), passwords)
    container = DockerContainer("apache/kafka:4.3.1").with_bind_ports(port, port)
    container.with_bind_ports(partners.port, partners.port)
    for name, value in broker_variables(port, partners).items():
        container.with_env(name, value)
    with container:
        deadline = time.monotonic() + START_SECONDS
        while not speaks_kafka(port):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no broker on port {port} after {START_SECONDS:.0f} s")
            time.sleep(0.2)
        yield ContainerKafka(f"127.0.0.1:{port}", f"127.0.0.1:{partners.port}")


def broker_variables(port: int, partners: Partners) -> dict[str, str]:
    """The image's settings: one node, the same limits and the same doors as the embedded broker."""
    door = {name.replace(".", "_").upper(): str(value) for name, value in partners.configuration().items()}
    settings = door | {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "LISTENERS": f"PLAINTEXT://0.0.0.0:{port},PARTNERS://0.0.0.0:{partners.port},CONTROLLER://localhost:9093",
        "ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port},PARTNERS://127.0.0.1:{partners.port}",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PARTNERS:SASL_PLAINTEXT",
        "OFFSETS_TOPIC_NUM_PARTITIONS": "1",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "MESSAGE_MAX_BYTES": str(LARGEST_MESSAGE),
        "REPLICA_FETCH_MAX_BYTES": str(LARGEST_MESSAGE),
    }
    return {"CLUSTER_ID": CLUSTER_ID, **{f"KAFKA_{name}": value for name, value in settings.items()}}
