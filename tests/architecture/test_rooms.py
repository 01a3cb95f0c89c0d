"""Every service looks the same: four files a capability, brands as data, time handed in, no transaction inside."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.architecture.tree import BRANDS, ROOT, SERVICES, capabilities, is_test, package_of, shown, syntax, tracked

FOUR_FILES: Final = {"domain.py", "store.py", "handlers.py", "api.py"}
EXAMPLES: Final = ("examples", "json_schema_extra", "openapi_examples")
BANNED_SUFFIXES: Final = ("Event", "Handler", "Manager", "Helper", "Impl", "Utils")


def room_files() -> Iterator[Path]:
    for service in SERVICES:
        yield from (file for file in tracked(f"services/{service}/*.py") if not is_test(file))


def strings(file: Path) -> Iterator[str]:
    """Texts in the code, without those that are examples for readers of the API."""
    keywords = [node for node in ast.walk(syntax(file)) if isinstance(node, ast.keyword) and node.arg in EXAMPLES]
    shown_only = {id(part) for keyword in keywords for part in ast.walk(keyword.value)}
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in shown_only:
            yield node.value


@pytest.mark.parametrize("service", SERVICES)
def test_a_capability_is_made_of_the_same_files(service: str) -> None:
    for capability in capabilities(service):
        files = {file.name for file in capability.glob("*.py")}
        assert len(files & FOUR_FILES) >= 2, f"{shown(capability)} has {files}"


def test_doors_stand_in_api_files_only() -> None:
    elsewhere = [shown(file) for file in room_files() if file.name != "api.py" and calls(file, "APIRouter")]
    assert elsewhere == []


def calls(file: Path, name: str) -> bool:
    nodes = (node for node in ast.walk(syntax(file)) if isinstance(node, ast.Call))
    return any(isinstance(node.func, ast.Name) and node.func.id == name for node in nodes)


@pytest.mark.requirement("POL-02")
def test_no_code_names_a_brand() -> None:
    code = [file for file in tracked("services/*.py", "chassis/*.py", "schemas/*.py") if not is_test(file)]
    named = re.compile("|".join(rf"^{brand}$|\b{brand}\b(?=['\"\]])" for brand in BRANDS), re.IGNORECASE)
    assert [shown(file) for file in code if any(named.search(text) for text in strings(file))] == []


def test_no_room_ends_a_transaction() -> None:
    assert [shown(file) for file in room_files() if "commit" in file.read_text(encoding="utf-8").lower()] == []


def test_no_room_asks_the_wall_clock() -> None:
    clock = re.compile(
        r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(|\bnow\(\)(?!\s*->)|CURRENT_TIMESTAMP", re.IGNORECASE
    )
    handed_in = re.compile(r"clock\.now\(\)")
    found = [
        f"{shown(file)}: {line.strip()}"
        for file in room_files()
        for line in file.read_text(encoding="utf-8").splitlines()
        if clock.search(handed_in.sub("", line))
    ]
    assert found == []


def test_decisions_are_pure() -> None:
    impure = {"asyncpg", "structlog", "fastapi", "asyncio", "aiosmtplib", "httpx"}
    for file in room_files():
        if file.name == "domain.py":
            roots = {name.split(".")[0] for name in imported(file)}
            assert roots & impure == set(), shown(file)
            assert not any(isinstance(node, ast.Await | ast.AsyncFunctionDef) for node in ast.walk(syntax(file)))


def test_a_capability_never_reads_anothers_store() -> None:
    for service in SERVICES:
        for capability in capabilities(service):
            for file in capability.glob("*.py"):
                strangers = [
                    name
                    for name in imported(file)
                    if re.fullmatch(rf"{service}_service\.\w+\.\w*store", name) and f".{capability.name}." not in name
                ]
                assert strangers == [], shown(file)


def test_sql_stands_in_stores_only() -> None:
    sql = re.compile(r"^\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|WITH \w+ AS)\b")
    others = [file for file in room_files() if not file.name.endswith("store.py")]
    elsewhere = [shown(file) for file in others if any(map(sql.match, strings(file)))]
    assert elsewhere == []


def test_names_say_the_deed() -> None:
    for file in room_files():
        for node in ast.walk(syntax(file)):
            if isinstance(node, ast.ClassDef):
                assert not node.name.endswith(BANNED_SUFFIXES), f"{shown(file)}: {node.name}"
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
                assert not node.name.startswith("handle_"), f"{shown(file)}: {node.name}"


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_service_has_its_house() -> None:
    for service in SERVICES:
        house = {"README.md", "Dockerfile", "pyproject.toml"} - {
            file.name for file in (ROOT / "services" / service).iterdir()
        }
        assert house == set(), f"services/{service} lacks {house}"
        for brand in BRANDS:
            assert (package_of(service) / "policies" / f"{brand}.toml").exists(), f"{service}: {brand}"
