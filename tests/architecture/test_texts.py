"""Every refusal can be read in French, Dutch and English, with the same values in it (NTF-03, ALL-01)."""

import ast
import string
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from tests.architecture.tree import ROOT, SERVICES, package_of, shown, syntax

LANGUAGES: Final = ("en", "fr", "nl")
FOLDERS: Final = {
    "chassis": ROOT / "chassis" / "chassis" / "http" / "texts",
    **{service: package_of(service) / "texts" for service in SERVICES},
}
Texts = Mapping[str, Mapping[str, str]]


def read(folder: Path, language: str) -> Texts:
    file = folder / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def blanks(text: Mapping[str, str]) -> set[str]:
    return {name for part in text.values() for _, name, _, _ in string.Formatter().parse(part) if name}


def refusal_codes(package: Path) -> set[str]:
    """The codes with which the code says no: first arguments of Refusal(…)."""
    return {
        node.args[0].value
        for file in package.rglob("*.py")
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal"
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }


@pytest.mark.parametrize("owner", FOLDERS)
def test_the_three_languages_say_the_same(owner: str) -> None:
    english = read(FOLDERS[owner], "en")
    for language in LANGUAGES[1:]:
        other = read(FOLDERS[owner], language)
        assert set(other) == set(english), f"{owner}: {language} differs from en"
        for code, text in english.items():
            assert set(other[code]) == {"title", "detail"} == set(text), f"{owner} {language} {code}"
            # only `reason` may be dropped or added: it quotes a library's own English words
            assert blanks(other[code]) - {"reason"} == blanks(text) - {"reason"}, f"{owner} {language} {code}"


@pytest.mark.parametrize("owner", FOLDERS)
def test_every_refusal_has_a_text_and_every_text_a_use(owner: str) -> None:
    package = ROOT / "chassis" / "chassis" if owner == "chassis" else package_of(owner)
    common, own = set(read(FOLDERS["chassis"], "en")), set(read(FOLDERS[owner], "en"))
    used = refusal_codes(package)
    assert used <= common | own, f"{shown(package)}: no text for {used - common - own}"
    if owner != "chassis":
        words = {text for file in package.rglob("*.py") for text in literals(file)}
        assert own <= words, f"{shown(package)}: never said: {own - words}"


def literals(file: Path) -> set[str]:
    return {
        node.value for node in ast.walk(syntax(file)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
