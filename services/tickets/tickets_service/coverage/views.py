"""A verdict as people and programs read it, asked for by itself or with a ticket."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from event_schemas.tickets import CoverageReason, Verdict


class CoverageView(BaseModel):
    """Who pays, until when, and why."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    verdict: Verdict
    reasons: tuple[CoverageReason, ...]
    covered_until: date | None
    operational_at: datetime | None
    activation_id: UUID | None
    service_reference: str | None
    rule_version: str
