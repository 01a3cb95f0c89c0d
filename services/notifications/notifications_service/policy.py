"""How a brand looks, speaks and is reached (POL-03, NTF-03)."""

from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from chassis.policies import BrandPolicy, PolicyBook

Language = Literal["en", "fr", "nl"]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
READABLE: Final = 4.5
"""Least contrast of text on its ground, WCAG 2.2 AA."""


class Part(BaseModel):
    """A table inside a policy file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Colours(Part):
    """The brand's colour and what is written on it."""

    accent: Colour
    on_accent: Colour

    @model_validator(mode="after")
    def _readable(self) -> Self:
        dark, light = sorted((_luminance(self.accent), _luminance(self.on_accent)))
        contrast = (light + 0.05) / (dark + 0.05)
        if contrast < READABLE:
            raise ValueError(f"{self.on_accent} on {self.accent} has contrast {contrast:.1f}; at least {READABLE}")
        return self


class Contact(Part):
    """Where a reader turns to; the address is also the sender of the brand's mails."""

    email: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+\.[a-z]+$")]
    phone: str | None = None
    hours: dict[Language, str] = {}
    """When the phone is answered; empty where the brand does not say."""


class Policy(BrandPolicy):
    """What a brand says to notifications."""

    display_name: Annotated[str, Field(min_length=1, max_length=60)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    """Spoken by the brand; a reader of another language gets the first."""
    time_zone: str
    """IANA name; moments are written in it."""
    colours: Colours
    contact: Contact
    signature: dict[Language, str]

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("no such time zone; write an IANA name such as Europe/Brussels") from None
        return name

    @model_validator(mode="after")
    def _says_all_in_each_language(self) -> Self:
        tables = {"signature": self.signature} | ({"contact.hours": self.contact.hours} if self.contact.hours else {})
        for name, table in tables.items():
            if silent := [language for language in self.languages if language not in table]:
                raise ValueError(f"{name} has no text in {', '.join(silent)}")
        return self

    def language_for(self, wanted: str) -> Language:
        """The wanted language (ISO 639-1) where the brand speaks it, otherwise the brand's first."""
        return next((language for language in self.languages if language == wanted), self.languages[0])


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


BOOK: Final = PolicyBook(Policy, "notifications_service")
policy_of = BOOK.of
