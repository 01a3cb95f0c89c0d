"""Which requirements the tests prove: checks the ids that tests name, and ends a whole run with those left over."""

from collections.abc import Iterable
from pathlib import Path

import pytest

LIST = Path(__file__).resolve().parents[1] / "requirements.txt"


def unproved(known: Iterable[str], proved: Iterable[str]) -> list[str]:
    """The known requirement ids that are not among the proved, in the order of the list."""
    done = set(proved)
    return [one for one in known if one not in done]


class Proofs:
    """Collects the requirement ids of every test that passed."""

    def __init__(self, known: list[str]) -> None:
        self.known = known
        self.named: dict[str, list[str]] = {}
        self.passed: set[str] = set()
        self.failed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            ids = [one for mark in item.iter_markers("requirement") for one in mark.args]
            if wrong := [one for one in ids if one not in self.known]:
                raise pytest.UsageError(
                    f"{item.nodeid} names requirement {wrong[0]!r}, which {LIST.name} does not list"
                )
            self.named[item.nodeid] = ids

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)
        elif report.failed:
            self.failed.add(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
            return
        good = self.passed - self.failed
        missing = unproved(self.known, (one for node in good for one in self.named.get(node, ())))
        terminalreporter.section("requirements")
        terminalreporter.line(f"{len(self.known) - len(missing)} of {len(self.known)} are proved by a test that passed")
        if missing:
            terminalreporter.line("not proved: " + " ".join(missing))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Proofs(LIST.read_text().split()), "proofs")
