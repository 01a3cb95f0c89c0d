"""The OpenAPI document of a service: examples put together from those of the fields, refusals told as problems."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import APIRouter
from pydantic import BaseModel, Field
from tests.support.toy.service import TOY

from chassis.http.app import build_app

router = APIRouter()


class Shown(BaseModel):
    """As an author writes it whole; FastAPI drops what is null from it."""

    model_config = {"json_schema_extra": {"examples": [{"serial": "S-1", "sold_to": None}]}}

    serial: str
    sold_to: str | None


class Listed(BaseModel):
    """As an author writes it field by field, or not at all."""

    serial: str
    price: str = Field(examples=["450.00"])
    ids: list[UUID]
    inside: Shown


@router.get("/shown")
async def show_one() -> Shown:
    return Shown(serial="S-1", sold_to=None)


@router.get("/listed")
async def list_all() -> list[Listed]:
    return []


def shown(path: str) -> Any:
    told = build_app("toy", TOY.package, [router]).openapi()["paths"][path]["get"]
    return told["responses"]["200"]["content"]["application/json"]["example"]


def test_an_example_is_whole_also_where_a_field_is_null() -> None:
    assert shown("/shown") == {"serial": "S-1", "sold_to": None}


def test_an_example_is_put_together_from_fields_and_their_namesakes() -> None:
    [item] = shown("/listed")
    assert (item["serial"], item["price"], item["inside"]) == ("S-1", "450.00", {"serial": "S-1", "sold_to": None})
    assert [UUID(one) for one in item["ids"]]


@pytest.mark.requirement("ALL-01")
def test_a_command_says_that_it_needs_a_key_and_refuses_with_problems_only() -> None:
    told = build_app("toy", TOY.package, TOY.routers).openapi()["paths"]["/invoices"]["post"]
    assert told["operationId"] == "post_invoice"
    [key] = [one for one in told["parameters"] if one["name"] == "Idempotency-Key"]
    assert (key["required"], key["schema"]["maxLength"]) == (True, 255)
    refusals = {status: set(one["content"]) for status, one in told["responses"].items() if status >= "4"}
    assert refusals
    assert set(map(frozenset, refusals.values())) == {frozenset({"application/problem+json"})}
