"""The facts of this package, in a stable order."""

from event_schemas.base import CATALOGUE, Event


def public_events() -> dict[str, type[Event]]:
    """Every public fact by wire type, sorted; without those that a test somewhere declares for itself."""
    return {name: event for name, event in sorted(CATALOGUE.items()) if event.__module__.startswith("event_schemas.")}
