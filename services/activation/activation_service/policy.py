"""What a brand may say to activation: offers, set-up delay, codes, contracts, software (POL-01, ACT-01…ACT-13)."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, model_validator

from chassis.policies import BrandPolicy, PolicyBook
from event_schemas.base import Money

_DURATION: Final = re.compile(r"^P(?=\d|T\d)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?)?$")
Language = Literal["fr", "nl", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
Reference = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]
Version = Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?(\.\d+)?$")]
Months = Annotated[int, Field(ge=0, le=120, strict=True)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]  # ISO 3166-1 alpha-2


def _closed(pattern: str) -> str:
    if "[" in re.sub(r"\[!?[^]]+]", "", pattern):
        raise ValueError("a model or a pattern is expected, each bracket closed, e.g. PT5B1E-* or X40-[A-F]")
    return pattern


Duration = Annotated[int, Field(ge=1, le=120, strict=True)]
ResponseLevel = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Model = Annotated[str, Field(max_length=60, pattern=r"^[^\sa-z]+$"), AfterValidator(_closed)]
Models = Annotated[tuple[Model, ...], Field(min_length=1, max_length=200)]
Countries = Annotated[tuple[Country, ...], Field(min_length=1, max_length=249)]
CodeDays = Annotated[int, Field(ge=1, le=3650, strict=True)]


def _iso_duration(value: object) -> object:
    if not (isinstance(value, str) and _DURATION.match(value)):
        raise ValueError("an ISO 8601 duration of days, hours and minutes is expected, e.g. P2D or PT12H")
    return value


class Part(BaseModel):
    """A part of a policy; unknown fields are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Texts(Part):
    """One text in the three languages."""

    en: Annotated[str, Field(min_length=1, max_length=2000)]
    fr: Annotated[str, Field(min_length=1, max_length=2000)]
    nl: Annotated[str, Field(min_length=1, max_length=2000)]

    def speak(self, language: str) -> str:
        """The text in a language; English when it is none of the three."""
        return {"fr": self.fr, "nl": self.nl}.get(language, self.en)


class Notice(Part):
    """How one party may end a contract before its term (ACT-11)."""

    months: Months
    """From the day of the notice to the last billable day."""
    minimum_months: Months
    """How long something is under contract before its notice may be given."""


class Software(Part):
    """A program whose maintenance a service includes (ACT-12)."""

    reference: Reference
    name: Annotated[str, Field(min_length=1, max_length=200)]


class Offer(Part):
    """A service that can be bought."""

    reference: Reference
    """What orders and certificates call it, e.g. `PPCP013FR-VGAD`."""
    name: Texts
    duration_months: Duration
    response_level: ResponseLevel
    """What was bought, e.g. `on-site-next-business-day`."""
    models: Models
    """Patterns of the models that it is for, in capitals: exact, or with `*`, `?`, `[…]`."""
    extends_warranty: StrictBool = False
    """Whether it can be registered only until the last day of the standard warranty, inclusive (REG-15)."""
    code_days: CodeDays | None = None
    """Days from its purchase within which its code must be used, last day included; none: no deadline (ACT-03)."""
    terms_version: Version
    """The terms that have to be accepted for it (ACT-02)."""
    transfer: Literal["follows", "ends"] = "follows"
    """When the product is sold: it goes on for the new customer, or ends with the notice of the former (REG-17)."""
    countries: Countries | None = None
    """Where it is given; a product that moves elsewhere loses it on that day. None: everywhere (REG-18)."""
    customer_notice: Notice | None = None
    vendor_notice: Notice | None = None
    """Both instead of the brand's (ACT-11)."""
    additional_terms: Texts | None = None
    """Terms of this offer beside the general ones; they stand in the copy of the contract."""
    software: tuple[Software, ...] = ()


class Code(Part):
    """When a code's holder is warned, in days before the last one on which it can be used (ACT-03)."""

    warn_days: Annotated[tuple[Annotated[int, Field(ge=0, le=365, strict=True)], ...], Field(max_length=5)] = (14,)


class Contracts(Part):
    """A brand's rules for contracts (ACT-09…ACT-11)."""

    number_prefix: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    renewable_days_before: Annotated[int, Field(ge=0, le=730, strict=True)]
    """Days before the last day from which on it can be renewed."""
    renewable_days_after: Annotated[int, Field(ge=0, le=730, strict=True)]
    """Days after the last day until which it can still be renewed, inclusive; 0: before only."""
    late_renewal: Literal["seamless", "anew"] = "seamless"
    """Renewed after its end, the next term starts the day after the last one did, or on the day of the renewal."""
    reminder_days: tuple[Annotated[int, Field(ge=1, le=730, strict=True)], ...] = (90, 30, 7)
    """Days before the last day on which the customer is reminded, and can renew it."""
    customer_notice: Notice | None = None
    vendor_notice: Notice | None = None
    """Without one, that party ends it for breach only."""

    @model_validator(mode="after")
    def _reminds_of_what_can_be_done(self) -> Self:
        if early := [days for days in self.reminder_days if days > self.renewable_days_before]:
            raise ValueError(
                f"reminder_days: {early}, but it can be renewed from {self.renewable_days_before} days before"
            )
        return self


class Reinstatement(Part):
    """How maintenance of software is taken up again after a lapse (ACT-12)."""

    within_months: Months
    """After so many months without maintenance only a new licence helps."""
    fee: Money
    """For taking it up again."""
    fee_per_month: Money
    """For each month without maintenance, a started one counting as a whole."""
    term_months: Annotated[int, Field(ge=1, le=120, strict=True)] = 12
    """How long the maintenance runs that it buys, from its day on."""

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if self.fee.currency != self.fee_per_month.currency:
            raise ValueError(f"fee_per_month: {self.fee_per_month.currency} cannot be added to {self.fee.currency}")
        return self


class Policy(BrandPolicy):
    """A brand's rules for activation."""

    display_name: Annotated[str, Field(min_length=1, max_length=100)]
    """What the brand is called in the copy of a contract."""
    contact_email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    """Where readers of that copy can write to."""
    time_zone: ZoneInfo
    country: Country
    """Whose midnight ends the day and whose holidays count, where no site says others."""
    language: Language
    """In which public facts name services; readers get their own."""
    setup_delay: Annotated[timedelta, BeforeValidator(_iso_duration), Field(le=timedelta(days=365))]
    """From activation to operation, e.g. `P2D`: days of the calendar where the site is, then hours and minutes."""
    setup_days: Literal["calendar", "working"] = "calendar"
    """Which days of the delay count."""
    code: Code = Code()
    contracts: Contracts
    reinstatement: Reinstatement | None = None
    """None: software without maintenance needs a new licence."""
    offers: Annotated[tuple[Offer, ...], Field(min_length=1)]

    def day_of(self, moment: datetime) -> date:
        """The brand's calendar day of an aware moment."""
        return moment.astimezone(self.time_zone).date()

    def start_of(self, day: date) -> datetime:
        """The first moment of a brand's day, in UTC; where clocks leave midnight out, the moment at which they jump."""
        return datetime.combine(day, time.min, self.time_zone).astimezone(UTC)

    @property
    def shipped(self) -> Mapping[str, Offer]:
        """The policy's offers by reference; what is in force is for the catalogue to know."""
        return {offer.reference: offer for offer in self.offers}

    @model_validator(mode="after")
    def _references_differ(self) -> Self:
        references = [offer.reference for offer in self.offers]
        if twice := sorted({each for each in references if references.count(each) > 1}):
            raise ValueError(f"offers: {', '.join(twice)} stands here twice; a reference names one offer")
        return self


BOOK: Final = PolicyBook(Policy, "activation_service")
policy_of = BOOK.of
