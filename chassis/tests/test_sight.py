"""Whose files a caller sees: scopes decide, and without one that says more it is their own (REG-06, ALL-06)."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from tests.support.rooms import Room

from chassis.caller import FILES_ALL, FILES_ORGANISATION, Caller, Sight, seen

SHOP, RIVAL = uuid4(), uuid4()
FILES = ((f"anna@{SHOP}", SHOP), (f"bert@{SHOP}", SHOP), (f"carla@{RIVAL}", RIVAL), ("dirk", None))


def caller(subject: str, *scopes: str, organisation: UUID | None = None) -> Caller:
    return Caller(subject, frozenset(scopes), organisation=organisation)


async def owners(room: Room, sight: Sight) -> Sequence[str]:
    rows = await room.database.pool.fetch(
        "SELECT f.owner FROM unnest($1::text[], $2::uuid[]) AS f(owner, organisation_id)"
        f" WHERE {seen(3, 'f')} ORDER BY 1",
        [owner for owner, _ in FILES],
        [organisation for _, organisation in FILES],
        *sight.columns,
    )
    return [row["owner"].partition("@")[0] for row in rows]


@pytest.mark.requirement("REG-06")
@pytest.mark.parametrize(
    ("who", "visible"),
    [
        (caller("anna", organisation=SHOP), ["anna"]),
        (caller("anna", FILES_ORGANISATION, organisation=SHOP), ["anna", "bert"]),
        (caller("erik", FILES_ORGANISATION, organisation=SHOP), ["anna", "bert"]),
        (caller("carla", FILES_ORGANISATION, organisation=RIVAL), ["carla"]),
        (caller("dirk"), ["dirk"]),
        (caller("anna"), []),  # has left the shop
        (caller("anna", FILES_ORGANISATION, organisation=RIVAL), ["carla"]),
        (caller("dirk", FILES_ORGANISATION), ["dirk"]),
        (caller("nobody", "files:everything"), []),
        (caller("desk", FILES_ALL), ["anna", "bert", "carla", "dirk"]),
        (caller("desk", FILES_ALL, organisation=SHOP), ["anna", "bert", "carla", "dirk"]),
    ],
)
async def test_a_caller_sees_what_their_scopes_say_and_no_more(room: Room, who: Caller, visible: list[str]) -> None:
    assert await owners(room, who.sight) == visible


def test_a_file_may_concern_a_person_who_does_not_own_it() -> None:
    person = uuid4()
    assert Caller("anna", frozenset(), contact=person).sight.contact_id == person
    assert Caller("desk", frozenset({FILES_ALL}), contact=person).sight == Sight()
