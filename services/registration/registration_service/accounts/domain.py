"""An account: one person at one brand, what is known of them and how far they have come (REG-01 to REG-05)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

State = Literal["unverified", "verified", "pending", "active"]
"""Signed up; owns the address; waits for an organisation's administrator; at work in a role."""
Role = Literal["end-customer", "dealer-member", "dealer-admin"]
Step = Literal["prove", "declare", "found", "ask", "admit", "refuse", "withdraw", "remove"]
APPLICANT: Final = "applicant"
"""The role in the token of whoever is not at work yet."""

STEPS: Final[Mapping[tuple[State, Step], State]] = {
    ("unverified", "prove"): "verified",
    ("verified", "prove"): "verified",  # came back before a password was chosen
    ("verified", "declare"): "active",
    ("verified", "found"): "active",
    ("verified", "ask"): "pending",
    ("pending", "admit"): "active",
    ("pending", "refuse"): "verified",
    ("pending", "withdraw"): "verified",
    ("active", "remove"): "verified",
}
ALONE: Final[Mapping[tuple[State, Step], State]] = {
    ("active", "found"): "active",
    ("active", "ask"): "pending",
    ("pending", "admit"): "active",
    ("pending", "refuse"): "active",
    ("pending", "withdraw"): "active",
}
"""Of a declared end customer, who goes on working for themselves until an organisation has them."""
KEEPING: Final[frozenset[Step]] = frozenset({"ask", "refuse", "withdraw"})
"""Steps after which an account has the role that it had."""


def after(state: State, step: Step, role: Role | None = None) -> State | None:
    """The state to which a step leads; None when it cannot be taken now."""
    return (ALONE if role == "end-customer" else STEPS).get((state, step))


@dataclass(frozen=True, slots=True)
class Account:
    """Unique by brand and address, whatever its case."""

    account_id: UUID
    brand: str
    email: str
    contact_id: UUID
    """The person as other services know them."""
    state: State
    role: Role | None
    """Set while the account is active, and while an end customer waits for an organisation."""
    organisation_id: UUID | None
    """Set exactly in a dealer's role."""
    sees_all_files: bool
    """Whether the organisation lets its members see every file of it."""
    first_name: str
    last_name: str
    phone: str | None
    """E.164."""
    language: str
    keep_me_informed: bool
    """Default for mails that one may do without (S48)."""
    password_hash: str | None = field(repr=False)
    version: int
    changed_at: datetime

    @property
    def name(self) -> str:
        """First and last name; empty before the profile is complete."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def complete(self) -> bool:
        """Whether there is a profile with a password."""
        return self.password_hash is not None

    @property
    def token_role(self) -> str:
        """What the person may act as now; nobody works before they are active (REG-03, REG-04)."""
        return self.role or APPLICANT
