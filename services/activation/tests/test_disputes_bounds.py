"""Whose file a dispute is that staff open, and how much is said in one (ACT-13, REG-06)."""

from uuid import UUID

import pytest

from activation_service.disputes.domain import MOST_EVIDENCE

from .asking import Person, registered
from .licensing import cleared, get, post


@pytest.fixture
async def here(room):
    return await cleared(room)


async def opened(room, product, **more) -> str:
    body = {"product": {"product_id": str(product.product_id)}, "statement": "It is covered."}
    answer = await room.post("/disputes", body, **more)
    assert answer.status_code == 201, answer.text
    return f"/disputes/{answer.json()['dispute_id']}"


@pytest.mark.requirement("ACT-13", "REG-06")
async def test_a_dispute_that_staff_open_is_seen_by_its_customer_and_by_those_whose_file_the_product_is(here):
    dealer, customer, stranger = Person(here), Person(here), Person(here)
    product = await registered(here, customer_id=customer.contact, registered_by=dealer.subject)
    path = await opened(here, product, claims={"sub": "gateway"})
    assert [(await get(one, path)).status_code for one in (dealer, customer, stranger)] == [200, 200, 404]


@pytest.mark.requirement("ACT-13", "ALL-06")
async def test_a_dispute_takes_only_as_many_statements_as_one_answer_shows(here):
    holder = Person(here)
    path = await opened(here, await holder.product())
    await here.database.pool.execute(
        "INSERT INTO dispute_evidence "
        "SELECT gen_random_uuid(), dispute_id, side, statement, documents, given_by, given_at "
        "FROM dispute_evidence, generate_series(1, $2) WHERE dispute_id = $1",
        UUID(path.rpartition("/")[2]),
        MOST_EVIDENCE - 2,
    )
    answers = [await post(holder, f"{path}/evidence", {"statement": "And this."}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert (answers[1].json()["code"], answers[1].json()["details"]) == ("dispute-full", {"most": MOST_EVIDENCE})
    assert len((await get(holder, path)).json()["evidence"]) == MOST_EVIDENCE
