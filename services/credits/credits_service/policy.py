"""What a brand may say to credits: how a unit loses value, and which money it is invoiced in (POL-01, CRD-02)."""

from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chassis.policies import BrandPolicy, PolicyBook
from event_schemas.base import Percent


class Step(BaseModel):
    """From this age on a unit has lost this much."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    from_months: Annotated[int, Field(ge=0, le=1200, strict=True)]
    """Full months from the invoice to the acceptance of the return."""
    percent: Annotated[Percent, Field(strict=True)]


def _falls_in_steps(table: tuple[Step, ...]) -> tuple[Step, ...]:
    if table[0].from_months != 0:
        raise ValueError(f"the first row starts at month 0, not at {table[0].from_months}")
    for one, other in pairwise(table):
        if other.from_months <= one.from_months:
            raise ValueError(f"from_months rises from row to row; {other.from_months} follows {one.from_months}")
        if other.percent < one.percent:
            raise ValueError(f"percent never falls with age; {other.percent} follows {one.percent}")
    return table


class Policy(BrandPolicy):
    """A brand's rules for credits."""

    time_zone: ZoneInfo
    """Where it is decided which day is today."""
    currencies: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...], Field(min_length=1)]
    """ISO 4217; a credit is paid in the currency of its invoice."""
    depreciation: Annotated[tuple[Step, ...], Field(min_length=1), AfterValidator(_falls_in_steps)]

    def percent_at(self, age_months: int) -> int:
        """What a unit of this age has lost, in percent."""
        return [step.percent for step in self.depreciation if step.from_months <= age_months][-1]

    def day_of(self, moment: datetime) -> date:
        """The brand's calendar day of an aware moment."""
        return moment.astimezone(self.time_zone).date()


BOOK: Final = PolicyBook(Policy, "credits_service")
policy_of = BOOK.of
