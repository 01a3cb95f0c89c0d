"""One process of a service: its parts start together, and when one dies the process ends so that it is started anew."""

import asyncio
import signal
from argparse import Namespace
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any, Final

import structlog
import uvicorn
from starlette.types import ASGIApp

from chassis import faults
from chassis.clock import clock_from
from chassis.database import Database, open_pool
from chassis.dead_letters import DeadLetterLimit, TooManyDeadLetters
from chassis.deliver import Delivery
from chassis.http.access import Gate
from chassis.http.app import build_app
from chassis.http.health import Check, health_app, health_routes
from chassis.idempotency import forget_old
from chassis.inbox import forget_applied
from chassis.redrive import discard, redrive, waiting
from chassis.service import Service
from chassis.settings import Settings
from chassis.timers import TimerLoop
from chassis.told import told

log = structlog.get_logger()
GRACE_SECONDS: Final = 8.0
HTTP_GRACE_SECONDS: Final = 5


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process: its parts stop together."""
        yield


class Process:
    """Opens the database once and runs the asked parts on it."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service, self._settings = service, settings
        self._stop, self._wake = asyncio.Event(), asyncio.Event()
        self._checks: dict[str, Check] = {}
        self._parts: dict[str, Coroutine[Any, Any, None]] = {}
        self._database: Database

    async def run(self, kind: str) -> None:
        """Run `api`, `worker`, `relay` or `all` until SIGTERM; raises what a part died of."""
        faults.arm(self._settings.kill_at)
        async with AsyncExitStack() as stack:
            self._database = await self._open(stack)
            self._checks["database"] = self._database_answers
            if kind in ("worker", "all"):
                self._add_worker()
            if kind in ("relay", "all"):
                self._add_relay()
            app = self._api() if kind in ("api", "all") else health_app(self._checks)
            self._parts["http"] = self._serve(app)
            await self._together()

    async def redrive(self, asked: Namespace) -> None:
        """What the redrive command was asked for: list, discard one, or try again; prints what became of it."""
        async with AsyncExitStack() as stack:
            database = self._database = await self._open(stack)
            if asked.list:
                for letter in await waiting(database):
                    print(*(f"{name}={value}" for name, value in letter.items()))
            elif asked.discard is not None:
                gone = await discard(database, asked.discard, asked.reason)
                print(f"dead letter {asked.discard}", "is given up" if gone else "does not exist; see --list")
            else:
                routes, key, fingerprint = self._service.routes, asked.key, asked.fingerprint
                tally = await redrive(database, self._delivery(), routes, key=key, fingerprint=fingerprint)
                print(f"redriven: {tally.applied} applied, {tally.failed} failed again")

    async def _open(self, stack: AsyncExitStack) -> Database:
        settings = self._settings
        pool = await open_pool(settings.database_url, settings.database_connections, self._service.name)
        stack.push_async_callback(_close, pool)
        clock = clock_from(settings.clock_file)
        return Database(pool, clock, self._service.name, self._service.policy_version, settings.topic_prefix)

    def _delivery(self) -> Delivery:
        limit = DeadLetterLimit(self._settings.dead_letter_limit)
        return Delivery(self._database, self._service.routes, limit, self._stop)

    def _add_worker(self) -> None:
        from chassis.kafka.connection import reachable  # the api alone starts without a Kafka library
        from chassis.kafka.runner import make_runner

        prefix = self._settings.topic_prefix
        topics = [prefix + topic for topic in self._service.routes.topics]
        runner = make_runner(self._settings, prefix + self._service.name, topics, self._delivery(), self._stop)
        halted: list[str] = []

        async def work() -> None:
            try:
                await runner.run()
            except TooManyDeadLetters as error:
                log.critical("consumer stopped", reason=str(error))
                halted.append(str(error))
                await self._stop.wait()

        async def state() -> str | None:
            if halted:
                return halted[0]
            working = runner.consuming and await reachable(self._settings)
            return None if working else "not consuming: waiting for Kafka"

        self._parts["worker"], self._checks["worker"] = work(), state

    def _add_relay(self) -> None:
        from chassis.kafka.connection import reachable
        from chassis.kafka.relay import Relay

        relay = Relay(self._database.pool, self._settings, self._stop, self._wake)

        async def state() -> str | None:
            working = (relay.sending or relay.standing_by) and await reachable(self._settings)
            return None if working else "not sending: waiting for Kafka"

        self._parts["relay"], self._checks["relay"] = relay.run(), state
        self._parts["timers"] = TimerLoop(self._database, self._service.alarms).run(self._stop)
        self._parts["housekeeping"] = self._housekeeping()
        for errand in self._service.errands:
            self._parts[errand.__name__] = errand(self._database, self._settings, self._stop)

    def _api(self) -> ASGIApp:
        app = build_app(self._service.name, self._service.package, self._service.routers)
        app.state.database, app.state.gate, app.state.wake = self._database, Gate(self._settings), self._wake
        app.state.settings = self._settings
        app.router.routes.extend(health_routes(self._checks))
        return app

    async def _serve(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            app,
            self._settings.http_host,
            self._settings.http_port,
            log_config=None,
            access_log=False,
            proxy_headers=False,  # whose headers count is the service's own setting
            lifespan="off",
            timeout_graceful_shutdown=HTTP_GRACE_SECONDS,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve())
        await asyncio.wait({serving, asyncio.ensure_future(self._stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving

    async def _together(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        tasks = {asyncio.create_task(part, name=name) for name, part in self._parts.items()}
        done, going = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self._stop.set()
        self._wake.set()
        if going:
            late = (await asyncio.wait(going, timeout=GRACE_SECONDS))[1]
            for task in late:
                log.warning("stopped by force", part=task.get_name())
                task.cancel()
        for task in done:
            if error := task.exception():
                log.critical("a part died, the process ends", part=task.get_name(), error=told(error))
                raise error

    async def _housekeeping(self) -> None:
        while not self._stop.is_set():
            try:
                await forget_old(self._database, self._database.clock.now())
                await forget_applied(self._database)
            except Exception as error:
                log.warning("housekeeping put off", error=told(error))
            await asyncio.wait({asyncio.ensure_future(self._stop.wait())}, timeout=3600)

    async def _database_answers(self) -> str | None:
        try:
            async with asyncio.timeout(2):  # a place in the pool counts too
                await self._database.pool.fetchval("SELECT 1")
        except Exception as error:
            return f"the database does not answer: {type(error).__name__}"
        return None


async def _close(pool: Any) -> None:
    try:
        await asyncio.wait_for(pool.close(), 5)
    except TimeoutError:
        pool.terminate()
