"""A version of a program, and whom it is due to (ACT-12, L23, I19)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from activation_service.software.domain import Licence


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a program, and where it is downloaded: from an address, or as a document kept here."""

    release_id: UUID
    brand: str
    software: str
    version: str
    released_on: date
    download_url: str | None
    document_id: UUID | None

    def is_due(self, licence: Licence) -> bool:
        """Whether a licence entitles to it: what was released while it was maintained stays its holder's (L23, I19)."""
        same = (self.brand, self.software) == (licence.brand, licence.software)
        return same and not licence.revoked_at and self.released_on <= licence.maintained_until
