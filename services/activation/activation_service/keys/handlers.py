"""Keys are put into a brand's stock for a program, and taken out of it, one for each licence (ACT-12, I17)."""

from collections.abc import Sequence
from uuid import UUID

from activation_service.keys import store
from chassis.database import Tx
from chassis.transact import Refusal


async def stock(brand: str, software: str, keys: Sequence[str], by: str, tx: Tx) -> Refusal | None:
    """Keep new keys, all or none; until the transaction ends nobody else takes any.

    The refusal names the place of the key at fault, never the key: 422 `key-twice`, 409 `key-loaded-already`.
    """
    await store.hold(tx, brand, software)
    if refusal := _twice(keys):
        return refusal
    place = await store.first_known(tx, brand, software, keys)
    if place is not None:
        return Refusal("key-loaded-already", 409, f"/keys/{place}")
    await store.load(tx, brand, software, keys, by)
    return None


async def take(brand: str, software: str, licence_id: UUID, tx: Tx) -> bool:
    """Give a licence the oldest free key; False when there is none, and then none comes until the end.

    A key that somebody else is about to take is waited for when there is no other: they may think better of it.
    """
    await store.share(tx, brand, software)
    return await store.take(tx, brand, software, licence_id) or await store.take_last(tx, brand, software, licence_id)


async def free(brand: str, software: str, tx: Tx) -> int:
    """How many keys no licence has yet."""
    return await store.free(tx, brand, software)


async def key_of(licence_id: UUID, tx: Tx) -> str:
    """The key of a licence that has one; for its holder alone."""
    return await store.key_of(tx, licence_id)


def _twice(keys: Sequence[str]) -> Refusal | None:
    first: dict[str, int] = {}
    for place, key in enumerate(keys):
        if (earlier := first.setdefault(key, place)) != place:
            return Refusal("key-twice", 422, f"/keys/{place}", details={"first": f"/keys/{earlier}"})
    return None
