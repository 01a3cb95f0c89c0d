"""The catalogue over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from activation_service.offers.domain import applicable
from activation_service.policy import policy_of
from chassis.http.access import may
from chassis.http.pages import Page

router: Final = APIRouter(tags=["offers"], dependencies=[Depends(may("activations:read"))])


class OfferView(BaseModel):
    """An offer as it stands in the brand's policy."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    reference: Annotated[str, Field(examples=["PPCP013FR-VGAD"])]
    name: Annotated[str, Field(examples=["Pack Pro Connect 3 ans"])]
    duration_months: Annotated[int, Field(examples=[36])]
    response_level: Annotated[str, Field(examples=["on-site-next-business-day"])]
    models: Annotated[list[str], Field(examples=[["PT5B1E-*"]])]
    """Patterns: `*` stands for any characters, `?` for one."""


@router.get("/offers")
async def list_offers(
    brand: Annotated[str, Query(description="The brand that sells them.", examples=["dynabook"])],
    model: Annotated[str | None, Query(description="Only offers for this model.", examples=["PT5B1E-0K601"])] = None,
) -> Page[OfferView]:
    """The service offers of a brand, on one page (ACT-04)."""
    return Page(items=[OfferView.model_validate(offer) for offer in applicable(policy_of(brand), model)])
