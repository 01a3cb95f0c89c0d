"""Who calls, and whose files that caller may see (ALL-06, REG-06)."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

FILES_ALL: Final = "files:all"
"""Scope of those who see every file: our own servers and staff."""
FILES_ORGANISATION: Final = "files:organisation"
"""Scope of members who see every file of their organisation."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose files somebody may see; three times None is everybody's."""

    owner: str | None = None
    organisation_id: UUID | None = None
    contact_id: UUID | None = None
    """The person that a file may concern without being its owner, e.g. the customer of a product."""

    @property
    def columns(self) -> tuple[str | None, UUID | None]:
        """The two arguments that the condition of `seen` takes."""
        return self.owner, self.organisation_id


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a token."""

    subject: str
    """An account's id, or the name of a server or of a member of staff."""
    scopes: frozenset[str]
    role: str = ""
    organisation: UUID | None = None
    brand: str | None = None
    """The only brand for which the token is good; None for any."""
    contact: UUID | None = None
    """The person behind the account, as other services know them."""

    @property
    def owner(self) -> str:
        """What stands in the column `owner` of the files that the caller makes.

        A member's files are those of the member in that organisation: whoever leaves it leaves them behind.
        """
        return f"{self.subject}@{self.organisation}" if self.organisation else self.subject

    @property
    def sight(self) -> Sight:
        """Fail closed: without a scope that says more, a caller sees their own files."""
        if FILES_ALL in self.scopes:
            return Sight()
        shared = self.organisation if FILES_ORGANISATION in self.scopes else None
        return Sight(self.owner, shared, self.contact)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose files are looked for: the first four arguments of a query, brand, owner, organisation and customer."""

    brand: str | None
    owner: str | None
    organisation_id: UUID | None
    contact_id: UUID | None

    @classmethod
    def seen_by(cls, caller: Caller) -> "Whose":
        """What a caller sees: their files, their organisation's, those of which they are the customer."""
        sight = caller.sight
        return cls(caller.brand, sight.owner, sight.organisation_id, sight.contact_id)

    @property
    def arguments(self) -> tuple[str | None, str | None, UUID | None, UUID | None]:
        return self.brand, self.owner, self.organisation_id, self.contact_id


def seen(first: int, table: str = "") -> str:
    """An SQL condition on the columns `owner` and `organisation_id`, with `Sight.columns` as arguments from `first`."""
    own, shared = f"${first}::text", f"${first + 1}::uuid"
    prefix = f"{table}." if table else ""
    return (
        f"(({own} IS NULL AND {shared} IS NULL) OR {prefix}owner = {own}"
        f" OR ({shared} IS NOT NULL AND {prefix}organisation_id = {shared}))"
    )
