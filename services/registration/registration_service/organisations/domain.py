"""An organisation of dealers, and how it is found (REG-03)."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

MembersSee = Literal["own", "all"]
"""Own files only, or every file of the organisation; administrators see all of them (REG-06)."""
RECEIPT_LIFETIME: Final = timedelta(minutes=30)
"""From a search to the creation of what it did not find."""
SHORTEST_SEARCH: Final = 3
SHOWN: Final = 20
"""Of a search, and of the candidates at a creation."""
_LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


@dataclass(frozen=True, slots=True)
class Organisation:
    """A dealer's business; its name is unique at its brand, country and postal code."""

    organisation_id: UUID
    brand: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    """ISO 3166-1 alpha-2."""
    vat_number: str | None
    members_see: MembersSee

    @property
    def found_by(self) -> str:
        """What a search looks through."""
        return fold(f"{self.name} {self.city} {self.postal_code}")


def fold(text: str) -> str:
    """A text as a search sees it: without accents, case and punctuation, words apart by one blank."""
    parted = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    letters = "".join(one if one.isalnum() else " " for one in parted if not unicodedata.combining(one))
    return " ".join(letters.split())


def looked_for(searched: list[str], organisation: Organisation) -> bool:
    """Whether a search was one for this organisation: some word of three letters of it is in name or place."""
    words = [word for word in searched if len(word) >= SHORTEST_SEARCH] or searched
    return any(word in organisation.found_by for word in words)
