"""What somebody says who ends a contract or takes services out of it (ACT-10, ACT-11)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from activation_service.contracts.domain import MOST_LINES
from chassis.days import Day

Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$"),
]


class Ending(BaseModel):
    """What the end of a contract and of one of its services have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reason: Literal["notice", "breach"] = Field(examples=["notice"])
    """`notice` ends it when that is over, `breach` of the other party at once: today is the last day."""
    note: Note | None = Field(None, examples=["We close the office."])
    """Why, in their own words; needed for a breach. It stays in the contract's history."""
    last_day: Day | None = Field(None, examples=[None])
    """Last billable day, when it is to be later than the earliest that `GET …/exit` shows; not after the term."""


class EndContract(Ending):
    """A whole contract ends before its term."""


class RemoveLines(Ending):
    """Services go out of a contract that goes on with others."""

    lines: Annotated[list[UUID], Field(min_length=1, max_length=MOST_LINES)] = Field(
        examples=[["0199a3c4-7b10-7006-8a5e-4d1f6c2b0006"]]
    )
    """`activation_id` of each; all services of a product take the product out."""
