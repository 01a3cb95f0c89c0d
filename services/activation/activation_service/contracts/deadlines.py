"""What time does to a contract: reminders before its end, and the end (ACT-10).

A timer that goes off holds its own row and must not wait for a contract: whoever holds that may wait for the timer. It
tries again instead, a second later.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Final, TypeVar
from uuid import UUID

from activation_service.contracts import store
from activation_service.contracts.domain import ITSELF, Contract, moment_of, next_reminder, reminded, reminder_at
from activation_service.policy import policy_of
from chassis import timers
from chassis.database import Tx
from chassis.routes import Due
from event_schemas.activation_contracts import ContractExpired, ContractExpiring

REMINDER: Final = "contract-reminder"
OVER: Final = "contract-over"
A_MOMENT: Final = timedelta(seconds=1)
Fact = TypeVar("Fact")


async def arm(contract: Contract, tx: Tx) -> None:
    """Set the timers that a locked contract needs as it stands now, and take back those that it does not need.

    One that ends before its term is not spoken of any more and is over after its last billable day.
    """
    await _arm_reminder(contract, tx)
    if contract.state != "active":
        await timers.cancel(tx, OVER, str(contract.contract_id))
        return
    zone = policy_of(contract.brand).time_zone
    over_at = moment_of(contract.last_day + timedelta(days=1), time.min, zone)
    await timers.arm(tx, OVER, str(contract.contract_id), over_at)


async def remind(due: Due, tx: Tx) -> ContractExpiring | None:
    """The latest reminder that is due, once for each of a term; earlier ones that were missed are not made up for."""
    return await _with_contract(due, tx, _remind)


async def expire(due: Due, tx: Tx) -> ContractExpired | None:
    """The last day is over, at the start of the next one; that of a termination was said when it was decided."""
    return await _with_contract(due, tx, _expire)


async def _with_contract(due: Due, tx: Tx, deed: Callable[[Contract, Tx], Awaitable[Fact | None]]) -> Fact | None:
    contract = await store.lock_unless_held(tx, UUID(due.subject))
    if contract is None:
        await timers.arm(tx, due.kind, due.subject, tx.now + A_MOMENT)
        return None
    return await deed(contract, tx)


async def _remind(contract: Contract, tx: Tx) -> ContractExpiring | None:
    policy = policy_of(contract.brand)
    today, rules = policy.day_of(tx.now), policy.contracts
    if not contract.runs(today):
        return None
    days = reminded(contract.ends_on, rules, tx.now, policy.time_zone)
    said = contract.reminded_days
    if days is None or (said is not None and said <= days):  # it was renewed, or the clock went back
        await _arm_reminder(contract, tx)
        return None
    after = replace(contract, reminded_days=days)
    await store.put(tx, after)
    await _arm_reminder(after, tx)
    return contract.expiring(today, rules)


async def _expire(contract: Contract, tx: Tx) -> ContractExpired | None:
    policy = policy_of(contract.brand)
    if contract.state != "active":
        return None
    if policy.day_of(tx.now) <= contract.last_day:  # it was renewed, or the clock went back
        await arm(contract, tx)
        return None
    ended = contract.last_billable_on is not None
    await store.put(tx, replace(contract, state="terminated" if ended else "expired"))
    await store.note(tx, contract.contract_id, "ended" if ended else "expired", ITSELF, {"ends_on": contract.last_day})
    return None if ended else contract.expired(policy.contracts)


async def _arm_reminder(contract: Contract, tx: Tx) -> None:
    policy = policy_of(contract.brand)
    subject = str(contract.contract_id)
    days = next_reminder(contract, policy.contracts) if contract.runs(policy.day_of(tx.now)) else None
    if days is None:
        await timers.cancel(tx, REMINDER, subject)
    else:
        await timers.arm(tx, REMINDER, subject, reminder_at(contract.ends_on, days, policy.time_zone))
