"""A mail's words: texts are data, a folder per language; each is filled in from the event's own fields (NTF-03).

A placeholder is the name of a field of the event, formatted for the language; `…_at` also comes as the day `…_on`,
and a list of records as their number.
What is not there is an error while the text is rendered, never a gap that a reader sees.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template
from pydantic import BaseModel, ConfigDict

from event_schemas import Event, Money, OpenEnum
from event_schemas.activation_offers import Names
from event_schemas.base import Record
from notifications_service.mails import formats
from notifications_service.mails.sheet import File, Sheet
from notifications_service.policy import Policy

PLAIN: Final = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 (the layout escapes, once)
OTHER: Final = "other"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Strict):
    """One kind of mail in one language."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    code: str = ""
    """To be typed somewhere: shown large, in a line of its own."""
    facts_title: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    after: tuple[str, ...] = ()
    button: tuple[str, str] | None = None
    file: Sheet | None = None


class Layout(_Strict):
    """What every mail says."""

    greeting: str
    colon: str
    instead: str
    """Stands between a code and a button that does the same."""
    contact: str
    phone: str
    hours: str
    automatic: str


class Wording(_Strict):
    """Everything that is said in one language."""

    layout: Layout
    words: Mapping[str, Mapping[str, str]]
    """Name of an open enumeration -> its words; `other` stands for a word that came later."""
    mails: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in plain words, ready to be laid out."""

    language: str
    subject: str
    heading: str
    greeting: str
    colon: str
    paragraphs: Sequence[str]
    code: str
    instead: str
    facts_title: str
    facts: Sequence[tuple[str, str]]
    after: Sequence[str]
    button: tuple[str, str] | None
    footer: Sequence[str]
    file: File | None


@cache
def wording(language: str) -> Wording:
    """The texts of a language, from all the files of its folder."""
    parts: dict[str, Any] = {"words": {}, "mails": {}}
    for file in (resources.files("notifications_service.mails") / "texts" / language).iterdir():
        said = tomllib.loads(file.read_text(encoding="utf-8"))
        parts |= {name: {**parts.get(name, {}), **part} for name, part in said.items()}
    return Wording.model_validate(parts)


def write(kind: str, event: Event, recipient: str, policy: Policy, language: str, names: Names | None = None) -> Letter:
    """The letter of an event; raises jinja2.UndefinedError or KeyError when a text asks for what is not there.

    `names` are what the event's service is called; without them it has the name that the event gives, or its reference.
    """
    said = wording(language)
    text, layout = said.mails[kind], said.layout
    context = {
        **placeholders(event, said, language, policy.time_zone),
        **_named(event, names, language),
        "brand": policy.display_name,
        "recipient": _one_line(recipient),
        "contact": policy.contact.email,
        "phone": policy.contact.phone or "",
        "hours": policy.contact.hours.get(policy.language_for(language), ""),
        "zone": formats.zone_name(policy.time_zone, language),
    }

    def fill(template: str) -> str:
        return _template(template).render(context)

    facts = [(fill(label), fill(value)) for label, value in text.facts]
    contacts = [layout.contact, layout.phone if context["phone"] else "", layout.hours if context["hours"] else ""]
    return Letter(
        language=language,
        subject=_one_line(fill(text.subject)),
        heading=fill(text.heading),
        greeting=fill(layout.greeting),
        colon=layout.colon,
        paragraphs=[fill(one) for one in text.paragraphs],
        code=fill(text.code),
        instead=layout.instead if text.code and text.button else "",
        facts_title=fill(text.facts_title),
        facts=[(label, value) for label, value in facts if value],
        after=[fill(one) for one in text.after],
        button=(fill(text.button[0]), fill(text.button[1])) if text.button else None,
        footer=[fill(one) for one in (*contacts, layout.automatic) if one],
        file=text.file.filled(event) if text.file else None,
    )


def placeholders(event: Event, said: Wording, language: str, zone: str) -> dict[str, str]:
    """Each field of an event as text; one without a value is empty, and so a row of facts falls away."""
    found: dict[str, str] = {}
    for name in type(event).model_fields:
        value = getattr(event, name)
        found[name] = _shown_by_name(name, value, language) or _shown(value, said, language, zone)
        if isinstance(value, datetime):
            found[name.removesuffix("_at") + "_on"] = formats.local_day(value, language, zone)
    return found


def _named(event: Event, names: Names | None, language: str) -> dict[str, str]:
    """What a service is called in the reader's language; events name it in one language, or by its reference only."""
    if names:
        return {"service_name": getattr(names, language)}
    said = getattr(event, "service_name", None) or getattr(event, "service_reference", None)
    return {"service_name": said} if said else {}


def _shown_by_name(name: str, value: Any, language: str) -> str:
    """What only a field's name tells how to write; empty for all others."""
    if name.endswith("_percent"):
        return formats.percent(value, language)
    return formats.country(value, language) if name.endswith("_country") else ""


def _shown(value: Any, said: Wording, language: str, zone: str) -> str:
    match value:
        case None:
            return ""
        case OpenEnum():
            words = said.words[type(value).__name__]
            return words.get(value.value) or words[OTHER]
        case datetime():
            return formats.moment(value, language, zone)
        case date():
            return formats.day(value, language)
        case Money():
            return formats.money(value, language)
        case int():
            return formats.number(value, language)
        case (Record(), *_):
            return formats.number(len(value), language)
        case tuple():
            return "; ".join(_shown(one, said, language, zone) for one in value)
    return str(value)


@cache
def _template(source: str) -> Template:
    return PLAIN.from_string(source)


def _one_line(text: str) -> str:
    """A header has one line; so has a name."""
    return " ".join(text.split())
