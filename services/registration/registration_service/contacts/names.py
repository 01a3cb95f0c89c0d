"""What people are called and where they live, as it may stand in a mail to them or to others."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from registration_service.contacts.domain import PRINTABLE

_LINK: Final = re.compile(r"http|://|www\.", re.IGNORECASE)


def without_link(text: str) -> str:
    """The text itself; raises PydanticCustomError `link_in_name`: our mails must not carry a stranger's advertising."""
    if found := _LINK.search(text):
        raise PydanticCustomError("link_in_name", "A link is not accepted here", {"found": found[0]})
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=PRINTABLE),
    AfterValidator(without_link),
]
