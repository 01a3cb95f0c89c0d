"""The serial number that a list is asked for."""

from typing import Annotated

from fastapi import Depends, Query

from registration_service.products.domain import canonical


async def _serial(
    serial: Annotated[
        str | None,
        Query(
            max_length=64,
            pattern=r"^[^\x00]+$",
            description="Only this serial number, as on the label.",
            examples=["9H0123456X"],
        ),
    ] = None,
) -> str | None:
    return canonical(serial) if serial else None


SerialFilter = Annotated[str | None, Depends(_serial)]
"""A serial number, canonical."""
