"""Contracts that come into being (ACT-09)."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from uuid6 import uuid7

from activation_service.activations.domain import ContractRef
from activation_service.contracts import deadlines, store
from activation_service.contracts.domain import Contract, reminded
from activation_service.policy import policy_of
from chassis.database import Tx


async def blank(
    brand: str, customer_id: UUID, owner: str, organisation_id: UUID | None, term: tuple[date, date], tx: Tx
) -> Contract:
    """A contract that is not written yet and has no number; reminders whose day is over are not said."""
    policy = policy_of(brand)
    return Contract(
        contract_id=uuid7(),
        number="",
        brand=brand,
        customer_id=customer_id,
        owner=owner,
        organisation_id=organisation_id,
        certificate_id=None,
        follows_contract_id=None,
        opened_on=term[0],
        starts_on=term[0],
        ends_on=term[1],
        opened_at=tx.now,
        reminded_days=reminded(term[1], policy.contracts, tx.now, policy.time_zone),
    )


async def open_contract(contract: Contract, tx: Tx) -> Contract:
    """Give a contract its number and write it (ACT-09)."""
    prefix, number = policy_of(contract.brand).contracts.number_prefix, await store.next_number(tx)
    numbered = replace(contract, number=f"{prefix}-{contract.opened_on.year}-{number:06}")
    await store.put(tx, numbered)
    await deadlines.arm(numbered, tx)
    return numbered


async def join_or_open(like: Contract, tx: Tx) -> ContractRef:
    """A contract that is the same but for its number and has room left, else this one; its seekers are held before."""
    found = await store.joinable(tx, like)
    return (found or await open_contract(like, tx)).ref
