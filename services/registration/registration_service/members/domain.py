"""A request to join an organisation (REG-03, REG-04)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

JoinState = Literal["pending", "approved", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """An account that wants to belong to an organisation."""

    join_request_id: UUID
    brand: str
    organisation_id: UUID
    account_id: UUID
    state: JoinState
    reason: str | None
    """Given with a refusal."""
    requested_at: datetime
    decided_at: datetime | None
