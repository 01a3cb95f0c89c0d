"""Which passwords are acceptable: long ones that are not everybody's; no rule about their characters (REG-02)."""

from functools import cache
from importlib import resources
from typing import Annotated, Final

from pydantic import StringConstraints

from chassis.transact import Refusal

SHORTEST: Final = 12
LONGEST: Final = 128
Password = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]


@cache
def commonest() -> frozenset[str]:
    """What too many people choose, in small letters."""
    text = resources.files(__package__).joinpath("passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def unacceptable(password: str, confirmation: str, email: str) -> Refusal | None:
    """Why a new password cannot be taken; its value is not repeated."""
    folded = password.casefold().strip()
    if password != confirmation:
        return Refusal("password-not-repeated", 422, "/password_confirmation")
    if folded in (email.casefold(), email.casefold().partition("@")[0]):
        return Refusal("password-is-address", 422, "/password")
    if folded in commonest() or len(set(folded)) == 1:
        return Refusal("password-common", 422, "/password")
    return None
