"""What a brand may say to activation: its offers and its set-up delay (POL-01, ACT-07)."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from chassis.policies import BrandPolicy, PolicyBook

_DURATION: Final = re.compile(r"^P(?=\d|T\d)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?)?$")


def _iso_duration(value: object) -> object:
    if not (isinstance(value, str) and _DURATION.match(value)):
        raise ValueError("an ISO 8601 duration of days, hours and minutes is expected, e.g. P2D or PT12H")
    return value


class Offer(BaseModel):
    """A service that can be bought."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reference: Annotated[str, Field(min_length=1, max_length=60)]
    """What orders and certificates call it, e.g. `PPCP013FR-VGAD`."""
    name: Annotated[str, Field(min_length=1, max_length=200)]
    duration_months: Annotated[int, Field(ge=1, le=120, strict=True)]
    response_level: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    """What was bought, e.g. `on-site-next-business-day`."""
    models: Annotated[tuple[Annotated[str, Field(pattern=r"^\S+$")], ...], Field(min_length=1)]
    """Patterns (`*`, `?`, `[…]`) of the models that it is for, in capitals."""
    transfer: Literal["follows", "ends"] = "follows"
    """When the product is sold: it goes on for the new customer, or ends with the notice of the former (REG-17)."""


class Policy(BrandPolicy):
    """A brand's rules for activation."""

    time_zone: ZoneInfo
    """Whose midnight ends the day on which a service is activated."""
    setup_delay: Annotated[timedelta, BeforeValidator(_iso_duration), Field(le=timedelta(days=365))]
    """From activation to operation, e.g. `P2D`; a day is 24 hours."""
    offers: Annotated[tuple[Offer, ...], Field(min_length=1)]

    def day_of(self, moment: datetime) -> date:
        """The brand's calendar day of an aware moment."""
        return moment.astimezone(self.time_zone).date()

    @model_validator(mode="after")
    def _references_differ(self) -> Self:
        references = [offer.reference for offer in self.offers]
        if twice := sorted({each for each in references if references.count(each) > 1}):
            raise ValueError(f"offers: {', '.join(twice)} stands here twice; a reference names one offer")
        return self


BOOK: Final = PolicyBook(Policy, "activation_service")
policy_of = BOOK.of
