"""A dispute as its customer and staff read it (ACT-13)."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.disputes.domain import Dispute, Side, State


class DisputeView(BaseModel):
    """A customer contests that a product is not covered."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    dispute_id: UUID
    brand: str = Field(examples=["dynabook"])
    product_id: UUID
    serial: str = Field(examples=["9H0123456X"])
    model: str = Field(examples=["PT5B1E-0K601"])
    customer_id: UUID
    ticket_id: UUID | None = Field(examples=["0199a3c4-7b10-7008-8a5e-4d1f6c2b0008"])
    denied_on: date = Field(examples=["2026-11-20"])
    """The day for which cover was denied."""
    state: State = Field(examples=["open"])
    opened_at: datetime
    decision: Literal["covered", "not_covered", "withdrawn"] | None = Field(examples=[None])
    reason: str | None = Field(examples=[None])
    """As staff wrote it; null for a withdrawn one."""
    covered_from: date | None = Field(examples=[None])
    """Where covered: first and last day for which that is acknowledged, inclusive."""
    covered_until: date | None = Field(examples=[None])
    activation_id: UUID | None = Field(examples=[None])
    """The service that covers it, where one does."""
    decided_at: datetime | None = Field(examples=[None])


class EvidenceView(BaseModel):
    """One statement with its documents."""

    evidence_id: UUID
    side: Side = Field(examples=["customer"])
    statement: str = Field(examples=["The contract DY-2026-000118 names this serial number on its second page."])
    documents: list[UUID] = Field(examples=[[]])
    given_at: datetime


def dispute_view(dispute: Dispute) -> DisputeView:
    """A dispute as it stands."""
    return DisputeView.model_validate(dispute)
