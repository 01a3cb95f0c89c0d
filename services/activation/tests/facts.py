"""What is said of services alone, and the timers of their set-ups."""

from event_schemas import Event

SETUPS = "SELECT count(*) FROM timer WHERE kind = 'setup-over'"


async def of_services(room) -> list[Event]:
    """What was said of services since the last call, in order; contracts and licences speak for themselves."""
    return [fact for fact in await room.said() if fact.NAME.startswith(("service.", "activation.", "site."))]
