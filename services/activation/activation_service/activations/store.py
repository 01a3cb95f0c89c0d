"""Every SQL statement that changes activations."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from chassis.database import Tx
from event_schemas.activation import (
    ActivationCancelled,
    EndReason,
    ServiceActivated,
    ServiceEnded,
    ServiceExtended,
    ServiceOperational,
    SiteAssigned,
)

_ADD: Final = """
INSERT INTO activations (activation_id, redemption_id, brand, product_id, serial, model, service_reference,
                         service_name, response_level, customer_id, owner, organisation_id, state, activated_at,
                         starts_on, operational_at, ends_on, site_number, contract_id, contract_number, terms_version,
                         request_id, agreed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'in_setup', $13, $14, $15, $16, $17, $18, $19, $20, $21,
        $22)
"""
_SAID: Final = "brand, activation_id, product_id, redemption_id, serial, service_reference, service_name, customer_id"
_OPERATIONAL: Final = """
UPDATE activations SET state = CASE state WHEN 'in_setup' THEN 'operational' ELSE state END, to_announce = false
WHERE activation_id = ANY($1::uuid[]) AND to_announce AND state IN ('in_setup', 'ended')
RETURNING brand, activation_id, product_id, serial, service_reference, service_name, response_level, customer_id,
          operational_at, least(ends_on, ended_on) AS ends_on, site_number, contract_number, agreed
"""
_END: Final = f"""
UPDATE activations SET state = 'ended', ended_on = $2, to_announce = to_announce AND $3
WHERE activation_id = $1 AND (state IN ('in_setup', 'operational') OR (state = 'ended' AND ended_on > $2))
RETURNING {_SAID}, ended_on
"""
_EXTEND: Final = f"""
UPDATE activations now SET ends_on = $2
FROM (SELECT activation_id, ends_on FROM activations WHERE activation_id = $1 FOR UPDATE) before
WHERE now.activation_id = before.activation_id AND now.state IN ('in_setup', 'operational') AND before.ends_on < $2
RETURNING {_SAID.replace("activation_id", "now.activation_id")}, before.ends_on AS previous_ends_on, now.ends_on
"""
_CANCEL: Final = f"""
UPDATE activations SET state = 'cancelled', cancelled_at = $2, ended_on = NULL
WHERE activation_id = $1 AND state <> 'cancelled' RETURNING {_SAID}
"""
_ASSIGN: Final = """
UPDATE activations SET site_number = $2
WHERE activation_id = $1 AND state <> 'cancelled' AND site_number IS DISTINCT FROM $2
RETURNING brand, activation_id, product_id, serial, customer_id, site_number
"""


async def hold_product(tx: Tx, product_id: UUID) -> None:
    """One deed about a product's services at a time, so that a transfer and a certificate never miss each other."""
    # seed 2: the locks of the chassis' command keys use seed 0
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1::text, 2))", str(product_id))


async def add(tx: Tx, fact: ServiceActivated, owner: str, organisation_id: UUID | None, starts_on: date) -> None:
    """Keep a new activation, in set-up, as `owner`'s file."""
    await tx.execute(
        _ADD,
        fact.activation_id,
        fact.redemption_id,
        fact.brand,
        fact.product_id,
        fact.serial,
        fact.model,
        fact.service_reference,
        fact.service_name,
        fact.response_level,
        fact.customer_id,
        owner,
        organisation_id,
        fact.activated_at,
        starts_on,
        fact.operational_at,
        fact.ends_on,
        fact.site_number,
        fact.contract_id,
        fact.contract_number,
        fact.terms_version,
        fact.request_id,
        fact.agreed,
    )


async def become_operational(tx: Tx, activation_ids: Sequence[UUID]) -> list[ServiceOperational]:
    """Set-ups are over, also of services that end later; nothing of those of which it was said or is not to come."""
    return [ServiceOperational(**row) for row in await tx.fetch(_OPERATIONAL, activation_ids)]


async def end(tx: Tx, activation_id: UUID, last_day: date, reason: EndReason, *, sets_up: bool) -> ServiceEnded | None:
    """End a service on a day, inclusive; None when it is cancelled, or ends no later already.

    `sets_up` tells whether a set-up that is not over yet goes on.
    """
    row = await tx.fetchrow(_END, activation_id, last_day, sets_up)
    return ServiceEnded(**row, reason=reason) if row else None


async def extend(tx: Tx, activation_id: UUID, ends_on: date) -> ServiceExtended | None:
    """Let a live service go on to a later day; None when it is not live, or goes on as long already."""
    row = await tx.fetchrow(_EXTEND, activation_id, ends_on)
    return ServiceExtended(**row) if row else None


async def cancel(tx: Tx, activation_id: UUID) -> ActivationCancelled | None:
    """It never counted; None when that is so already."""
    row = await tx.fetchrow(_CANCEL, activation_id, tx.now)
    return ActivationCancelled(**row) if row else None


async def follow(tx: Tx, activation_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None) -> bool:
    """A live service is another customer's; False when it is over or cancelled."""
    done = await tx.execute(
        "UPDATE activations SET customer_id = $2, owner = $3, organisation_id = $4 "
        "WHERE activation_id = $1 AND state IN ('in_setup', 'operational')",
        activation_id,
        customer_id,
        owner,
        organisation_id,
    )
    return done == "UPDATE 1"


async def adopt(tx: Tx, product_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None) -> None:
    """A customer's services on a product that were nobody's file are this owner's."""
    await tx.execute(
        "UPDATE activations SET owner = $3, organisation_id = $4 "
        "WHERE product_id = $1 AND customer_id = $2 AND owner = '' AND organisation_id IS NULL",
        product_id,
        customer_id,
        owner,
        organisation_id,
    )


async def assign(tx: Tx, activation_id: UUID, site_number: str | None) -> SiteAssigned | None:
    """It is given at this site, or at none that is known; None when that is so already, or it is cancelled."""
    row = await tx.fetchrow(_ASSIGN, activation_id, site_number)
    return SiteAssigned(**row) if row else None


async def put_under(tx: Tx, activation_id: UUID, contract_id: UUID, number: str) -> None:
    """It is a line of another contract from now on."""
    await tx.execute(
        "UPDATE activations SET contract_id = $2, contract_number = $3 WHERE activation_id = $1",
        activation_id,
        contract_id,
        number,
    )
