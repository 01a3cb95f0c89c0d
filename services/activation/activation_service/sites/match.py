"""Whether two addresses are one place, however they are written (ACT-05, L11).

Each address comes down to one `Place`; two are the same when their places are equal, so the comparison is reflexive,
symmetric and transitive. What is doubtful stays different: then somebody looks at both. So a number is never dropped,
streets of different kinds (rue, avenue, place) differ, and a CEDEX code, which leads to a firm's letters and not to
its street, is another code than the town's own; only the word CEDEX with its number is passed over in a town's name.
"""

import hashlib
import re
from dataclasses import dataclass, fields
from typing import Final

from activation_service.sites.domain import Address
from activation_service.sites.wording import LISTS, plain, postal_prefixes, towns, units, words_of

_SUFFIX: Final = r"(?:\s*[-/]?\s*(?:bis|ter|quater|[a-z])(?![^\W_]|['’.]))?"
_NUMBER: Final = rf"\d+{_SUFFIX}(?:\s*[-/+]\s*\d+{_SUFFIX})*"
_LEADING: Final = re.compile(rf"^\W*(?!\d+e\b)({_NUMBER})(?![^\W_])(?=.*[^\W\d_])")
_ANYWHERE: Final = re.compile(rf"(?<![^\W_])({_NUMBER})(?![^\W_])")
_NUMBER_SIGN: Final = re.compile(r"(?<![^\W_])(?:n\s?°|no|nr|num|numero|nummer)\s*\.?\s*(?=\d)")
_CEDEX: Final = re.compile(r"\bcedex(?:\s+\d{1,2})?\b")
_UNIT_WORDS: Final = "|".join(units())
_UNIT: Final = re.compile(
    rf"(?<![^\W_])(?:(?P<word>{_UNIT_WORDS})(?:\b[\s.:#]*|(?=\d))(?P<value>[a-z]?\d+[a-z]?|[a-z](?![^\W_]|['’]))"
    r"|(?P<ordinal>\d+)(?:er|eme|ieme|e|ste|de|st|nd|rd|th)?[\s.]+(?P<floor>etage|floor|verdieping|stock))(?![^\W_])"
)
_POST_BOX: Final = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(LISTS['post_office_box'])}|p\W{{0,2}}o\W{{0,2}}box)\b\s*\.?\s*(\d+)(?![^\W_])"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What an address comes down to; its fields are the parts in which two may differ."""

    country: str
    postal_code: str
    city: str
    street: tuple[str, ...]
    """Its words, sorted: some write the kind of street first, others last."""
    house_number: str
    box: tuple[str, ...]
    """Box, apartment, floor …, sorted; a box at a post office only where no house is named."""


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome of a comparison."""

    same: bool
    differences: tuple[str, ...]
    """The parts that differ: country, postal_code, city, street, house_number, box."""


def compare(one: Address, other: Address) -> Match:
    """Whether two addresses are one place, and else in which parts they differ."""
    left, right = place_of(one), place_of(other)
    parts = [part.name for part in fields(Place)]
    differences = tuple(part for part in parts if getattr(left, part) != getattr(right, part))
    return Match(not differences, differences)


def digest_of(address: Address) -> str:
    """The same for all ways of writing a place, for finding it again; nobody reads the address from it."""
    return hashlib.sha256(repr(place_of(address)).encode()).hexdigest()


def is_letter_box(address: Address) -> bool:
    """Whether it names a post-office box and no street: nothing can stand there."""
    place = place_of(address)
    return not place.street and any(part.startswith("post ") for part in place.box)


def place_of(address: Address) -> Place:
    """The place of an address."""
    street, number, box = _street(plain(address.street, address.country), address.country)
    code = _postal_code(address)
    return Place(address.country, code, _city(address, code), street, number, box)


def _street(text: str, country: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    text = _NUMBER_SIGN.sub(" ", text)
    post = [f"post {box}" for box in _POST_BOX.findall(text)]
    text = _POST_BOX.sub(" ", text)
    box = [_unit(found) for found in _UNIT.finditer(text)]
    text = _UNIT.sub(" ", text)
    found = _LEADING.search(text) or next(reversed(list(_ANYWHERE.finditer(text))), None)
    number, own_box = _house_number(found[1], country) if found else ("", [])
    if found:
        text = f"{text[: found.start(1)]} {text[found.end(1) :]}"
    box += own_box
    words = tuple(sorted(words_of(text, country)))
    if not (words or number or box or post):
        words = (text.strip(),)
    return words, number, tuple(sorted(box if words and number else box + post))


def _unit(found: re.Match[str]) -> str:
    word, value = found["word"] or found["floor"], found["value"] or found["ordinal"]
    return f"{units()[word]} {value.lstrip('0')}"


def _house_number(text: str, country: str) -> tuple[str, list[str]]:
    """Without blanks and leading zeros, a letter joined to its number: 012 - A is 12a. Some write a box behind it."""
    text = re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"\s", "", text))
    if country in LISTS["slash_is_box"] and (parted := re.fullmatch(r"(\d+[a-z]*)/(\d*[a-z]*)", text)):
        return parted[1], [f"box {parted[2]}"]
    return re.sub(r"(\d)-([a-z])", r"\1\2", re.sub(r"[/+]", "-", text)), []


def _postal_code(address: Address) -> str:
    text = _CEDEX.sub("", plain(address.postal_code, address.country)).strip()
    for prefix in postal_prefixes(address.country):
        text = re.sub(rf"^{prefix}\s*-?\s*(?=\d)", "", text)
    code = "".join(one for one in text if one.isalnum())
    return code[:5] if address.country == "US" and re.fullmatch(r"\d{9}", code) else code


def _city(address: Address, postal_code: str) -> str:
    """The town's name that stands for all of its names, without CEDEX and the quarter that the postal code has too."""
    text = _CEDEX.sub(" ", plain(address.city, address.country))
    names = {_town(words_of(part, address.country), address.country, postal_code) for part in text.split("/")}
    name = names.pop() if len(names) == 1 else " ".join(words_of(text, address.country))
    return name or text.strip()


def _town(words: list[str], country: str, postal_code: str) -> str:
    words = [word for word in words if word != postal_code]
    quarter = re.fullmatch(r"(\d{1,2})(?:er|e|eme|ieme)?", words[1]) if len(words) > 1 else None
    if quarter and words[0] in LISTS["numbered_quarters"] and words[2:] in ([], ["arrondissement"], ["arr"]):
        words = words[:1] if postal_code[-2:].isdigit() and int(quarter[1]) == int(postal_code[-2:]) else words
    known, name = towns(country), " ".join(words)
    several = {known.get(word) for word in words}  # Bruxelles-Brussel
    return known.get(name) or (several.pop() if len(several) == 1 else None) or name
