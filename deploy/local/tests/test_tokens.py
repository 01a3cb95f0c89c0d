"""Tokens of a development stack, as the services check them."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from aftercare_local import tokens
from aftercare_local.home import Home
from aftercare_local.trouble import Trouble
from event_schemas.roles import ROLES

SHOP, PERSON = "01980000-0000-7000-8000-000000000001", "01980000-0000-7000-8000-000000000002"


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path)


def claims(home: Home, token: str) -> dict:
    published = json.loads((home.keys / "jwks.json").read_text())
    assert all("d" not in key for key in published["keys"])
    return jwt.decode(token, KeySet.import_key_set(published), algorithms=["ES256"]).claims


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_token_of_each_role_carries_its_scopes_and_verifies_with_the_published_key(home: Home, role: str) -> None:
    said = claims(home, tokens.issue(home, role, organisation=SHOP, brand="dynabook", contact=PERSON))
    assert tuple(said["scope"].split()) == ROLES[role]
    assert (said["iss"], said["aud"], said["role"]) == ("aftercare", "aftercare", role)
    assert (said["organisation"], said["brand"], said["contact"]) == (SHOP, "dynabook", PERSON)
    assert said["exp"] > datetime.now(UTC).timestamp()


def test_the_key_is_made_once_and_is_private(home: Home) -> None:
    first = tokens.issue(home, "staff")
    assert (
        claims(home, tokens.issue(home, "staff", lifetime=timedelta(hours=-1)))["exp"] < datetime.now(UTC).timestamp()
    )
    assert claims(home, first)
    assert stat.S_IMODE(home.signing_key.stat().st_mode) == 0o600


def test_a_token_of_another_stack_does_not_verify(home: Home, tmp_path) -> None:
    tokens.ensure_keys(home)
    other = Home(tmp_path / "other")
    published = json.loads((home.keys / "jwks.json").read_text())["keys"][0]
    foreign = tokens.issue(other, "staff")
    key = KeySet.import_key_set({"keys": [{**published, "kid": tokens.ensure_keys(other).kid}]})
    with pytest.raises(BadSignatureError):
        jwt.decode(foreign, key, algorithms=["ES256"])


def test_an_unknown_role_is_refused_with_the_known_ones(home: Home) -> None:
    with pytest.raises(Trouble, match=r"'boss'.*gateway.*ops"):
        tokens.issue(home, "boss")
