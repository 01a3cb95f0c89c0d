"""Files, functions and rooms stay small enough to be read; raising a ceiling is an ADR (ADR 0006, 0007, 0011)."""

import ast
from pathlib import Path
from typing import Final

from tests.architecture.tree import ROOT, is_test, shown, sources, syntax, tracked

FILE_LINES: Final = 200
TEST_FILE_LINES: Final = 300
FUNCTION_LINES: Final = 40
CHASSIS_CODE_LINES: Final = 2850
TOPIC_LINES: Final = 25


def lines_of(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def code_lines(file: Path) -> int:
    """Lines that are neither blank nor comment nor docstring."""
    words = {
        number
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    numbered = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    return sum(1 for number, line in numbered if line.strip() and line.strip()[0] != "#" and number not in words)


def long_functions(file: Path) -> list[str]:
    return [
        f"{shown(file)}:{node.lineno} {node.name}"
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES
    ]


def test_no_file_is_longer_than_its_ceiling() -> None:
    ceilings = {file: TEST_FILE_LINES if is_test(file) else FILE_LINES for file in tracked("*.py")}
    assert [f"{shown(file)}: {lines_of(file)}" for file, most in ceilings.items() if lines_of(file) > most] == []


def test_no_function_is_longer_than_forty_lines() -> None:
    assert [name for file in tracked("*.py") for name in long_functions(file)] == []


def test_the_chassis_stays_a_small_room() -> None:
    assert sum(code_lines(file) for file in sources() if ROOT / "chassis" in file.parents) <= CHASSIS_CODE_LINES


def test_a_topic_is_told_on_one_screen() -> None:
    assert [shown(file) for file in tracked("schemas/topics/*.yaml") if lines_of(file) > TOPIC_LINES] == []
