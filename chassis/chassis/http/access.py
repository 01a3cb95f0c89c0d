"""Who calls and what they may: ES256 tokens with scopes, checked against the published keys (ALL-06)."""

import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.caller import Caller
from chassis.http.errors import ProblemError
from chassis.settings import Settings
from chassis.transact import Refusal

ALGORITHMS: Final = ["ES256"]
LEEWAY_SECONDS: Final = 30
REMEMBERED: Final = 1024
PERSONAL: Final = ("organisation", "contact")
"""Claims of an account's token that are ids."""

bearer = HTTPBearer(auto_error=False, description="ES256 token with the scopes that the operation names")


class Gate:
    """Checks tokens; a token that was right stays right until it expires."""

    def __init__(self, settings: Settings) -> None:
        self._keys = _read_keys(settings.token_keys)
        self._issuer, self._audience = settings.token_issuer, settings.token_audience
        self._known: dict[str, tuple[float, Caller]] = {}

    def caller(self, token: str) -> Caller:
        """The caller behind a token; raises ProblemError 401 with the reason."""
        known = self._known.get(token)
        if known and time.time() < known[0]:
            return known[1]
        claims = self._claims(token)
        caller = _caller(claims)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[token] = (float(claims["exp"]), caller)
        return caller

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims
        except Exception:  # whatever a library makes of a stranger's bytes, they are no token
            raise _unauthorised("token-invalid") from None
        # plain comparisons of strings: a list that contains the right issuer is not the right issuer
        if claims.get("iss") != self._issuer or claims.get("aud") != self._audience:
            raise _unauthorised("token-invalid")
        if not isinstance(claims.get("sub"), str) or not isinstance(claims.get("exp"), int | float):
            raise _unauthorised("token-invalid")
        if not claims["exp"] + LEEWAY_SECONDS >= time.time():  # so that NaN has expired
            raise _unauthorised("token-expired")
        starts = claims.get("nbf", 0)
        if not isinstance(starts, int | float) or starts - LEEWAY_SECONDS > time.time():
            raise _unauthorised("token-invalid")
        return claims


def _caller(claims: Mapping[str, Any]) -> Caller:
    try:
        organisation, contact = (
            UUID(claims[name]) if claims.get(name) else None for name in ("organisation", "contact")
        )
    except (ValueError, AttributeError, TypeError):
        raise _unauthorised("token-invalid") from None
    brand = claims.get("brand")
    return Caller(
        subject=str(claims["sub"]),
        scopes=frozenset(str(claims.get("scope", "")).split()),
        role=str(claims.get("role", "")),
        organisation=organisation,
        brand=str(brand) if brand else None,
        contact=contact,
    )


def may(scope: str) -> Callable[..., Awaitable[Caller]]:
    """Dependency: the caller, when its token grants `scope`; the OpenAPI document names it."""
    asked = Security(bearer, scopes=[scope])

    # async though it awaits nothing: FastAPI gives plain functions to a thread, which costs more than the check
    async def check(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, asked]) -> Caller:
        if credentials is None:
            raise _unauthorised("token-missing")
        gate: Gate = request.app.state.gate
        caller = gate.caller(credentials.credentials)
        if scope not in caller.scopes:
            raise ProblemError(Refusal("scope-missing", 403, details={"scope": scope}))
        return caller

    return check


def issued_for(seconds: int) -> dict[str, int]:
    """The claims `iat` and `exp` of a token signed now, by the clock that `Gate` checks it by: the world's own."""
    now = int(time.time())
    return {"iat": now, "exp": now + seconds}


def _unauthorised(code: str) -> ProblemError:
    return ProblemError(Refusal(code, 401), {"WWW-Authenticate": f'Bearer error="{code}"'})


def _read_keys(file: Path | None) -> KeySet:
    if file is None:
        raise SystemExit("AFTERCARE_TOKEN_KEYS: name the JWKS file with the public keys of the token issuer")
    try:
        return KeySet.import_key_set(orjson.loads(file.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise SystemExit(f"AFTERCARE_TOKEN_KEYS: {file}: no JWKS with usable keys: {error}") from None
