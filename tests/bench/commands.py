"""Commands per second through the chassis, against a bare endpoint with the same SQL."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
from joserfc.jwk import ECKey
from tests.bench.load import hammer
from tests.bench.rows import ROOT, Row, compared, rate
from tests.bench.servers import Place, place
from tests.support.child import Child, quiet_port
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.tokens import signed_token, write_keys
from tests.support.waiting import until

SECONDS: Final = 4.0
BODY: Final = b'{"invoice_number":"F-1","serial":"9H0123456X","invoiced_on":"2026-01-31","price":{"amount":"450.00"}}'


async def measure(postgres: PostgresStack, kafka: KafkaStack, rounds: int) -> list[Row]:
    """Rounds of both servers in turn, each with a database of its own."""
    ours: list[float] = []
    bare: list[float] = []
    with TemporaryDirectory() as folder:
        key = ECKey.generate_key("P-256", {"kid": "bench"})
        write_keys(key, Path(folder) / "keys.json")
        async with (
            place(postgres, kafka) as one,
            place(postgres, kafka) as other,
            serving("ours", one, Path(folder)) as first,
            serving("bare", other, Path(folder)) as second,
        ):
            for _ in range(rounds):
                for port, rates in ((first, ours), (second, bare)):
                    rates.append(rate(*await hammer(port, "/invoices", signed_token(key), BODY, SECONDS)))
    return [compared("commands against a bare endpoint with the same SQL", "requests/s", ours, bare, "≥ 0.60")]


@asynccontextmanager
async def serving(name: str, where: Place, folder: Path) -> AsyncIterator[int]:
    """One of the two servers as a process; gives its port."""
    port = quiet_port()
    environment = {
        "AFTERCARE_DATABASE_URL": where.settings.database_url,
        "AFTERCARE_KAFKA": where.settings.kafka,
        "AFTERCARE_ENVIRONMENT": "test",
        "AFTERCARE_TOKEN_KEYS": str(folder / "keys.json"),
        "AFTERCARE_HTTP_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    arguments = (sys.executable, "-m", f"tests.bench.{name}")
    child = Child(name, arguments, environment, port, folder / f"{name}.log")
    child.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await until(lambda: answers(client), f"the {name} server")
        yield port
    finally:
        await child.end()


async def answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/docs")).status_code == 200
    except httpx.TransportError:
        return False
