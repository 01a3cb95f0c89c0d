"""The real services as child processes on real servers: every part can be killed, armed with a fault and started again.

    async with running(postgres, kafka, services=("registration", "activation"), split=True) as stack:
        answer = await stack.post("registration", "/orders", body)
        await stack.kill("activation", "worker")
        await stack.start("activation", "worker", kill_at="after-event-commit")
        await stack.advance(timedelta(days=2))

A part that ends by itself is started again, as the supervisor of a real installation does; one that `kill` ended stays
down until `start`. The stack has databases, topics and a clock of its own and takes them away at the end.
"""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import httpx
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from joserfc.jwk import ECKey
from tests.support.catalogue import heard
from tests.support.child import Child, quiet_port
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.tokens import signed_token, write_keys, write_signing_key

from aftercare_local.databases import drop_database
from chassis.database import migrate
from chassis.kafka.admin import TopicSpec, create_topics
from chassis.kafka.partners import grant, rights_of
from event_schemas.topics import load_topics

SERVICES: Final = ("registration", "activation", "tickets", "notifications", "credits")
PARTS: Final = ("api", "worker", "relay")
TOKEN_SECONDS: Final = 1800.0
WATCH_SECONDS: Final = 0.05


class Stack:
    """Running services; made by `running`."""

    def __init__(self, postgres: PostgresStack, kafka: KafkaStack, directory: Path, runner: str) -> None:
        self.postgres, self.kafka, self.directory, self.runner = postgres, kafka, directory, runner
        self.mark = uuid4().hex[:8]
        self.prefix = f"s{self.mark}-"
        self.children: dict[tuple[str, str], Child] = {}
        self.clock_file = directory / "clock"
        self.offset = timedelta()
        self.mail_port: int | None = None
        self.client = httpx.AsyncClient(timeout=15, limits=httpx.Limits(max_connections=200))
        self._databases: dict[str, str] = {}
        self._key = ECKey.generate_key("P-256", {"kid": "stack"})
        self._token: tuple[float, str] = (0.0, "")

    # addresses

    @property
    def bootstrap(self) -> str:
        """Where Kafka is, host:port."""
        return self.kafka.bootstrap

    @property
    def services(self) -> tuple[str, ...]:
        """The services of this stack."""
        return tuple(self._databases)

    def topic(self, name: str) -> str:
        """The name that a topic of the contract has on this stack's broker."""
        return self.prefix + name

    def group(self, service: str) -> str:
        """The consumer group of a service."""
        return self.prefix + service

    def database_url(self, service: str) -> str:
        """The address of a service's database, with its own role."""
        return self._databases[service]

    def url(self, service: str) -> str:
        """Where a service's API is."""
        part = "api" if (service, "api") in self.children else "all"
        return f"http://127.0.0.1:{self.child(service, part).port}"

    def part(self, service: str, part: str) -> str:
        """The process that does a part's work: the part itself, or `all` when the service is not split."""
        return part if (service, part) in self.children else "all"

    def child(self, service: str, part: str) -> Child:
        """The process of a part; KeyError names what there is."""
        try:
            return self.children[service, part]
        except KeyError:
            raise KeyError(f"no {service} {part}; there are {sorted(self.children)}") from None

    # talking

    @property
    def token(self) -> str:
        """A token that grants everything, never close to its end."""
        made, token = self._token
        if time.monotonic() - made > TOKEN_SECONDS or not token:
            token = signed_token(self._key)
            self._token = (time.monotonic(), token)
        return token

    async def post(
        self, service: str, path: str, body: Any, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a command, under a fresh key unless one is given; raises httpx.TransportError when the reply is lost."""
        own = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or str(uuid4()), **(headers or {})}
        return await self.client.post(self.url(service) + path, json=body, headers=own)

    async def get(self, service: str, path: str, **query: str) -> httpx.Response:
        """Ask for something with a token that may see everything."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.client.get(self.url(service) + path, params=query, headers=headers)

    # time

    def now(self) -> datetime:
        """What the services take for the present."""
        return datetime.now(UTC) + self.offset

    async def advance(self, by: timedelta) -> None:
        """Move the clock of every service, forward or (negative) back."""
        self.offset += by
        draft = self.clock_file.with_suffix(".new")
        draft.write_text(str(self.offset.total_seconds()))
        draft.replace(self.clock_file)

    # life and death

    async def kill(self, service: str, part: str) -> None:
        """kill -9; it stays down until `start`."""
        await self.child(service, part).end(signal.SIGKILL)

    async def stop(self, service: str, part: str) -> None:
        """Ask it to stop and wait until it has; it stays down until `start`."""
        await self.child(service, part).end()

    async def start(self, service: str, part: str, kill_at: str = "", *, wait: bool = True) -> None:
        """Start a part, again when it runs; `kill_at` names the fault point at which it kills itself, once."""
        child = self.child(service, part)
        await child.end()
        if kill_at:
            child.fates.append(kill_at)
        child.start()
        if wait:
            await child.ready(self.client)

    @property
    def doomed(self) -> list[str]:
        """The processes that have not yet reached every fault point they are armed with."""
        return [child.name for child in self.children.values() if child.doomed]

    async def arm(self, fates: Sequence[tuple[str, str, str]]) -> None:
        """Start parts again with the fault points at which they are to kill themselves."""
        for service, part, point in fates:
            self.child(service, self.part(service, part)).fates.append(point)
        armed = [child for child in self.children.values() if child.fates]
        for child in armed:
            await child.end()
            child.start()
        await asyncio.gather(*(child.ready(self.client) for child in armed))

    async def ready(self) -> None:
        """Returns when every part that should run is ready."""
        await asyncio.gather(*(child.ready(self.client) for child in self.children.values() if child.pid))

    def deaths(self, service: str, part: str) -> int:
        """How often a part ended without having been told to."""
        return len(self.child(service, part).deaths)

    async def watch(self) -> None:
        """What a supervisor does: start again whatever ended by itself, without the fault it was armed with."""
        while True:
            for child in self.children.values():
                if child.died():
                    child.start()
            await asyncio.sleep(WATCH_SECONDS)

    # building and removing

    async def build(self, services: Sequence[str], split: Collection[str], variables: Mapping[str, str]) -> None:
        """Databases, topics and processes; nothing is started yet."""
        write_keys(self._key, self.directory / "keys.json")
        write_signing_key(self._key, self.directory / "signing.json")
        for service in services:
            address = await asyncio.to_thread(self.postgres.ensure_database, f"{service}_{self.mark}", uuid4().hex)
            self._databases[service] = address
            await asyncio.to_thread(migrate, address, f"{service}_service")
        if "notifications" in services:
            self._add_mail_sink()
        for service in services:
            for part in PARTS if service in split else ("all",):
                self._add(service, part, variables)
        specs = [TopicSpec(self.topic(one.topic), one.partitions, one.kafka_config()) for one in load_topics()]
        await create_topics(self.bootstrap, specs)
        await grant(self.bootstrap, rights_of(load_topics(), self.prefix))

    def _add(self, service: str, part: str, variables: Mapping[str, str]) -> None:
        port = quiet_port()
        name = f"{service}-{part}"
        told = self._environment(service) | {"AFTERCARE_HTTP_PORT": str(port), **variables}
        arguments = (sys.executable, "-m", f"{service}_service", part)
        self.children[service, part] = Child(name, arguments, told, port, self.directory / f"{name}.log")

    def _add_mail_sink(self) -> None:
        self.mail_port, self._smtp_port = quiet_port(), quiet_port()
        arguments = (sys.executable, "-m", "aftercare_local.mail", str(self.directory / "mails"))
        ports = (str(self._smtp_port), str(self.mail_port))
        log = self.directory / "mail.log"
        self.children["mail", "sink"] = Child("mail-sink", (*arguments, *ports), {}, self.mail_port, log)

    def _environment(self, service: str) -> dict[str, str]:
        told = {
            "ENVIRONMENT": "test",
            "DATABASE_URL": self.database_url(service),
            "KAFKA": self.bootstrap,
            "TOPIC_PREFIX": self.prefix,
            "CLOCK_FILE": str(self.clock_file),
            "TOKEN_KEYS": str(self.directory / "keys.json"),
            "RUNNER": self.runner,
            "DATA_DIR": str(self.directory / "data" / service),
            "PUBLIC_URL": "http://127.0.0.1:8101",
            "SMTP_PORT": str(self._smtp_port if self.mail_port else 9),
        }
        if service == "registration":
            told["SIGNING_KEY"] = str(self.directory / "signing.json")
        return {f"AFTERCARE_{name}": value for name, value in told.items()}

    async def tear_down(self) -> None:
        """End every process; take databases and topics away, as far as the servers still answer."""
        await asyncio.gather(*(child.end(signal.SIGKILL) for child in self.children.values()))
        await self.client.aclose()
        for service in self._databases:
            await asyncio.to_thread(drop_database, self.postgres.server, f"{service}_{self.mark}")
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            await admin.start()
            await admin.delete_topics([self.topic(one.topic) for one in load_topics()])
        except KafkaError as error:
            print(f"topics {self.prefix}* stay behind: {error!r}", file=sys.stderr)
        finally:
            await admin.close()


@asynccontextmanager
async def running(
    postgres: PostgresStack,
    kafka: KafkaStack,
    *,
    services: Sequence[str] = SERVICES,
    split: bool | Collection[str] = False,
    runner: str = "faust",
    variables: Mapping[str, str] | None = None,
    fates: Sequence[tuple[str, str, str]] = (),
) -> AsyncIterator[Stack]:
    """Services on these servers, ready, the catalogue heard.

    `split`: api, worker and relay apart, for all services or for those named; `variables`: more environment for every
    service process; `fates`: service, part and fault point, several for one process meaning one after the other.
    """
    apart = (services if split else ()) if isinstance(split, bool) else split
    with TemporaryDirectory(prefix="aftercare-stack-", ignore_cleanup_errors=True) as name:
        stack = Stack(postgres, kafka, Path(name), runner)
        watching: asyncio.Task[None] | None = None
        try:
            await stack.build(services, apart, variables or {})
            for child in stack.children.values():
                child.start()
            watching = asyncio.create_task(stack.watch())
            await stack.ready()
            await heard(stack)
            await stack.arm(fates)
            yield stack
        finally:
            if watching is not None:
                watching.cancel()
            await stack.tear_down()
