"""A file at which our own work fails makes room for the others, and is tried again later and later (REG-21)."""

from uuid import UUID

import structlog

from chassis.database import Cause, Database, is_transient
from chassis.told import frames, told
from registration_service.dossiers.turns import store as turns

log = structlog.get_logger()


async def make_room(database: Database, dossier_id: UUID, error: Exception) -> None:
    """Let others go first; when the error will not pass by itself, the file rests, and that shows.

    Raises what the database raises when it is away.
    """
    passing = is_transient(error)
    if not passing:
        log.error("dossier set aside", dossier_id=str(dossier_id), error=told(error), frames=frames(error))
    async with database.transaction(Cause("")) as tx:
        await (turns.put_back(tx, dossier_id) if passing else turns.set_aside(tx, dossier_id, told(error)))
