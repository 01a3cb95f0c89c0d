"""Access tokens for a development stack: one ES256 key pair, made up once; registration signs with the same one."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aftercare_local.home import Home, write_whole
from aftercare_local.trouble import Trouble
from event_schemas.roles import ROLES

if TYPE_CHECKING:
    from joserfc.jwk import ECKey

ISSUER = AUDIENCE = "aftercare"


def ensure_keys(home: Home) -> "ECKey":
    """The key that signs; its public half is in `keys/jwks.json`, which the services read."""
    from joserfc.jwk import ECKey  # here, since most commands need no token

    private = home.signing_key
    if not private.exists():
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        write_whole(home.keys / "jwks.json", json.dumps({"keys": [key.as_dict(private=False)]}))
        write_whole(private, json.dumps(key.as_dict(private=True)), mode=0o600)
    return ECKey.import_key(json.loads(private.read_text()))


def issue(
    home: Home,
    role: str,
    *,
    subject: str | None = None,
    organisation: str | None = None,
    brand: str | None = None,
    contact: str | None = None,
    lifetime: timedelta = timedelta(hours=12),
) -> str:
    """A signed token for a role; expired at once when the lifetime is negative. The stack's own clock plays no part.

    `organisation` and `contact` are UUIDs, as in the tokens that accounts sign in for.
    """
    from joserfc import jwt

    if role not in ROLES:
        raise Trouble(f"There is no role {role!r}. Known: {', '.join(ROLES)}.")
    now = datetime.now(UTC)
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject or f"{role}@example.org",
        "role": role,
        "scope": " ".join(ROLES[role]),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    personal = {"organisation": organisation, "brand": brand, "contact": contact}
    claims |= {name: value for name, value in personal.items() if value}
    key = ensure_keys(home)
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)
