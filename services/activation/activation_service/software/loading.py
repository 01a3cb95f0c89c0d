"""Licence keys: loaded by staff, given to the licences that wait, shown to their holders alone (ACT-12, I17)."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.keys.handlers import free, key_of, stock, take
from activation_service.policy import Reference
from activation_service.software import store
from activation_service.software.domain import State, side_of
from activation_service.software.handlers import issue_key
from activation_service.software.programs import program_of
from chassis.caller import Caller, Whose
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.activation_contracts import LicenceIssued

LicenceKey = Annotated[str, Field(min_length=4, max_length=200, pattern=r"^[!-~]+( [!-~]+)*$")]
"""As its maker prints it; blanks only between its groups."""


class LoadKeys(BaseModel):
    """Unused keys of one program."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: Annotated[str, Field(min_length=1, max_length=40, examples=["d-link"])]
    software: Annotated[Reference, Field(examples=["NUCLIAS-CONNECT"])]
    keys: Annotated[tuple[LicenceKey, ...], Field(min_length=1, max_length=1000, repr=False)] = Field(
        examples=[["NC-7Q2M-XK41-9PLD", "NC-7Q2M-XK41-9PLE"]]
    )
    """Each for one licence; in this order."""


class KeysView(BaseModel):
    """How many keys there are now; the keys themselves are never shown again but to their holders."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    brand: Annotated[str, Field(examples=["d-link"])]
    software: Annotated[str, Field(examples=["NUCLIAS-CONNECT"])]
    loaded: Annotated[int, Field(examples=[2])]
    issued: Annotated[int, Field(examples=[1])]
    """Keys, these and others, that were given at once to licences that waited."""
    free: Annotated[int, Field(examples=[1])]
    """Keys that no licence has yet, these and others."""
    waiting: Annotated[int, Field(examples=[0])]
    """Licences that still wait."""


async def load_keys(command: LoadKeys, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Keep new keys and give them to the licences that wait, the oldest first; all or none. Raises UnknownBrand."""
    brand, software = command.brand, command.software
    program = await program_of(brand, software, tx)
    if isinstance(program, Refusal):
        return program
    if refusal := await stock(brand, software, command.keys, by.subject, tx):
        return refusal
    unused = await free(brand, software, tx)
    said = [await _give(one, tx) for one in await store.waiting(tx, brand, software, unused)]
    view = KeysView(
        brand=brand,
        software=software,
        loaded=len(command.keys),
        issued=len(said),
        free=unused - len(said),
        waiting=await store.count_waiting(tx, brand, software),
    )
    return Accepted(view, said)


class ShowKey(BaseModel):
    """A look at a key needs no words."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{}]})


class KeyView(BaseModel):
    """A licence's key, for its holder."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    licence_id: UUID
    software: Annotated[str, Field(examples=["NUCLIAS-CONNECT"])]
    state: Annotated[State, Field(examples=["issued"])]
    key: Annotated[str | None, Field(examples=["NC-7Q2M-XK41-9PLD"])]
    """None while the licence waits for one, and after it was revoked."""


async def show_key(_: ShowKey, tx: Tx, licence_id: UUID, by: Caller) -> Accepted | Refusal:
    """Show a key, and write down who looked; 404 for those who may not see the licence."""
    licence = await store.find(tx, Whose.seen_by(by), licence_id)
    if licence is None:
        return Refusal("not-found", 404)
    key = None
    if licence.state == "issued":
        key = await key_of(licence_id, tx)
        await store.note(tx, licence_id, "key_shown", side_of(by), by.subject)
    return Accepted(KeyView(licence_id=licence_id, software=licence.software, state=licence.state, key=key), None, 200)


async def _give(licence_id: UUID, tx: Tx) -> LicenceIssued:
    licence = await store.lock(tx, licence_id)
    taken = await take(licence.brand, licence.software, licence_id, tx)
    assert taken  # no more licences were asked for than keys are free, and nobody else takes any
    return await issue_key(licence, tx)
