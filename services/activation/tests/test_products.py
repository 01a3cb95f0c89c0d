"""What registration tells of products comes to one row in any order, and is found by those who may see it."""

from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from activation_service.products.domain import Product
from activation_service.products.handlers import note_move, note_product, note_transfer, product_of
from activation_service.products.naming import NamedProduct, find_product
from chassis.caller import Caller
from chassis.database import Cause
from chassis.transact import Refusal
from event_schemas.registration import ProductRegistered
from event_schemas.registration_cases import MoveExecuted, ProductTransferred

ANTON, ELLA, EGON = uuid4(), uuid4(), uuid4()
ORGANISATION = uuid4()
NOTES = {ProductRegistered: note_product, ProductTransferred: note_transfer, MoveExecuted: note_move}


def registered(product_id: UUID, customer_id: UUID, **changes) -> ProductRegistered:
    usual = {
        "brand": "dynabook",
        "product_id": product_id,
        "serial": "9H0123456X",
        "model": "PT5B1E-0K601",
        "purchased_on": "2026-10-01",
        "warranty_ends_on": "2027-09-30",
        "customer_id": customer_id,
        "registered_by": f"account of {customer_id}",
    }
    return ProductRegistered.model_validate(usual | changes)


def transferred(product_id: UUID, to: UUID | None, **changes) -> ProductTransferred:
    usual = {
        "brand": "dynabook",
        "product_id": product_id,
        "transfer_id": uuid4(),
        "serial": "9H0123456X",
        "model": "PT5B1E-0K601",
        "kind": "sale" if to else "lease_return",
        "from_customer_id": ANTON,
        "to_customer_id": to,
        "transferred_on": "2026-11-01",
        "last_billable_on": "2026-11-30",
        "registered_by": f"account of {to}" if to else None,
    }
    return ProductTransferred.model_validate(usual | changes)


def moved(product_id: UUID, customer_id: UUID, country: str) -> MoveExecuted:
    return MoveExecuted(
        brand="dynabook",
        product_id=product_id,
        move_id=uuid4(),
        serial="9H0123456X",
        model="PT5B1E-0K601",
        customer_id=customer_id,
        from_country="FR",
        to_country=country,
        executed_on="2026-11-10",
    )


def story(product_id: UUID):
    """Six facts about a product: it moves, is sold, moves again, goes back, and is registered anew."""
    return [
        registered(product_id, ANTON, organisation_id=ORGANISATION),
        moved(product_id, ANTON, "BE"),
        transferred(product_id, ELLA),
        moved(product_id, ELLA, "CH"),
        transferred(product_id, None),
        registered(product_id, EGON, purchased_on="2026-09-30", warranty_ends_on="2027-09-29"),
    ]


async def row_of(room, product_id):
    return dict(await room.database.pool.fetchrow("SELECT * FROM products WHERE product_id = $1", product_id))


@pytest.mark.requirement("ACT-02", "ACT-06")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, 5), max_size=4).flatmap(lambda again: st.permutations([*range(6), *again])))
async def test_every_order_and_repetition_of_the_facts_ends_in_the_same_row(room, order):
    product_id, ids = uuid7(), [uuid7() for _ in range(6)]
    facts = story(product_id)
    for place in order:  # past the inbox, as a redrive of an older fact or another id for the same one would come
        async with room.database.transaction(Cause("test", str(ids[place]))) as tx:
            await NOTES[type(facts[place])](facts[place], tx)
    row = await row_of(room, product_id)
    assert (row["customer_id"], row["owner"], row["organisation_id"]) == (EGON, f"account of {EGON}", None)
    assert (str(row["purchased_on"]), str(row["warranty_ends_on"])) == ("2026-09-30", "2027-09-29")
    assert (row["country"], row["moved_for"]) == ("CH", ELLA)
    assert (row["registered_by_fact"], row["owned_by_fact"], row["moved_by_fact"]) == (ids[5], ids[5], ids[3])


@pytest.mark.requirement("ACT-02")
async def test_every_beginning_of_the_story_is_what_the_product_was_then(room):
    product_id, ids = uuid7(), [uuid7() for _ in range(6)]
    seen = []
    for event_id, fact in zip(ids, story(product_id), strict=True):
        async with room.database.transaction(Cause("test", str(event_id))) as tx:
            await NOTES[type(fact)](fact, tx)
            found = await product_of(product_id, tx)
        assert isinstance(found, Product)
        seen.append((found.customer_id, found.country))
    assert seen == [(ANTON, None), (ANTON, "BE"), (ELLA, None), (ELLA, "CH"), (None, None), (EGON, None)]


async def test_a_product_of_which_only_a_move_was_heard_is_nobodys_yet(room):
    product_id = uuid7()
    async with room.database.transaction(Cause("test", str(uuid7()))) as tx:
        await note_move(moved(product_id, ANTON, "BE"), tx)
        found = await product_of(product_id, tx)
        staff = Caller("staff", frozenset({"files:all"}))
        assert isinstance(await find_product(NamedProduct(product_id=product_id), staff, tx), Refusal)
    assert found is not None
    assert (found.customer_id, found.owner, found.purchased_on, found.country) == (None, "", None, None)


ACCOUNT = Caller("account", frozenset(), brand="dynabook", contact=ELLA)
MEMBER = Caller(
    "member", frozenset({"files:organisation"}), organisation=ORGANISATION, brand="dynabook", contact=uuid4()
)
STAFF = Caller("staff", frozenset({"files:all"}))
OTHERS = [
    Caller("somebody", frozenset(), brand="dynabook", contact=uuid4()),
    Caller("member", frozenset(), organisation=ORGANISATION, brand="dynabook", contact=uuid4()),
    Caller("staff of another brand", frozenset({"files:all"}), brand="d-link"),
    Caller("", frozenset()),
]


@pytest.fixture
async def elsewhere(room):
    """Two models with one serial number, registered by a member for Ella, and one of nobody's."""
    serial, models = f"9H{uuid4().int % 10**7:07}X", ("PT5B1E-0K601", "PT5B1E-0K602")
    made = [
        registered(uuid7(), ELLA, serial=serial, model=model, registered_by="dealer@x", organisation_id=ORGANISATION)
        for model in models
    ]
    for fact in made:
        await room.hear(fact)
    return made


async def find(room, caller, **named):
    async with room.database.transaction(Cause("test")) as tx:
        return await find_product(NamedProduct(**named), caller, tx, "/items/0")


@pytest.mark.requirement("ACT-06")
@pytest.mark.parametrize("caller", [ACCOUNT, MEMBER, STAFF], ids=lambda caller: caller.subject)
async def test_a_product_is_found_by_id_and_by_its_label_however_typed(room, elsewhere, caller):
    first = elsewhere[0]
    ways = (
        {"product_id": first.product_id},
        {"brand": "dynabook", "serial": f" {first.serial.lower()} ", "model": first.model.lower()},
        {"product_id": first.product_id, "brand": "dynabook", "serial": first.serial, "model": first.model},
    )
    for way in ways:
        found = await find(room, caller, **way)
        assert isinstance(found, Product)
        assert found.product_id == first.product_id


@pytest.mark.requirement("ACT-06")
@pytest.mark.parametrize("caller", OTHERS, ids=lambda caller: caller.subject or "nobody")
async def test_a_product_that_one_may_not_see_is_refused_like_an_unknown_one(room, elsewhere, caller):
    first = elsewhere[0]
    ways = (
        {"product_id": first.product_id},
        {"product_id": uuid4()},
        {"brand": "dynabook", "serial": first.serial},
        {"brand": "dynabook", "serial": "9H7654321X"},
    )
    assert [await find(room, caller, **way) for way in ways] == [Refusal("not-found", 404)] * 4


@pytest.mark.requirement("ACT-06")
async def test_a_serial_number_of_several_models_asks_which_one(room, elsewhere):
    refusal = await find(room, ACCOUNT, brand="dynabook", serial=elsewhere[0].serial)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.pointer) == ("model-ambiguous", "/items/0/model")
    assert refusal.accepted == ["PT5B1E-0K601", "PT5B1E-0K602"]


async def test_a_product_that_does_not_fit_everything_said_is_not_found(room, elsewhere):
    for wrong in ({"serial": "9H7654321X"}, {"model": "PT5B1E-0K699"}, {"brand": "d-link"}):
        assert await find(room, STAFF, product_id=elsewhere[0].product_id, **wrong) == Refusal("not-found", 404)


@pytest.mark.parametrize(
    ("named", "field"), [({}, "product_id"), ({"serial": "X"}, "product_id"), ({"brand": "dynabook"}, "serial")]
)
async def test_a_product_that_is_not_named_says_which_field_is_missing(room, named, field):
    refusal = await find(room, STAFF, **named)
    assert (refusal.code, refusal.pointer) == ("product-not-named", f"/items/0/{field}")


@pytest.mark.requirement("ACT-06")
async def test_products_are_listed_by_sight_page_by_page_and_by_label(room):
    contact, claims = str(uuid4()), {"brand": "dynabook", "sub": "walter"}
    made = [registered(uuid7(), UUID(contact), serial=f"9H{n:07}X", registered_by="other") for n in range(5)]
    for fact in made:
        await room.hear(fact)
    scopes, shown, path = ["activations:read"], [], "/products?limit=2"
    cursor = ""
    while cursor is not None:
        page = (await room.get(path + cursor, scopes=scopes, claims=claims | {"contact": contact})).json()
        shown += [item["product_id"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert shown == [str(fact.product_id) for fact in reversed(made)]
    label = f"/products?brand=dynabook&serial={made[3].serial.lower()}&model=pt5b1e-0k601"
    (found,) = (await room.get(label, scopes=scopes, claims=claims | {"contact": contact})).json()["items"]
    assert found["product_id"] == str(made[3].product_id)
    assert (await room.get(label, scopes=scopes, claims=claims | {"contact": str(uuid4())})).json()["items"] == []
    assert (await room.get("/products?brand=acme")).json()["code"] == "brand-unknown"
