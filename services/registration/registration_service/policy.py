"""What a brand may say to registration: contacts, certificates, serial rules, warranty, deadlines (POL-01)."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, model_validator

from chassis.policies import BrandPolicy, PolicyBook

Language = Literal["fr", "nl", "en"]
Glob = Annotated[str, Field(pattern=r"^[^\s]+$")]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not a time zone; expected a name such as Europe/Paris")
    return name


class Part(BaseModel):
    """A part of a policy; unknown fields are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Texts(Part):
    """One text in the three languages."""

    en: Annotated[str, Field(min_length=1)]
    fr: Annotated[str, Field(min_length=1)]
    nl: Annotated[str, Field(min_length=1)]

    def speak(self, language: str) -> str:
        """The text in a language; English when it is none of the three."""
        return {"fr": self.fr, "nl": self.nl}.get(language, self.en)


class Contacts(Part):
    """Where people turn to (POL-03)."""

    requests: EmailStr
    """The one address for requests and complaints."""
    dealer_line: EmailStr | None = None
    """For dealers who cannot sign up or in."""
    hotline: Annotated[str, Field(min_length=3, max_length=40)] | None = None
    """Telephone number."""
    support_hours: Texts | None = None


class Deadlines(Part):
    """How long things may take; the last day is inclusive."""

    dossier_days: Annotated[int, Field(ge=1, le=365)]
    """From a bulk file's arrival to the day on which its last row is settled (REG-22)."""
    transfer_notice_months: Annotated[int, Field(ge=0, le=24)]
    """From the report of a transfer to the last day that is charged to the former customer (REG-17)."""


class LabelRule(Part):
    """What a number on a product's label looks like, and what people take for what."""

    characters: Annotated[str, Field(min_length=1)]
    """The possible characters, as inside a regular expression's brackets: `0-9A-RT-Z`. Capitals only."""
    shortest: Annotated[int, Field(ge=1, le=64)]
    longest: Annotated[int, Field(ge=1, le=64)]
    likely: Mapping[Annotated[str, Field(min_length=1, max_length=1)], Annotated[str, Field(max_length=1)]] = {}
    """Impossible character -> what is probably meant; an empty text when the character has to go."""

    @property
    def form(self) -> str:
        """The whole rule as a regular expression."""
        return f"[{self.characters}]{{{self.shortest},{self.longest}}}"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            possible = re.compile(f"[{self.characters}]")
        except re.error as error:
            raise ValueError(f"characters: {error}") from None
        if self.shortest > self.longest:
            raise ValueError("shortest is more than longest")
        for wrong, meant in self.likely.items():
            if possible.fullmatch(wrong):
                raise ValueError(f"likely: {wrong!r} is possible by characters, so it needs no correction")
            if meant and not possible.fullmatch(meant):
                raise ValueError(f"likely: {meant!r} is impossible by characters, so nobody can mean it")
        return self


class Policy(BrandPolicy):
    """Registration's rules for one brand."""

    contacts: Contacts
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    """The languages in which the brand writes to people."""
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    """Where it is decided which day is today."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    """ISO 3166-1 alpha-2: where a telephone number without a country code belongs (REG-02)."""
    certificate_prefix: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    standard_warranty_months: Annotated[int, Field(ge=1, le=120)]
    """From the day of purchase; the last day is inclusive."""
    warranty_months_by_model: Mapping[Glob, Annotated[int, Field(ge=1, le=120)]] = {}
    """Other months for models that match a pattern, in capitals; the first match counts (REG-14)."""
    serial_hint: Texts
    """Where the serial number is found and what it looks like."""
    serial: LabelRule
    model: LabelRule
    deadlines: Deadlines

    @property
    def zone(self) -> ZoneInfo:
        """`time_zone` as an object."""
        return ZoneInfo(self.time_zone)

    def day_of(self, moment: datetime) -> date:
        """Which day a moment is where the brand lives."""
        return moment.astimezone(self.zone).date()

    def warranty_months(self, model: str) -> int:
        """Months of standard warranty of a model (in capitals)."""
        others = self.warranty_months_by_model.items()
        return next(
            (months for pattern, months in others if fnmatchcase(model, pattern)), self.standard_warranty_months
        )


BOOK: Final = PolicyBook(Policy, "registration_service")
policy_of: Final = BOOK.of


def _known_brands(schema: dict[str, Any]) -> None:
    schema["examples"] = sorted(BOOK.brands(), key=lambda brand: brand not in schema.get("examples", ()))


BrandName = Annotated[str, Field(min_length=1, max_length=40, examples=["dynabook"], json_schema_extra=_known_brands)]
"""In a command: the brand whose policy applies."""
