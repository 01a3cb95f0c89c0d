"""Every SQL statement about contacts."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Final
from uuid import UUID

from asyncpg import Record

from chassis.database import Tx
from registration_service.contacts.domain import Contact

_columns: Final = attrgetter(*(field.name for field in fields(Contact)))
# Who may overwrite: our own servers, and a person themselves. Others fill what is empty; nobody a strange account's.
_MINE: Final = "contacts.contact_id IS NOT DISTINCT FROM $14::uuid"
_HELD: Final = f"(contacts.account_id IS NOT NULL AND NOT ({_MINE}))"
_OVER: Final = f"CASE WHEN $15::boolean OR {_MINE} THEN"
_AFTER: Final = {
    "name": f"{_OVER} $3 ELSE coalesce(nullif(contacts.name, ''), $3) END",
    "language": f"{_OVER} $5 ELSE contacts.language END",
    **{
        column: f"{_OVER} coalesce(${place}, contacts.{column}) ELSE coalesce(contacts.{column}, ${place}) END"
        for place, column in enumerate(("company", "phone", "street", "postal_code", "city", "country", "channel"), 6)
    },
}
_BEFORE: Final = ", ".join(f"contacts.{column}" for column in _AFTER)
_NEWS: Final = f"({_BEFORE}) IS DISTINCT FROM ({', '.join(_AFTER.values())})"
# Mostly a contact stands as it is said, and is not even locked: a busy dealer's commands do not wait for each other.
_WRITE: Final = f"""
WITH stands AS (
  SELECT contact_id FROM contacts WHERE brand = $2 AND lower(email) = lower($4) AND ({_HELD} OR NOT {_NEWS})
), written AS (
  INSERT INTO contacts
    (contact_id, brand, name, email, language, company, phone, street, postal_code, city, country, channel, changed_at)
  SELECT $1::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::timestamptz
  WHERE NOT EXISTS (SELECT FROM stands)
  ON CONFLICT (brand, lower(email)) DO UPDATE SET {", ".join(map(" = ".join, _AFTER.items()))}, changed_at = $13
  WHERE NOT {_HELD} AND {_NEWS}
  RETURNING contact_id, brand, name, email, language
)
SELECT contact_id, brand, name, email, language FROM written
UNION ALL SELECT contact_id, NULL, NULL, NULL, NULL FROM stands
"""
_AT_ADDRESS: Final = "SELECT contact_id FROM contacts WHERE brand = $1 AND lower(email) = lower($2)"
_OPEN_NAMELESS: Final = """
INSERT INTO contacts (contact_id, brand, name, email, language, changed_at) VALUES ($1, $2, '', $3, $4, $5)
ON CONFLICT (brand, lower(email)) DO NOTHING RETURNING true
"""
_HOLD: Final = """
UPDATE contacts SET account_id = $2, company = NULL, phone = NULL, street = NULL, postal_code = NULL, city = NULL,
  country = NULL, channel = NULL, changed_at = $3
WHERE contact_id = $1 AND account_id IS DISTINCT FROM $2
"""
_CHANGE_HELD: Final = """
UPDATE contacts SET name = $2, language = $3, phone = coalesce($5, phone), changed_at = $4 WHERE contact_id = $1
RETURNING contact_id, brand, name, email, language
"""


async def write(tx: Tx, contact: Contact, own: UUID | None, overwrites: bool) -> Contact | UUID | None:
    """Write a new or changed contact and return it; its id alone when there is nothing new that may be written.

    `own` is the writer's own contact, which they may overwrite; `overwrites` for those who may overwrite others' too.
    None when somebody else is writing the same: now that they are done, try again.
    """
    row = await tx.fetchrow(_WRITE, *_columns(contact), tx.now, own, overwrites)
    if row is None or row["brand"] is None:
        return row["contact_id"] if row else None
    return Contact(**row)


async def at_address(tx: Tx, brand: str, email: str) -> UUID | None:
    """The id of the contact with this address, without locking it."""
    found: UUID | None = await tx.fetchval(_AT_ADDRESS, brand, email)
    return found


async def languages(tx: Tx, brand: str, emails: Sequence[str]) -> dict[str, str]:
    """The languages of the contacts with these addresses (in small letters), by address."""
    query = "SELECT lower(email) AS email, language FROM contacts WHERE brand = $1 AND lower(email) = ANY($2)"
    return {row["email"]: row["language"] for row in await tx.fetch(query, brand, emails)}


async def open_nameless(tx: Tx, contact_id: UUID, brand: str, email: str, language: str) -> bool:
    """Write a contact that has not said its name yet; False when the address has one."""
    return bool(await tx.fetchval(_OPEN_NAMELESS, contact_id, brand, email, language, tx.now))


async def hold(tx: Tx, contact_id: UUID, account_id: UUID) -> None:
    """Give a contact to an account, without what is only known of it by hearsay; once."""
    await tx.execute(_HOLD, contact_id, account_id, tx.now)


async def change_held(tx: Tx, contact_id: UUID, name: str, language: str, phone: str | None) -> Record | None:
    """Write name, language and phone of an account's contact; returns it as others hear of it."""
    return await tx.fetchrow(_CHANGE_HELD, contact_id, name, language, tx.now, phone)


async def country_of(tx: Tx, contact_id: UUID) -> str | None:
    """The country of a contact's address, as far as it is known."""
    found: str | None = await tx.fetchval("SELECT country FROM contacts WHERE contact_id = $1", contact_id)
    return found


async def drop_nameless(tx: Tx, contact_ids: list[UUID]) -> None:
    """Drop those of these contacts that have no name and belong to no account."""
    await tx.execute(
        "DELETE FROM contacts WHERE contact_id = ANY($1::uuid[]) AND name = '' AND account_id IS NULL", contact_ids
    )
