"""Budgets lie in the database: real processes share them, and a dead one takes nothing with it."""

import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey
from tests.support.child import Child, quiet_port
from tests.support.rooms import Room
from tests.support.tokens import write_keys

ASKED = {"brand": "nobody", "email": "somebody@example.com"}


@pytest.fixture
async def processes(room: Room, tmp_path: Path) -> AsyncIterator[list[Child]]:
    """Two processes that take requests for the room's database, with ten units an hour for password resets."""
    write_keys(ECKey.generate_key("P-256", {"kid": "test"}), tmp_path / "keys.json")
    told = {"DATABASE_URL": room.url, "KAFKA": "127.0.0.1:9", "TOKEN_KEYS": str(tmp_path / "keys.json")}
    told |= {"ENVIRONMENT": "test", "DATABASE_CONNECTIONS": "2", "PASSWORD_RESETS_EACH": "10"}
    children = []
    async with AsyncExitStack() as stack:
        for name in ("first", "second"):
            port = quiet_port()
            environment = {f"AFTERCARE_{key}": value for key, value in (told | {"HTTP_PORT": str(port)}).items()}
            command = (sys.executable, "-m", "registration_service", "api")
            children.append(Child(name, command, environment, port, tmp_path / f"{name}.log"))
            stack.push_async_callback(children[-1].end)
        yield children


@pytest.mark.requirement("REG-01", "REG-05", "REG-10", "REG-23")
async def test_a_budget_is_shared_by_processes_and_outlives_them_all(processes: list[Child]) -> None:
    first, second = processes
    async with httpx.AsyncClient(timeout=30) as client:

        async def ask(child: Child, **headers: str) -> int:
            url = f"http://127.0.0.1:{child.port}/password-resets"
            return (await client.post(url, json=ASKED, headers=headers)).status_code

        for child in processes:
            child.start()
        for child in processes:
            await child.ready(client)
        seen = [await ask(child) for child in (first, second, first, second)]
        # the units of the milliseconds between them may be enough for a third
        assert (seen[:2], seen[3]) == ([422, 422], 429)
        for child in processes:
            await child.end(signal.SIGKILL)
        first.start()
        await first.ready(client)
        assert await ask(first) == 429
        assert await ask(first, **{"X-Forwarded-For": "192.0.2.9"}) == 429
