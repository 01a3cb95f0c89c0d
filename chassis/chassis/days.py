"""Days as people write them; a bare number would pass as seconds since 1970."""

import re
from datetime import date, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError

_FORM: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> object:
    if isinstance(value, str):
        if _FORM.fullmatch(value):
            return value
        raise PydanticKnownError("date_from_datetime_parsing", {"error": "the form is YYYY-MM-DD"})
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticKnownError("date_type")


Day = Annotated[date, BeforeValidator(_day)]
"""YYYY-MM-DD, and nothing else that could be read as a day: no number, no moment."""
