"""`HEARS = (on(ServiceActivated, note_service), …)`: the whole diet of a service on one screen."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from structlog.contextvars import bound_contextvars

from chassis.database import Cause, Tx
from chassis.outbox import Facts
from event_schemas import Event

E = TypeVar("E", bound=Event)
NOBODY: Final = Cause("")


@dataclass(frozen=True, slots=True)
class Route:
    """An event class and the deed that follows it."""

    event: type[Event]
    handler: Callable[[Any, Tx], Awaitable[Facts]]


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that went off."""

    kind: str
    subject: str
    due_at: datetime
    payload: Mapping[str, Any]
    cause: Cause = NOBODY
    """Who set it, for what it says."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A kind of timer and the deed that follows those that are due."""

    kind: str
    handler: Callable[[Sequence[Due], Tx], Awaitable[Sequence[Facts]]]


def on(event: type[E], handler: Callable[[E, Tx], Awaitable[Facts]]) -> Route:
    """When `event` is heard, do `handler`; the type checker rejects a pair that does not fit."""
    return Route(event, handler)


def at(kind: str, handler: Callable[[Due, Tx], Awaitable[Facts]]) -> Alarm:
    """When a timer of `kind` is due, do `handler`."""

    async def each(dues: Sequence[Due], tx: Tx) -> list[Facts]:
        said = []
        for due in dues:
            with bound_contextvars(correlation_id=due.cause.correlation_id):
                said.append(await handler(due, tx.answering(due.cause)))
        return said

    return Alarm(kind, each)


def all_at(kind: str, handler: Callable[[Sequence[Due], Tx], Awaitable[Sequence[Facts]]]) -> Alarm:
    """When timers of `kind` are due, do `handler` for up to 500 at a time; it returns the facts of each one in turn."""
    return Alarm(kind, handler)


@dataclass(frozen=True)
class Routes:
    """The table as the runner needs it; one deed per event type."""

    hears: Sequence[Route]
    classes: Mapping[str, type[Event]] = field(init=False)
    handlers: Mapping[str, Callable[[Any, Tx], Awaitable[Facts]]] = field(init=False)

    def __post_init__(self) -> None:
        types = [route.event.TYPE for route in self.hears]
        if twice := {kind for kind in types if types.count(kind) > 1}:
            raise ValueError(f"HEARS: {', '.join(sorted(twice))} has two handlers; one deed calls the other instead")
        object.__setattr__(self, "classes", {route.event.TYPE: route.event for route in self.hears})
        object.__setattr__(self, "handlers", {route.event.TYPE: route.handler for route in self.hears})

    @property
    def topics(self) -> list[str]:
        """The topics on which the heard events travel, sorted."""
        return sorted({route.event.TOPIC for route in self.hears})
