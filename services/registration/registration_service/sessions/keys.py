"""Access tokens: signed with the one key whose public half every service reads (ALL-06)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chassis.caller import FILES_ORGANISATION
from chassis.http.access import issued_for
from chassis.http.errors import ProblemError
from chassis.told import told
from chassis.transact import Refusal
from event_schemas.roles import ROLES
from registration_service.accounts.domain import Account
from registration_service.settings import RegistrationSettings, kid_of, read_signing_key

log = structlog.get_logger()
ACCESS_SECONDS: Final = 600
_READ: Final[dict[tuple[Path, Path | None], ECKey]] = {}


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, and in whose name it signs for whom."""

    key: ECKey
    issuer: str
    audience: str

    def access_token(self, account: Account) -> str:
        """A token of ten minutes by the world's own clock, which is the one that services check it by."""
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(account.account_id),
            **issued_for(ACCESS_SECONDS),
            "role": account.token_role,
            "scope": " ".join(scopes_of(account)),
            "brand": account.brand,
            "contact": str(account.contact_id),
        }
        if account.organisation_id:
            claims["organisation"] = str(account.organisation_id)
        return jwt.encode({"alg": "ES256", "kid": kid_of(self.key)}, claims, self.key)

    def public_key(self) -> dict[str, Any]:
        """What checks its signatures, as a JWK."""
        return {**self.key.as_dict(private=False), "kid": kid_of(self.key), "alg": "ES256", "use": "sig"}


def scopes_of(account: Account) -> tuple[str, ...]:
    """What an account may do now, by its role and by what its organisation lets members see (REG-06)."""
    scopes = ROLES[account.token_role]
    shared = account.sees_all_files and account.organisation_id and FILES_ORGANISATION not in scopes
    return (*scopes, FILES_ORGANISATION) if shared else scopes


async def signer_of(request: Request) -> Signer:
    """The service's signer; without a usable key nobody signs in, and the answer says so."""
    settings: RegistrationSettings = request.app.state.settings
    key = _read(settings.signing_key, settings.token_keys) if settings.signing_key else None
    if key is None:
        raise ProblemError(Refusal("sign-in-off", 503))
    return Signer(key, settings.token_issuer, settings.token_audience)


SignedBy = Annotated[Signer, Depends(signer_of)]


def _read(file: Path, published: Path | None) -> ECKey | None:
    """The key, read once; as long as it cannot be used it is looked at again."""
    if (file, published) not in _READ:
        try:
            _READ[file, published] = read_signing_key(file, published)
        except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
            log.error("nobody can sign in without a usable AFTERCARE_SIGNING_KEY", file=str(file), error=told(error))
            return None
    return _READ[file, published]
