"""The list of proofs itself: a run that forgets a requirement must say so."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.proofs import LIST, Proofs, unproved

pytest_plugins = ["pytester"]
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    pytester.makeini("[pytest]\ntestpaths = .\nmarkers = requirement(*ids): proved\n")

    def started(body: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(f"import pytest\n{body}")
        return pytester.runpytest_inprocess(
            *arguments, "-p", "no:asyncio", plugins=[Proofs(["REG-01", "REG-02", "ACT-01"])]
        )

    return started


def test_a_whole_run_ends_with_what_no_passing_test_proves(run: Run) -> None:
    result = run(
        "@pytest.mark.requirement('REG-01')\ndef test_a(): pass\n"
        "@pytest.mark.requirement('REG-02')\ndef test_b(): assert False\n"
    )
    result.stdout.fnmatch_lines(["1 of 3 are proved*", "not proved: REG-02 ACT-01"])


def test_an_id_that_is_not_listed_stops_the_run(run: Run) -> None:
    result = run("@pytest.mark.requirement('REG-99')\ndef test_a(): pass\n")
    result.stderr.fnmatch_lines(["*names requirement 'REG-99'*"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_the_list_holds_each_id_once() -> None:
    ids = Path(LIST).read_text().split()
    assert len(ids) == len(set(ids)) > 0
    assert unproved(ids, ids) == []
