"""The checker bites: each of five deliberate mistakes in the plumbing is seen, and the same attack on ours is not."""

import pytest
from tests.faults.attacks import ATTACKS, attack_all
from tests.faults.breakages import BREAKAGES, broken
from tests.faults.checker import Report
from tests.support.stack import KafkaStack, PostgresStack


@pytest.fixture(scope="module")
async def reports(own_servers: tuple[PostgresStack, KafkaStack]) -> dict[str, Report]:
    """What the checker said after each attack."""
    return await attack_all(*own_servers)


@pytest.mark.parametrize("name", BREAKAGES)
def test_each_deliberate_breakage_is_seen(name: str, reports: dict[str, Report]) -> None:
    report = reports[name]
    print(report)
    assert report.count(BREAKAGES[name].promise) > 0, f"{name} was not seen:\n{report}"


@pytest.mark.requirement("ALL-02")
def test_the_same_attacks_leave_sound_plumbing_clean(reports: dict[str, Report]) -> None:
    report = reports["sound"]
    assert report.clean, f"\n{report}"
    assert report.looked_at["events"] > 0


def test_every_breakage_has_its_attack_and_changes_the_source() -> None:
    assert set(ATTACKS) == set(BREAKAGES)
    for breakage in BREAKAGES.values():
        with broken(breakage) as variables:
            assert set(variables) == {"PYTHONPATH"}
