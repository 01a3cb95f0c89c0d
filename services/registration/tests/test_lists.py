"""What lists are asked for means the same in all of them (REG-06)."""

import pytest

from .casework import open_case
from .conftest import refused

pytestmark = pytest.mark.requirement("REG-06")
LISTS = ("/products", "/registrations", "/certificates", "/transfers", "/moves", "/announcements", "/dossiers")
BY_SERIAL = ("/products", "/registrations", "/transfers", "/moves")


@pytest.mark.parametrize("path", LISTS)
async def test_a_brand_that_does_not_exist_is_an_error_and_no_empty_list(desk, path) -> None:
    for unknown in ("nobody", "%00"):
        answer = await desk.room.get(f"{path}?brand={unknown}")
        assert (answer.status_code, answer.json()["code"]) == (422, "brand-unknown")
    assert (await desk.room.get(f"{path}?brand=dynabook")).status_code == 200


@pytest.mark.parametrize("path", BY_SERIAL)
async def test_a_serial_number_is_found_in_capitals_or_not_and_one_that_cannot_be_is_an_error(desk, path) -> None:
    case = await open_case(desk)
    await case.dealer.post("/moves", case.move())
    await case.dealer.post("/transfers", case.sale(transferred_on="2026-12-01"))
    typed = case.body["serial"].lower()
    assert [one["serial"] for one in (await case.dealer.get(f"{path}?serial={typed}")).json()["items"]] == [
        case.body["serial"]
    ]
    for wrong in ("%00", "9" * 65):
        refused(await desk.room.get(f"{path}?serial={wrong}"), 422, "fields-not-acceptable", "/query/serial")
