"""How long a session lasts, and how failures to sign in are slowed down (REG-05)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final, Literal, NamedTuple
from uuid import UUID

REFRESH_LIFETIME: Final = timedelta(days=30)
"""From the last refresh; a session that is used goes on."""
LONGEST_SESSION: Final = timedelta(days=180)
"""From signing in, however often it is refreshed."""
DOUBLE_CLICK: Final = timedelta(seconds=10)
"""Within this time a refresh token may be sent a second time, once: the answer to the first may have been lost."""
FREE_FAILURES: Final = 5
FIRST_LOCK: Final = timedelta(minutes=1)
LONGEST_LOCK: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Family:
    """A refresh token as it is found, with the session to which it and its successors belong."""

    session_id: UUID
    account_id: UUID
    ends_at: datetime
    revoked_at: datetime | None
    known: bool
    """False for one that is forgotten; that it was the session's, its shared part shows, which nobody can guess."""
    used_at: datetime | None
    used_again_at: datetime | None

    def judge(self, now: datetime) -> Literal["over", "first", "again", "stolen"]:
        """What presenting the token means; a token used long ago is in two hands, and one of them is a thief's."""
        if self.revoked_at or now >= self.ends_at:
            return "over"
        if not self.known:
            return "stolen"
        if self.used_at is None:
            return "first"
        return "again" if self.used_again_at is None and now - self.used_at <= DOUBLE_CLICK else "stolen"


def lock_after(failures: int) -> timedelta | None:
    """How long nobody can sign in after so many failures in a row: a minute after five, twice that after each more."""
    if failures < FREE_FAILURES:
        return None
    doublings = min(failures - FREE_FAILURES, 10)
    return min(FIRST_LOCK * float(2**doublings), LONGEST_LOCK)


def seconds_until(moment: datetime | None, now: datetime) -> int:
    """Whole seconds to wait; 0 when it is past."""
    return max(0, ceil((moment - now).total_seconds())) if moment else 0


class Address(NamedTuple):
    """What failures are counted for, with or without an account; which spellings are one, the database alone says."""

    brand: str
    email: str
