"""Texts in three languages say the same things about the same codes."""

import re
import tomllib
from importlib import resources
from pathlib import Path
from string import Formatter

import pytest

FOLDER = Path(str(resources.files("chassis.http"))) / "texts"
TEXTS = {language: tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8")) for language in ("en", "fr", "nl")}
SOURCES = [file.read_text("utf-8") for file in Path(str(resources.files("chassis"))).rglob("*.py")]


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", ["fr", "nl"])
@pytest.mark.requirement("ALL-01")
def test_every_code_is_there_in_every_language_with_the_same_blanks(language):
    assert TEXTS[language].keys() == TEXTS["en"].keys()
    for code, english in TEXTS["en"].items():
        for part in ("title", "detail"):
            own, expected = blanks(TEXTS[language][code][part]), blanks(english[part])
            # {reason} is a library's English sentence, which other languages may leave out
            assert own | {"reason"} == expected | {"reason"}, f"{language} {code} {part}"
            assert own <= expected, f"{language} {code} {part}"


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_no_detail_was_left_in_english(language):
    same = [code for code, text in TEXTS[language].items() if text["detail"] == TEXTS["en"][code]["detail"]]
    assert [code for code in same if TEXTS["en"][code]["detail"] != "{reason}."] == []


def test_every_code_that_the_chassis_uses_has_a_text():
    used = {code for source in SOURCES for code in re.findall(r'(?:Refusal|_unauthorised)\(\s*"([a-z-]+)"', source)}
    assert len(used) > 10
    assert used <= TEXTS["en"].keys()
