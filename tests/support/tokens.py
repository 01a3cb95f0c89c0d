"""Access tokens as the gateway's issuer would sign them."""

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.http.access import Gate
from chassis.settings import Settings
from event_schemas.roles import ROLES

TOY_SCOPES: Final = ("invoices:read",)
"""What the toy service asks for and no role has."""
EVERY_SCOPE: Final = tuple(sorted({scope for scopes in ROLES.values() for scope in scopes}.union(TOY_SCOPES)))


def signed_token(key: ECKey, scopes: Sequence[str] | None = None, **claims: Any) -> str:
    """A token of one hour with these scopes, or with every scope; `claims` replaces any claim."""
    granted = EVERY_SCOPE if scopes is None else scopes
    now = int(time.time())
    said = {"iss": "aftercare", "aud": "aftercare", "sub": "test", "iat": now, "exp": now + 3600}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, {**said, "scope": " ".join(granted), **claims}, key)


def write_keys(key: ECKey, file: Path) -> None:
    """The public half as the JWKS file that services read."""
    file.write_bytes(orjson.dumps({"keys": [key.as_dict(private=False)]}))


def write_signing_key(key: ECKey, file: Path) -> None:
    """The private half as the JWK file with which registration signs."""
    file.write_bytes(orjson.dumps(key.as_dict(private=True)))


def gate_for(key: ECKey) -> Gate:
    """A gate that knows this key alone."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "keys.json"
        write_keys(key, file)
        return Gate(Settings(database_url="postgresql://", kafka="127.0.0.1:9", environment="test", token_keys=file))
