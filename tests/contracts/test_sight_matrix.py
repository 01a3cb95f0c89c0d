"""Every actor before every file: REG-06 decides what is shown, and what is not shown looks like what is not there."""

import re
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from tests.architecture.tree import description
from tests.support.activation_files import ActivationFiles
from tests.support.files import LATER, MODEL, TODAY, Files, person
from tests.support.operations import JSON, Operation, examples_of, operations
from tests.support.rooms import DatabaseServer, open_room
from tests.support.world import BRAND, Actor, World, done

ACTIVATION: Final = description("activation")
LISTS: Final = {
    "registration": {
        "/certificates": "certificate_id",
        "/products": "product_id",
        "/registrations": "redemption_id",
        "/contests": "contest_id",
        "/transfers": "transfer_id",
        "/moves": "move_id",
        "/dossiers": "dossier_id",
    },
    "activation": {
        "/products": "product_id",
        "/sites": "site_number",
        "/activation-requests": "request_id",
        "/activations": "activation_id",
        "/contracts": "contract_id",
        "/licences": "licence_id",
        "/disputes": "dispute_id",
    },
}
"""Lists of files, and the name of the id in their items."""
NO_FILES: Final = {
    "registration": {
        "/profile",
        "/own-join-request",
        "/organisations",
        "/organisations/{organisation_id}",
        "/join-requests",
        "/join-requests/{join_request_id}",
        "/members",
        "/announcements",
        "/announcements/{announcement_id}/attachment",
    },
    "activation": {
        "/offers",
        "/offers/{reference}",
        "/codes",
        "/disputes/{dispute_id}/documents/{document_id}",
        "/licences/{licence_id}/downloads/{release_id}/file",
    },
}
"""What shows no file: the caller's own, what all of a brand see, the organisation's people, tried below; a part of a
file that stands under another one, tried in its own room."""
MOVE: Final[dict[str, Any]] = {
    "from_country": "FR",
    "to_country": "CH",
    "new_address": {"street": "Bahnhofstrasse 1", "postal_code": "8001", "city": "Zürich"},
    "planned_on": LATER,
    "reason": "The department moves.",
}
REGISTRATION: Final[dict[str, Any]] = {
    "brand": BRAND,
    "serial": "9H7654321X",
    "model": MODEL,
    "purchased_on": TODAY,
    "customer": person("Nobody"),
}
PRODUCT: Final[dict[str, Any]] = {**REGISTRATION}
"""The same without a certificate."""
DOSSIER: Final[dict[str, Any]] = {"brand": BRAND}
LISTED: Final = ("proof_of_purchase", "purchase_invoices")
LOOKS: Final = [one for one in operations(*LISTS) if one.method == "GET" and one.scope is not None]
DEAR: Final = {"/contracts/{contract_id}/copy"}
"""Looks that cost a tenth of a second: of what is seen, only the reader's own is tried."""
SHOWN: Final = (200, 409)
"""Statuses of a file that is shown, or of which the part asked for does not stand at present."""
OWN_IDS: Final = ("x-request-id", "traceparent")


def file_of(operation: Operation) -> str | None:
    """The name of the id of the file that an operation is about."""
    named = re.findall(r"\{(\w+)\}", operation.path)
    return named[0] if len(named) == 1 and named[0] in {"document_id", *LISTS[operation.service].values()} else None


def alike(answer: httpx.Response, without: str = "\0") -> tuple[object, ...]:
    """Everything by which a reader could tell two answers apart, without what the reader said themselves."""
    text = re.sub(r'"correlation_id":"[^"]*"', "", answer.text).replace(without, "")
    return answer.status_code, text, sorted(item for item in answer.headers.items() if item[0] not in OWN_IDS)


Shelf = Files | ActivationFiles


@pytest.fixture(scope="module")
async def shelves(postgres: DatabaseServer) -> AsyncIterator[dict[str, Shelf]]:
    """A world in which everybody has a file of every kind, by service."""
    async with open_room(description("registration"), postgres) as room, open_room(ACTIVATION, postgres) as other:
        world = await World(room).begin()
        activation = await ActivationFiles(world.at(other)).begin()
        yield {"registration": await Files(world).begin(), "activation": activation}


@pytest.fixture(scope="module")
def files(shelves: dict[str, Shelf]) -> Files:
    found = shelves["registration"]
    assert isinstance(found, Files)
    return found


def those_who_may(files: Shelf, operation: Operation) -> list[Actor]:
    return [one for one in files.world.actors.values() if one.may(operation.scope)]


def each(chosen: list[Operation]) -> list[Any]:
    return [pytest.param(one, id=f"{one.service} {one}") for one in chosen]


@pytest.mark.requirement("REG-06")
@pytest.mark.parametrize("operation", each([one for one in LOOKS if file_of(one)]))
async def test_a_file_is_shown_to_those_who_may_see_it_and_to_nobody_else(
    shelves: dict[str, Shelf], operation: Operation
) -> None:
    files = shelves[operation.service]
    name, wrong = file_of(operation) or "", []
    for actor in those_who_may(files, operation):
        unknown = alike(await actor.get(operation.path.replace(f"{{{name}}}", str(uuid4()))))
        assert unknown[0] == 404
        for file, maker in files.one_of_each(name).items():
            seen = files.sees(actor, maker, name)
            if seen and operation.path in DEAR and maker is not actor:
                continue
            answer = await actor.get(operation.path.replace(f"{{{name}}}", file))
            if (answer.status_code in SHOWN) if seen else (alike(answer) == unknown):
                continue
            wrong.append(f"{actor.name} before a file of {maker.name}, {seen=}: {answer.status_code} {answer.text}")
    assert files.makers[name]
    assert wrong == []


@pytest.mark.requirement("REG-06")
@pytest.mark.parametrize("operation", each([one for one in LOOKS if one.path in LISTS[one.service]]))
async def test_a_list_has_the_files_that_the_reader_may_see_and_no_others(
    shelves: dict[str, Shelf], operation: Operation
) -> None:
    files = shelves[operation.service]
    name = LISTS[operation.service][operation.path]
    for actor in those_who_may(files, operation):
        items = done(await actor.get(f"{operation.path}?limit=200"))["items"]
        expected = {file for file, maker in files.makers[name].items() if files.sees(actor, maker, name)}
        assert {item[name] for item in items} == expected, actor.name


@pytest.mark.requirement("REG-06")
@pytest.mark.parametrize(
    "operation", each([one for one in operations(*LISTS) if one.method == "POST" and file_of(one)])
)
async def test_a_command_on_a_file_that_one_may_not_see_is_answered_as_on_none(
    shelves: dict[str, Shelf], operation: Operation
) -> None:
    files = shelves[operation.service]
    name, tried = file_of(operation) or "", 0
    told = (operation.body or {}).get(JSON)
    body = examples_of(told, operation.service)[0] if told else None
    for actor in those_who_may(files, operation):
        unknown = alike(await actor.post(operation.path.replace(f"{{{name}}}", str(uuid4())), body))
        assert unknown[0] == 404, unknown
        for file, maker in files.one_of_each(name).items():
            if not files.sees(actor, maker, name):
                answer = await actor.post(operation.path.replace(f"{{{name}}}", file), body)
                assert alike(answer) == unknown, f"{actor.name} on a file of {maker.name}"
                tried += 1
    assert tried or operation.scope == "registrations:decide"


NAMING: Final[tuple[tuple[str, str, str, dict[str, Any]], ...]] = (
    ("/transfers", "product_id", "not-found", {"kind": "lease_return", "transferred_on": TODAY}),
    ("/moves", "product_id", "not-found", MOVE),
    ("/registrations", "proof_of_purchase", "document-unknown", REGISTRATION),
    ("/products", "proof_of_purchase", "document-unknown", PRODUCT),
    ("/dossiers", "file", "document-unknown", DOSSIER),
    ("/dossiers", "purchase_invoices", "document-unknown", DOSSIER),
)
"""Commands that name a file in their body: path, field, how an unknown one is refused, the rest of the body."""


@pytest.mark.requirement("REG-06")
@pytest.mark.parametrize(("path", "field", "code", "rest"), NAMING, ids=[f"{one[0]} {one[1]}" for one in NAMING])
async def test_a_file_that_one_may_not_see_cannot_be_named_in_a_command(
    files: Files, path: str, field: str, code: str, rest: dict[str, Any]
) -> None:
    kind = "product_id" if field == "product_id" else "document_id"
    for actor in [one for one in files.world.actors.values() if one.claims["role"] == "dealer-member"]:
        invoice, table, *_ = [file for file, maker in files.makers["document_id"].items() if maker is actor]
        own = {"file": table, "purchase_invoices": [invoice], "service_invoices": [invoice]}
        more = {"certificate": files.certificate} if rest is REGISTRATION else own if rest is DOSSIER else {}
        strange = next(file for file, maker in files.makers[kind].items() if not actor.sees_files_of(maker))
        answers = []
        for one in (strange, str(uuid4())):
            said = {field: [one] if field in LISTED else one}
            answer = await actor.post(path, {**more, **rest, **said})
            assert answer.json()["code"] == code, answer.text
            answers.append(alike(answer, without=one))
        assert answers[0] == answers[1], actor.name


@pytest.mark.requirement("REG-06")
async def test_the_serial_number_of_a_product_that_one_may_not_see_names_no_product(files: Files) -> None:
    berta, staff = files.world["Berta"], files.world["staff"]
    unknown = "9H7654321X"
    for file in [file for file, maker in files.makers["product_id"].items() if not berta.sees_files_of(maker)]:
        serial = done(await staff.get(f"/products/{file}"))["serial"]
        assert done(await berta.get(f"/products?serial={serial}"))["items"] == []
        named = [await berta.post("/moves", {"brand": BRAND, "serial": one, **MOVE}) for one in (serial, unknown)]
        assert alike(named[0], without=serial) == alike(named[1], without=unknown)


@pytest.mark.requirement("ACT-05", "ALL-05")
async def test_the_streets_of_a_request_are_for_its_own_people_and_those_who_may_read_sites(
    shelves: dict[str, Shelf],
) -> None:
    files = shelves["activation"]
    readers = [one for one in files.world.actors.values() if one.may("activations:read")]
    blind = [one.claims["role"] for one in readers if one.may("files:all") and not one.may("sites:read")]
    assert blind == ["ops"]
    for actor in readers:
        shown = done(await actor.get("/activation-requests?limit=200"))["items"]
        for file in [one["request_id"] for one in shown]:
            review = done(await actor.get(f"/activation-requests/{file}"))["items"][0]["review"]
            assert "house_number" in review["differences"]
            streets = [(review[name] or {}).get("street") for name in ("site_address", "product_address")]
            assert (streets == [None, None]) == (actor.claims["role"] in blind), actor.name
        assert ("Kerkstraat" in str(shown)) == (bool(shown) and actor.claims["role"] not in blind), actor.name


def test_every_look_is_tried() -> None:
    """A new operation that shows something has to be entered above, or it is not known whom it shows what."""
    known = {service: {*LISTS[service], *NO_FILES[service]} for service in LISTS}
    assert [str(one) for one in LOOKS if not file_of(one) and one.path not in known[one.service]] == []


@pytest.mark.requirement("REG-06")
async def test_the_customer_of_a_product_sees_what_a_dealer_registered_for_them(files: Files) -> None:
    ella, egon, anton = (files.world[name] for name in ("Ella", "Egon", "Anton"))
    product = await files.register_for(anton, ella)
    for name, path in (("product_id", "/products"), ("redemption_id", "/registrations")):
        assert (await ella.get(f"{path}/{product[name]}")).status_code == 200
        unknown = alike(await egon.get(f"{path}/{uuid4()}"))
        assert alike(await egon.get(f"{path}/{product[name]}")) == unknown


@pytest.mark.requirement("REG-04", "REG-06")
async def test_who_wants_to_join_and_who_belongs_is_the_organisations_own_to_know(files: Files) -> None:
    anton, berta, staff = (files.world[name] for name in ("Anton", "Berta", "staff"))
    applicant = await files.world.signed_up("Ada", "dynabook")
    asked = done(await applicant.post("/join-requests", {"organisation_id": anton.organisation}))
    path = f"/join-requests/{asked['join_request_id']}"
    assert [(await actor.get(path)).status_code for actor in (anton, staff)] == [200, 200]
    assert alike(await berta.get(path)) == alike(await berta.get(f"/join-requests/{uuid4()}"))
    assert asked["join_request_id"] not in (await berta.get("/join-requests")).text
    decided = await berta.post(f"{path}/approval")
    assert alike(decided) == alike(await berta.post(f"/join-requests/{uuid4()}/approval"))
    foreign = await berta.get(f"/members?organisation_id={anton.organisation}")
    assert alike(foreign) == alike(await berta.get(f"/members?organisation_id={uuid4()}"))
    members = done(await berta.get("/members"))["items"]
    assert {one["name"] for one in members} == {"Berta Martin", "Bea Martin", "Bruno Martin"}
    zoe, here = files.world["Zoe"], "/organisations/"
    assert alike(await zoe.get(here + str(anton.organisation))) == alike(await zoe.get(here + str(uuid4())))


@pytest.mark.requirement("REG-06")
async def test_who_is_let_go_sees_their_own_files_and_the_organisations_no_more(files: Files) -> None:
    berta = files.world["Berta"]
    boris = await files.world.joined("Boris", berta)
    done(await berta.post(f"/members/{boris.account_id}/removal"))
    free = Actor.of("Boris", await boris.refresh())
    assert free.organisation is None
    shown = [one for one in LOOKS if one.service == "registration" and file_of(one) and free.may(one.scope)]
    assert shown
    for operation in shown:
        name = file_of(operation) or ""
        for file in [file for file, maker in files.makers[name].items() if maker is berta]:
            answer = await free.get(operation.path.replace(f"{{{name}}}", file))
            assert alike(answer) == alike(await free.get(operation.path.replace(f"{{{name}}}", str(uuid4()))))
