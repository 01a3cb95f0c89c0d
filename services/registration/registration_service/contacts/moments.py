"""Moments as people write them; a bare number would pass as seconds since 1970."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticKnownError


def _moment(value: object) -> object:
    if isinstance(value, str | datetime):
        return value
    raise PydanticKnownError("datetime_type")


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""With its time zone."""
