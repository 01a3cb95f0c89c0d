"""A bulk file survives the death of whoever works on it (REG-21); `make faults` kills at twenty rows."""

import pytest
from tests.faults.bulk import is_whole, killed_at_rows
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.stack_of_services import running


@pytest.mark.requirement("REG-21")
async def test_a_file_whose_worker_is_killed_at_three_rows_loses_and_doubles_none(
    postgres: PostgresStack, kafka: KafkaStack
) -> None:
    async with running(postgres, kafka, services=("registration",), split=True) as stack:
        verdict = await killed_at_rows(stack, 1200, 3)
    assert is_whole(verdict, 1200), verdict
    assert any(0 < done < 1200 for done in verdict.deaths), f"it never died at work: {verdict.deaths}"
