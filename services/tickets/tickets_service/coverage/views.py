"""A verdict as people and programs read it, asked for by itself or with a ticket."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from event_schemas.tickets import CoverageReason, Verdict


class CoverageView(BaseModel):
    """Who pays, until when, and why."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    verdict: Verdict
    reasons: tuple[CoverageReason, ...]
    covered_until: date | None
    operational_at: datetime | None
    activation_id: UUID | None
    service_reference: Annotated[str | None, Field(examples=["PPCP013FR-VGAD"])]
    rule_version: Annotated[str, Field(examples=["2026-11-22"])]
    """Version of the brand's policy that decided."""
