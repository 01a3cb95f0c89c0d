"""A stack to do harm to, with a driver at work in it; its servers are its own, so that they can be killed too."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.driver import BRAND, Driver, driving
from tests.faults.scenarios import PART_OF, Fate
from tests.support.catalogue import heard, offers
from tests.support.stack import KafkaStack, PostgresStack, embedded_kafka, embedded_postgres
from tests.support.stack_of_services import SERVICES, running

from event_schemas.activation_offers import OfferPublished


@contextmanager
def servers() -> Iterator[tuple[PostgresStack, KafkaStack]]:
    """A database server and a broker that nobody else uses."""
    with embedded_postgres() as postgres, embedded_kafka() as kafka:
        yield postgres, kafka


@asynccontextmanager
async def arena(
    postgres: PostgresStack,
    kafka: KafkaStack,
    *,
    services: Sequence[str] = SERVICES,
    split: bool | Collection[str] = False,
    runner: str = "faust",
    variables: Mapping[str, str] | None = None,
    fates: Sequence[Fate] = (),
) -> AsyncIterator[Driver]:
    """Running services whose activation refuses one offer that registration has heard of, and a driver.

    `fates`: the fault points at which services are to kill themselves, in this order.
    """
    with TemporaryDirectory(prefix="aftercare-policies-") as folder:
        forgotten = _forget_an_offer(Path(folder))
        told = {"AFTERCARE_POLICIES": folder, **(variables or {})}
        armed = [(service, PART_OF[point], point) for service, point in fates]
        stack_of = running(postgres, kafka, services=services, split=split, runner=runner, variables=told)
        async with stack_of as stack, driving(stack) as driver:
            await heard(stack, forgotten)
            await stack.arm(armed)
            yield driver


def _forget_an_offer(folder: Path) -> list[OfferPublished]:
    """A policy of activation without the brand's last offer, so that a redemption of it is refused; what it was."""
    shipped = resources.files("activation_service") / "policies" / f"{BRAND}.toml"
    kept = shipped.read_text(encoding="utf-8").split("[[offers]]")[:-1]
    (folder / "activation").mkdir()
    (folder / "activation" / f"{BRAND}.toml").write_text("[[offers]]".join(kept), encoding="utf-8")
    with resources.as_file(shipped) as file:
        return offers([file])[-1:]
