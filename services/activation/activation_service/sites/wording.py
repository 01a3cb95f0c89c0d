"""How addresses are written: words without accents, case and punctuation, each in one spelling (ACT-05)."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

_FACTS: Final[Mapping[str, Any]] = tomllib.loads(
    resources.files("activation_service.sites").joinpath("addresses.toml").read_text(encoding="utf-8")
)
LISTS: Final[Mapping[str, Sequence[str]]] = _FACTS["lists"]
_OTHER_LETTERS: Final = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


def plain(text: str, country: str) -> str:
    """Small letters without accents; punctuation stays, as it may tell numbers apart."""
    apart = "".join(f" {one} " if unicodedata.category(one) == "No" else one for one in text)  # 12² is not 122
    parts = unicodedata.normalize("NFKD", apart).casefold().translate(_OTHER_LETTERS)
    letters = "".join(one for one in unicodedata.normalize("NFKD", parts) if not unicodedata.combining(one))
    for two, one in _two_letters(country).items():
        # not in Neue, Auen and Quelle, where the letters are two
        letters = re.sub(rf"(?<![aeiouq]){two}(?=[^\W\d_])", one, letters)
    if country in LISTS["english"]:  # 350 W Main St is no house 350w
        letters = re.sub(r"(?<=\d)\s+([nsew])(?=[\s.]+[^\W_]{2})", _compass, letters)
    return re.sub(r"(?<![^\W_]{2})\b([a-z])\.(?=[a-z]\b)", r"\1", letters)  # z.i. is one word


@cache
def _two_letters(country: str) -> Mapping[str, str]:
    found = (one["letters"] for one in _FACTS["spellings"].values() if country in one["countries"])
    return next(found, {})


def _compass(found: re.Match[str]) -> str:
    return f" {_spellings('GB')[found[1]]}"


def words_of(text: str, country: str) -> list[str]:
    """The words of a plain text in their order, each in one spelling."""
    found = [part for word in re.findall(r"[^\W_]+", text) for part in _parted(word, country)]
    last = _spellings(country, last=True).get(found[-1]) if len(found) > 1 else None
    known = _spellings(country)
    spelt = [known.get(word, word) for word in found]
    return _joined([*spelt[:-1], last] if last else spelt)


def _parted(word: str, country: str) -> list[str]:
    """A street's name apart from its kind: kerkstraat is kerk straat."""
    if word in _spellings(country):
        return [word]
    endings = (end for end in (plain(one, country) for one in LISTS["joined"]) if word.endswith(end))
    end = next((one for one in endings if len(word) >= len(one) + 3), None)
    return [word.removesuffix(end), end] if end else [word]


def _joined(words: Iterable[str]) -> list[str]:
    """What was parted by an apostrophe: l eglise is leglise."""
    whole: list[str] = []
    waiting = ""
    for word in words:
        if word in LISTS["elided"]:
            waiting += word
            continue
        whole.append(waiting + word)
        waiting = ""
    return [*whole, waiting] if waiting else whole


@cache
def _spellings(country: str, *, last: bool = False) -> Mapping[str, str]:
    english = country in LISTS["english"]
    if last:
        tables = [_FACTS["last_words_english"]] if english else []
    else:
        tables = [_FACTS["words"], _FACTS["words_in"].get(country, {}), _FACTS["words_english"] if english else {}]
    return {plain(one, country): word for table in tables for word, others in table.items() for one in (word, *others)}


@cache
def towns(country: str) -> Mapping[str, str]:
    """Each name of a town that has several, with the one that stands for all."""
    groups = _FACTS["cities"].get(country, ())
    return {" ".join(words_of(plain(name, country), country)): group[0] for group in groups for name in group}


@cache
def units() -> Mapping[str, str]:
    """What stands before the number of a part of a house, and what that part is."""
    return {word: unit for unit, words in _FACTS["units"].items() for word in words}


def postal_prefixes(country: str) -> Sequence[str]:
    """What may stand before a postal code to tell its country."""
    return [country.casefold(), *_FACTS["postal_prefixes"].get(country, ())]


def searchable(*texts: str) -> str:
    """What a search looks through, and for: words without accents and case, apart by one blank."""
    return " ".join(re.findall(r"[^\W_]+", plain(" ".join(texts), "")))
