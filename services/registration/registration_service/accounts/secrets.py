"""Passwords, codes and tokens: made here, kept only as hashes, compared in constant time (REG-01, REG-05).

Passwords and six-digit codes are hashed with argon2id and a salt each, which may be refused when too many are waiting
for it (ProblemError 503); tokens of 128 bits and more, which nobody can try out, with SHA-256.
"""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registration_service.accounts.line import HASHING, OWN_HASHING

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODYS: Final = _HASHER.hash(secrets.token_hex(32))
"""Compared with where there is nothing to compare with, so that both take the same time."""

SHARED: Final = 22
"""Characters of a refresh token that are its session's."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new code and a new link's token, before anybody has seen them."""

    code: str = field(repr=False)
    code_hash: str = field(repr=False)
    token: str = field(repr=False)


async def hashed(secret: str) -> str:
    """The argon2id hash of a password or a code."""
    return await HASHING.run(_HASHER.hash, _plain(secret))


async def hashed_for(who: str, secret: str) -> str:
    """As `hashed`, in the line of those who bring a token; ProblemError 429 for who is in it already."""
    return await OWN_HASHING.run(_HASHER.hash, _plain(secret), who=who)


async def replaced_for(who: str, hash_: str | None, current: str, new: str) -> str | None:
    """The hash of a new password when the current one is right, None when it is wrong; refused like `hashed_for`."""
    return await OWN_HASHING.run(_replaced, hash_, _plain(current), _plain(new), who=who)


def _replaced(hash_: str | None, current: str, new: str) -> str | None:
    return _HASHER.hash(new) if hash_ and _verify(hash_, current) else None


async def matches(hash_: str | None, secret: str) -> bool:
    """Whether a secret is the hashed one; without a hash it is not, and that takes as long."""
    right = await HASHING.run(_verify, hash_ or _NOBODYS, _plain(secret))
    return right and hash_ is not None


async def fresh() -> Fresh:
    """Six digits and 128 bits."""
    code = f"{secrets.randbelow(10**6):06}"
    return Fresh(code, await hashed(code), secrets.token_urlsafe(16))


def new_refresh_token(after: str | None = None) -> str:
    """44 characters: 128 bits that all tokens of a session share, and 128 of its own; `after` is the one before."""
    return (after[:SHARED] if after else secrets.token_urlsafe(16)) + secrets.token_urlsafe(16)


def family_digest(refresh_token: str) -> bytes:
    """The digest of what a refresh token shares with the others of its session."""
    return digest(refresh_token[:SHARED])


def digest(token: str) -> bytes:
    """SHA-256 of a token that is too long to be tried out."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _plain(secret: str) -> str:
    return unicodedata.normalize("NFKC", secret)  # the same characters, whatever keyboard sent them


def _verify(hash_: str, secret: str) -> bool:
    try:
        return _HASHER.verify(hash_, secret)
    except (VerificationError, InvalidHashError):
        return False
