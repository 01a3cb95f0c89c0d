"""What a brand may say to registration: offers, certificate numbers, serial rules, warranty (POL-01, REG-13)."""

import re
from collections.abc import Mapping
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


class Offer(Part):
    """A service that the brand sells."""

    name: Texts
    models: Annotated[tuple[Glob, ...], Field(min_length=1)]
    """Patterns (`*`, `?`, `[…]`) of the models that it covers, in capitals."""


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

    contact_address: EmailStr
    """Where a customer writes about a registration."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    """The languages in which the brand writes to people."""
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    """Where it is decided which day is today."""
    certificate_prefix: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    standard_warranty_months: Annotated[int, Field(ge=1, le=120)]
    """From the day of purchase; the last day is inclusive."""
    serial_hint: Texts
    """Where the serial number is found and what it looks like."""
    serial: LabelRule
    model: LabelRule
    offers: Annotated[Mapping[str, Offer], Field(min_length=1)]
    """By reference."""

    @property
    def zone(self) -> ZoneInfo:
        """`time_zone` as an object."""
        return ZoneInfo(self.time_zone)


BOOK: Final = PolicyBook(Policy, "registration_service")
policy_of: Final = BOOK.of


def _known_brands(schema: dict[str, Any]) -> None:
    schema["examples"] = BOOK.brands()


BrandName = Annotated[str, Field(min_length=1, max_length=40, json_schema_extra=_known_brands)]
"""In a command: the brand whose policy applies."""
