"""The brand that a list is asked for."""

from typing import Annotated

from fastapi import Depends, Query

from registration_service.policy import policy_of


async def _brand(
    brand: Annotated[str | None, Query(max_length=40, description="Only this brand.", examples=["dynabook"])] = None,
) -> str | None:
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    return brand


BrandFilter = Annotated[str | None, Depends(_brand)]
"""One of the brands; UnknownBrand otherwise."""
