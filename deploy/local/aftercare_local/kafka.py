"""A real Apache Kafka broker on this machine: one process, broker and controller in one, on 127.0.0.1 only."""

import hashlib
import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aftercare_local import jars
from aftercare_local.home import write_whole
from aftercare_local.java import java, release
from aftercare_local.ports import require_free
from aftercare_local.program import Launch, Program, Running, Say, silent
from aftercare_local.trouble import Trouble, diagnose

CLUSTER_ID: Final = "YWZ0ZXJjYXJlLWxvY2FsMQ"
LARGEST_MESSAGE: Final = 8 * 1024 * 1024  # a dead letter of 4 MB with its headers fits twice
MEMORY: Final = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
)
LOGGER: Final = "-Dorg.slf4j.simpleLogger"
LOGGING: Final = (
    f"{LOGGER}.defaultLogLevel=warn",
    f"{LOGGER}.log.kafka.server=info",
    f"{LOGGER}.showDateTime=true",
    f"{LOGGER}.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
)


def speaks_kafka(port: int) -> bool:
    """Whether a broker on 127.0.0.1 answers a request for the versions it speaks."""
    request = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(10)) > 8
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Partners:
    """The door for outside systems: everybody there says who they are, and may do what they were given (ALL-07)."""

    port: int
    passwords: Mapping[str, str] = field(repr=False)
    """By user name."""

    def configuration(self) -> dict[str, object]:
        """Kafka's settings for the door; whoever comes by the other one, on this machine, may do everything."""
        users = " ".join(f'user_{user}="{password}"' for user, password in self.passwords.items())
        module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        return {
            "listener.name.partners.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.partners.plain.sasl.jaas.config": f"{module} required {users};",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }


class Kafka(Program):
    """The broker as a program of the stack; `directory` keeps its data, `cache` its class cache."""

    name = "kafka"
    grace = 20.0

    def __init__(self, directory: Path, port: int, controller_port: int, cache: Path, partners: Partners) -> None:
        self.directory = directory
        self.port = port
        self.controller_port = controller_port
        self.partners = partners
        self.cache = cache
        self.data = directory / "data"
        self._properties = directory / "server.properties"
        self._classpath = ""

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def prepare(self, say: Say = silent) -> None:
        self._classpath = jars.classpath(say)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.cache.mkdir(parents=True, exist_ok=True)
        settings = self._configuration() | self.partners.configuration()
        write_whole(self._properties, "".join(f"{key}={value}\n" for key, value in settings.items()), mode=0o600)
        if not self.data.exists():
            say("formatting the log directory")
            self._format()

    def check(self) -> None:
        require_free(self.port, "Kafka", "AFTERCARE_KAFKA_PORT")
        require_free(self.controller_port, "the Kafka controller", "AFTERCARE_KAFKA_CONTROLLER_PORT")
        require_free(self.partners.port, "Kafka's door for partners", "AFTERCARE_KAFKA_PARTNERS_PORT")

    def launch(self) -> Launch:
        argv = (str(java()), *MEMORY, *LOGGING, *self._class_cache(), "-cp", self._classpath, "kafka.Kafka")
        return Launch((*argv, str(self._properties)), cwd=self.directory)

    def ready(self) -> bool:
        return speaks_kafka(self.port)

    def _class_cache(self) -> tuple[str, ...]:
        """Java keeps loaded classes in a file at the end of its first run and starts in a third of the time after."""
        key = hashlib.sha256(f"{release()} {self._classpath} {MEMORY}".encode()).hexdigest()[:16]
        kept = self.cache / f"kafka-{key}.aot"
        for written in self.cache.glob(f"{kept.stem}.*.new"):
            with written.open("rb") as file:
                if any(file.read(4)):  # Java writes these last: before, the file is unfinished
                    written.replace(kept)
        own = kept.with_suffix(f".{os.getpid()}-{self.port}.new")
        choice = f"-XX:AOTCache={kept}" if kept.exists() else f"-XX:AOTCacheOutput={own}"
        return (choice, "-Xlog:aot=off", "-Xlog:cds=off")

    def _format(self) -> None:
        unfinished = self.directory / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        draft = self.directory / "format.properties"
        properties = self._properties.read_text().replace(f"log.dirs={self.data}", f"log.dirs={unfinished}")
        write_whole(draft, properties, mode=0o600)
        argv = (str(java()), *MEMORY, "-cp", self._classpath, "kafka.tools.StorageTool", "format")
        done = subprocess.run((*argv, "-t", CLUSTER_ID, "-c", str(draft)), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = done.stdout + done.stderr
            raise Trouble(f"Kafka's log directory could not be made. {diagnose(said)}\n{said.strip()}")
        unfinished.rename(self.data)

    def _configuration(self) -> dict[str, object]:
        doors = f"PLAINTEXT://127.0.0.1:{self.port},PARTNERS://127.0.0.1:{self.partners.port}"
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": f"{doors},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": doors,
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PARTNERS:SASL_PLAINTEXT",
            "log.dirs": self.data,
            "broker.session.timeout.ms": 3000,  # so long a killed broker's successor has to wait
            "broker.heartbeat.interval.ms": 500,
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": 1,
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "message.max.bytes": LARGEST_MESSAGE,
            "replica.fetch.max.bytes": LARGEST_MESSAGE,
            "replica.fetch.response.max.bytes": 2 * LARGEST_MESSAGE,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "num.recovery.threads.per.data.dir": 2,
            "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
        }


class KafkaServer(Running):
    """A broker that the caller starts, stops and kills itself."""

    def __init__(self, directory: Path, port: int, controller_port: int, cache: Path, partners: Partners) -> None:
        self.kafka = Kafka(directory, port, controller_port, cache, partners)
        super().__init__(self.kafka, directory / "kafka.log")

    @property
    def bootstrap(self) -> str:
        return self.kafka.bootstrap

    @property
    def partners(self) -> str:
        """Where outside systems reach it, host:port."""
        return f"127.0.0.1:{self.kafka.partners.port}"
