"""Promises about the repository as a whole."""

import re
import subprocess
from typing import Final

from tests.architecture.tree import ROOT, SERVICES, shown, tracked

MOST_TARGETS: Final = 14


def test_make_help_lists_at_most_fourteen_targets() -> None:
    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^  make (\S+)", helped, re.MULTILINE)
    assert {"demo", "test", "help"} <= set(targets)
    assert len(targets) <= MOST_TARGETS


def test_ci_runs_the_developers_command() -> None:
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("exec make test")


def test_packages_are_named_never_addressed() -> None:
    address = re.compile(
        r"(index-url|find-links)\s*[= ]\s*https?://|https?://(pypi|files\.pythonhosted|repo1?\.maven)", re.IGNORECASE
    )
    texts = [file for file in tracked("*") if file.suffix not in {".png", ".svg"}]
    assert [shown(file) for file in texts if address.search(file.read_text(encoding="utf-8", errors="ignore"))] == []
    assert not (ROOT / "uv.lock").exists()


def test_every_locked_package_has_a_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_the_images_of_the_services_differ_in_their_names_only() -> None:
    files = {service: ROOT / "services" / service / "Dockerfile" for service in SERVICES}
    texts = {file.read_text(encoding="utf-8").replace(service, "NAME") for service, file in files.items()}
    assert len(texts) == 1
