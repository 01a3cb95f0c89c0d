"""What registration alone is told by its environment."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Self

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from chassis.settings import Settings

Network = IPv4Network | IPv6Network


def _networks(value: object) -> object:
    """`10.0.0.7, 10.1.0.0/16` as networks; ValueError names the entry at fault."""
    return tuple(map(_network, filter(None, map(str.strip, value.split(","))))) if isinstance(value, str) else value


def _network(text: str) -> Network:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(f"an address or a network is expected, e.g. 10.0.0.7 or 10.1.0.0/16; {error}") from None
    if network.prefixlen == 0:
        raise ValueError(f"{text} would trust everybody; name the proxies in front of this service")
    return network


class UnpublishedKey(ValueError):
    """A key whose signatures no service accepts."""


def read_signing_key(file: Path, published: Path | None) -> ECKey:
    """The private key of a JWK file; raises UnpublishedKey when no key of the JWKS file `published` is its public half.

    Whatever else is wrong with either file raises OSError, ValueError, KeyError, TypeError or JoseError.
    """
    key = ECKey.import_key(orjson.loads(file.read_bytes()))
    if published is not None:
        known = KeySet.import_key_set(orjson.loads(published.read_bytes()))
        signed = jwt.encode({"alg": "ES256", "kid": kid_of(key)}, {}, key)
        try:
            jwt.decode(signed, known, algorithms=["ES256"])
        except (JoseError, ValueError):
            raise UnpublishedKey(
                f"AFTERCARE_SIGNING_KEY: nobody would accept what {file} signs; its public half, with the same kid, "
                f"has to be among the keys of AFTERCARE_TOKEN_KEYS ({published})"
            ) from None
    return key


def kid_of(key: ECKey) -> str:
    """The name of a key in tokens and key sets."""
    return key.kid or key.thumbprint()


Units = Annotated[int, Field(ge=5, le=1_000_000)]


class RegistrationSettings(Settings):
    """The settings of every service, where the links in mails lead, what accounts need to sign in, and budgets.

    A budget is what one address may ask without a token, and a shop is one address. One that is good counts as one, one
    that fails as five. All of a budget may be spent at once; it comes back evenly.
    """

    public_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+[^\s?#/]$")] = "http://127.0.0.1:8101"
    """Base of the links in mails, without a slash at the end."""
    signing_key: Path | None = None
    """Private JWK file (EC P-256) that signs the access tokens of accounts (ES256); signing in is off without it."""
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)] = ()
    """Comma-separated addresses or networks whose `X-Forwarded-For` counts; without any, the peer's address does.

    Behind a proxy that is not named here everybody has the proxy's address, and one budget.
    """
    sign_ups_each: Units = 120
    """Sign-ups an hour from one address: a shop of a hundred that begins on one day."""
    resends_each: Units = 120
    """New codes asked for in an hour from one address: each of them once more. `proof.py` limits each mailbox."""
    verifications_each: Units = 120
    """Codes and links a minute from one address: two people every second, or 24 wrong codes a minute."""
    sign_ins_each: Units = 240
    """Sign-ins a minute from one address: a hundred people within the same minute, each fourth with a typing error,
    take 225; or 48 wrong passwords."""
    refreshes_each: Units = 600
    """Refreshed and ended sessions a minute from one address: a session is refreshed every ten minutes, so 6,000."""
    password_resets_each: Units = 240
    """Asked, looked at and completed in an hour from one address: eighty forgotten passwords, or 48 wrong codes."""
    registration_forms_each: Units = 120
    """Forms a minute from one address: two mailed links every second, or 24 numbers that do not exist."""
    warranty_checks_each: Units = 60
    """Public warranty checks a minute from one address: one every second, or 12 that find nothing."""
    warranty_checks_in_all: Units = 3000
    """Public warranty checks a minute from all addresses together, counted alike."""
    waiting_each: Units = 16
    """Requests without a token from one address that may wait in one process at the same moment, which is some ms."""

    @model_validator(mode="after")
    def _what_is_signed_is_accepted(self) -> Self:
        if self.signing_key:
            try:
                read_signing_key(self.signing_key, self.token_keys)
            except UnpublishedKey:
                raise
            except (OSError, ValueError, KeyError, TypeError, JoseError):
                pass  # not there yet, or not readable: looked at again, and told, whenever somebody signs in
        return self
