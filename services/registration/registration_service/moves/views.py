"""A move as its requester, its customer and staff see it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from registration_service.moves.domain import ITSELF, Move, State, Step


class StepView(BaseModel):
    """One line of a move's history."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    state: State = Field(examples=["assigned"])
    at: datetime = Field(examples=["2026-11-23T10:12:00Z"])
    by: Literal["requester", "staff", "service"] = Field(examples=["staff"])
    """`service` where nobody asked for it: the product came into other hands."""


class MoveView(BaseModel):
    """A cross-border move."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    move_id: UUID = Field(examples=["0199a3c4-7b10-7018-8a5e-4d1f6c2b0018"])
    brand: str = Field(examples=["ibm"])
    product_id: UUID = Field(examples=["0199a3c4-7b10-7005-8a5e-4d1f6c2b0005"])
    serial: str = Field(examples=["7812345"])
    model: str = Field(examples=["9009-42A"])
    customer_id: UUID = Field(examples=["0199a3c4-7b10-7004-8a5e-4d1f6c2b0004"])
    state: State = Field(examples=["assigned"])
    possible: tuple[Step, ...] = Field(examples=[["approval", "refusal", "withdrawal"]])
    """What can happen next; each is an operation under the move's own address."""
    from_country: str = Field(examples=["BE"])
    to_country: str = Field(examples=["CH"])
    street: str = Field(examples=["Bahnhofstrasse 1"])
    """Of the new address, as are postal code and city."""
    postal_code: str = Field(examples=["8001"])
    city: str = Field(examples=["Zürich"])
    planned_on: date = Field(examples=["2027-01-15"])
    reason: str = Field(examples=["The department moves to Zürich."])
    requested_at: datetime = Field(examples=["2026-11-22T09:00:00Z"])
    approved_on: date | None = Field(examples=[None])
    executed_on: date | None = Field(examples=[None])
    refusal_reason: str | None = Field(examples=[None])
    history: list[StepView]
    """Oldest first."""


def move_view(move: Move, steps: Iterable[asyncpg.Record]) -> MoveView:
    """A move with those of the given lines that are its own."""
    history = [
        StepView(state=step["state"], at=step["made_at"], by=_by(step))
        for step in steps
        if step["move_id"] == move.move_id
    ]
    columns = {name: getattr(move, name) for name in MoveView.model_fields if name != "history"}
    return MoveView(**columns, history=history)


def _by(step: asyncpg.Record) -> Literal["requester", "staff", "service"]:
    if step["made_by"] == ITSELF:
        return "service"
    return "requester" if step["state"] in ("requested", "withdrawn") else "staff"
