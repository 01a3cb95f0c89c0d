"""Which day of purchase is taken, and that a known product does not become younger (REG-14, REG-15)."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from registration_service.policy import policy_of

from .casework import ZOE, Actor, Case, dealer, open_case
from .conftest import Desk, refused

pytestmark = pytest.mark.requirement("REG-14")


@pytest.mark.parametrize(
    "typed",
    [
        "0",
        "1699920000",
        1699920000,
        "20261120",
        "2026-11-20T00:00:00",
        "2026-11-20T00:00:00Z",
        "20/11/2026",
        "２026-11-20",
    ],
)
async def test_a_day_of_purchase_is_written_with_year_month_and_day(desk, typed) -> None:
    issued, before = await desk.certificate(), await desk.rows()
    error = refused(
        await desk.register(issued.certificate_number, purchased_on=typed),
        422,
        "fields-not-acceptable",
        "/purchased_on",
    )
    assert "YYYY-MM-DD" in error["message"]
    assert await desk.rows() == before


async def test_a_day_of_purchase_before_1990_is_refused_with_the_first_that_is_taken(desk) -> None:
    issued = await desk.certificate()
    for typed in ("0001-01-01", "1989-12-31"):
        answer = await desk.register(issued.certificate_number, purchased_on=typed)
        error = refused(answer, 422, "fields-not-acceptable", "/purchased_on")
        assert (error["value"], error["accepted"]) == (typed, "1990-01-01")
        assert "1990-01-01" in error["message"]
    extension = await desk.certificate(brand="d-link", service_reference="DAS-C-12")
    known = {"brand": "d-link", "serial": "RZ9B000000199", "model": "DGS-3130"}
    answer = await desk.register(extension.certificate_number, purchased_on="1990-01-01", **known)
    assert (answer.status_code, answer.json()["warranty_ends_on"][:3]) == (201, "199")


async def again(who: Actor, case: Case, desk: Desk, purchased_on: str, **changes: Any) -> Any:
    issued = await desk.certificate()
    body = {**case.body, "certificate": issued.certificate_number, "purchased_on": purchased_on}
    return await who.post("/registrations", body | changes)


@pytest.mark.requirement("REG-15")
async def test_an_extension_is_not_got_by_taking_the_registration_back_and_naming_a_later_day(desk) -> None:
    case = await open_case(desk)
    desk.room.clock.set(datetime(2028, 1, 10, tzinfo=UTC))
    late = await again(case.dealer, case, desk, "2026-11-20")
    assert (late.status_code, late.json()["code"]) == (409, "standard-warranty-over")
    path = f"/registrations/{case.registered['redemption_id']}/cancellation"
    assert (await case.dealer.post(path)).status_code == 200
    for who, customer in ((case.dealer, case.body["customer"]), (dealer(desk.room), ZOE)):
        answer = await again(who, case, desk, "2028-01-09", customer=customer)
        error = refused(answer, 409, "purchase-later-than-known", "/purchased_on")
        assert (error["value"], error["accepted"]) == ("2028-01-09", "≤ 2026-11-20")
        assert "2026-11-20" in error["detail"]
        assert policy_of("dynabook").contacts.requests in error["detail"]


async def test_a_released_product_takes_an_earlier_day_from_anybody_and_a_later_one_from_who_sees_every_file(
    desk,
) -> None:
    case = await open_case(desk)
    path = f"/registrations/{case.registered['redemption_id']}/cancellation"
    await case.dealer.post(path)
    earlier = await again(case.dealer, case, desk, "2026-11-01")
    assert (earlier.status_code, earlier.json()["warranty_ends_on"]) == (201, "2027-10-31")
    await case.dealer.post(f"/registrations/{earlier.json()['redemption_id']}/cancellation")
    corrected = await again(case.staff, case, desk, "2026-11-20")
    assert (corrected.status_code, corrected.json()["warranty_ends_on"]) == (201, "2027-11-19")


@pytest.mark.requirement("REG-17")
async def test_after_a_lease_return_the_warranty_keeps_its_first_day(desk) -> None:
    case, seller = await open_case(desk), dealer(desk.room)
    await case.dealer.post("/transfers", case.lease_return())
    desk.room.clock.set(datetime(2027, 3, 10, tzinfo=UTC))
    person = {**ZOE, "email": f"{uuid4()}@example.com"}
    later = await again(seller, case, desk, "2027-03-09", customer=person)
    refused(later, 409, "purchase-later-than-known", "/purchased_on")
    told = await again(seller, case, desk, "2026-11-20", customer=person)
    assert (told.status_code, told.json()["warranty_ends_on"]) == (201, "2027-11-19")
    assert told.json()["product_id"] == case.product_id
