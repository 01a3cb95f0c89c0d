"""One mail of an event."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Told:
    """Which text, and to whom."""

    kind: str
    contact_id: UUID
