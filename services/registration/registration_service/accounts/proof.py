"""What proves that a mailbox is somebody's: one code and one link at a time, with a limit to everything (REG-01)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Final, Literal
from uuid import UUID

Purpose = Literal["sign-up", "password-reset"]
LIFETIME: Final = timedelta(minutes=30)
TRIES: Final = 5
"""Wrong codes until the code is void; the link, which nobody can guess, stays good."""
PAUSE: Final = timedelta(seconds=60)
"""Between two mails to one address."""
MAILS_A_DAY: Final = 5
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Proof:
    """The code and the link that count for an account and a purpose; a new one replaces the old."""

    account_id: UUID
    purpose: Purpose
    code_hash: str | None = field(repr=False)
    """None when no code opens it: used, or never sent because the address has an account already."""
    token_hash: bytes | None = field(repr=False)
    tries: int
    expires_at: datetime
    mailed_at: tuple[datetime, ...]

    def tries_left(self, now: datetime) -> int:
        """How many codes may still be tried; the same whether or not one would open it."""
        return max(0, TRIES - self.tries) if now < self.expires_at else 0


def wait_seconds(proof: Proof | None, now: datetime) -> int:
    """Until the next mail for this purpose may go out; 0 when it may now."""
    mails = [moment for moment in proof.mailed_at if moment > now - DAY] if proof else []
    if not mails:
        return 0
    free = max(mails) + PAUSE
    if len(mails) >= MAILS_A_DAY:
        free = max(free, sorted(mails)[-MAILS_A_DAY] + DAY)
    return max(0, ceil((free - now).total_seconds()))


def mailed(proof: Proof | None, now: datetime) -> tuple[datetime, ...]:
    """The mails of the last day, one more now."""
    return (*(moment for moment in (proof.mailed_at if proof else ()) if moment > now - DAY), now)
