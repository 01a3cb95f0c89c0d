"""Only a token that the issuer signed for us, now, with the scope, opens a door."""

import base64
import hashlib
import hmac
import time

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.support.tokens import gate_for, signed_token

from chassis.http.access import REMEMBERED, Gate
from chassis.http.errors import ProblemError
from chassis.settings import Settings

OURS = ECKey.generate_key("P-256", {"kid": "test"})
THEIRS = ECKey.generate_key("P-256", {"kid": "test"})
CURVE = ECKey.generate_key("P-384", {"kid": "test"})
RSA = RSAKey.generate_key(2048, {"kid": "test"})
NOW = int(time.time())
CLAIMS = {"iss": "aftercare", "aud": "aftercare", "sub": "test", "exp": NOW + 3600, "scope": "invoices:read"}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(header: dict[str, object], signature: bytes = b"") -> str:
    return f"{b64(orjson.dumps(header))}.{b64(orjson.dumps(CLAIMS))}.{b64(signature)}"


def with_public_key_as_secret() -> str:
    """The classic confusion: HS256, keyed with the text of the public key that everybody has."""
    start = unsigned({"alg": "HS256", "kid": "test"}).rpartition(".")[0]
    return f"{start}.{b64(hmac.new(OURS.as_pem(private=False), start.encode(), hashlib.sha256).digest())}"


def tampered() -> str:
    head, _, signature = signed_token(OURS, ["invoices:read"]).split(".")
    return f"{head}.{b64(orjson.dumps({**CLAIMS, 'scope': 'invoices:write'}))}.{signature}"


def embedded_key() -> str:
    header = {"alg": "ES256", "kid": "unknown", "jwk": THEIRS.as_dict(private=False)}
    return jwt.encode(header, CLAIMS, THEIRS)


BAD = {
    "alg none": unsigned({"alg": "none"}),
    "alg None with our kid": unsigned({"alg": "None", "kid": "test"}),
    "HS256 with the public key": with_public_key_as_secret(),
    "HS256 with a guessed secret": jwt.encode({"alg": "HS256", "kid": "test"}, CLAIMS, OctKey.import_key("a" * 32)),
    "a key of a stranger under our kid": signed_token(THEIRS),
    "another curve": jwt.encode({"alg": "ES384", "kid": "test"}, CLAIMS, CURVE, algorithms=["ES384"]),
    "RS256": jwt.encode({"alg": "RS256", "kid": "test"}, CLAIMS, RSA),
    "an unknown kid": jwt.encode({"alg": "ES256", "kid": "other"}, CLAIMS, THEIRS),
    "a key that it brings itself": embedded_key(),
    "kid as a list": unsigned({"alg": "ES256", "kid": ["test"]}, b"x" * 64),
    "alg as a number": unsigned({"alg": 256, "kid": "test"}, b"x" * 64),
    "no signature": unsigned({"alg": "ES256", "kid": "test"}),
    "a signature of zeros": unsigned({"alg": "ES256", "kid": "test"}, bytes(64)),
    "changed claims": tampered(),
    "expired": signed_token(OURS, exp=NOW - 31),
    "without expiry": signed_token(OURS, exp=None),
    "expiry that is no number": signed_token(OURS, exp="tomorrow"),
    "expiry that is true": signed_token(OURS, exp=True),
    "not yet valid": signed_token(OURS, nbf=NOW + 3600),
    "nbf that is no number": signed_token(OURS, nbf="yesterday"),
    "another issuer": signed_token(OURS, iss="someone"),
    "a list of issuers": signed_token(OURS, iss=["aftercare"]),
    "another audience": signed_token(OURS, aud="elsewhere"),
    "a list of audiences": signed_token(OURS, aud=["aftercare", "elsewhere"]),
    "without audience": signed_token(OURS, aud=None),
    "without subject": signed_token(OURS, sub=None),
    "a subject that is no text": signed_token(OURS, sub={"name": "root"}),
    "oversized": signed_token(THEIRS, scope="x" * 200_000),
    "two parts": ".".join(signed_token(OURS).split(".")[:2]),
    "five parts": "a.b.c.d.e",
    "empty parts": "..",
    "claims that are a list": f"{b64(orjson.dumps({'alg': 'ES256', 'kid': 'test'}))}.{b64(b'[1]')}.{b64(bytes(64))}",
    "no base64": "ä.ö.ü",
}


@pytest.fixture(scope="module")
def gate() -> Gate:
    return gate_for(OURS)


@pytest.mark.parametrize("token", BAD.values(), ids=BAD.keys())
@pytest.mark.requirement("ALL-06")
def test_a_bad_token_is_answered_with_401(gate, token):
    with pytest.raises(ProblemError) as refused:
        gate.caller(token)
    assert refused.value.refusal.status == 401
    assert refused.value.refusal.code in {"token-invalid", "token-expired"}
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer error=")


@pytest.mark.requirement("ALL-06")
def test_a_good_token_names_its_holder_and_scopes(gate):
    caller = gate.caller(signed_token(OURS, ["invoices:read", "orders:write"], sub="dealer-7", role="dealer"))
    assert (caller.subject, caller.role) == ("dealer-7", "dealer")
    assert caller.scopes == {"invoices:read", "orders:write"}


@pytest.mark.requirement("ALL-06")
def test_clocks_may_differ_by_half_a_minute(gate):
    assert gate.caller(signed_token(OURS, exp=int(time.time()) - 20)).subject == "test"
    assert gate.caller(signed_token(OURS, nbf=int(time.time()) + 20)).subject == "test"


@pytest.mark.requirement("ALL-06")
def test_a_remembered_token_is_checked_again_when_it_has_expired(gate, monkeypatch):
    token = signed_token(OURS, exp=int(time.time()) + 10)
    assert gate.caller(token).subject == "test"
    later = time.time() + 41
    monkeypatch.setattr("chassis.http.access.time.time", lambda: later)
    with pytest.raises(ProblemError, match="token-expired"):
        gate.caller(token)


def test_the_memory_of_tokens_is_bounded(gate):
    for number in range(REMEMBERED + 5):
        gate.caller(signed_token(OURS, [], sub=str(number)))
    assert len(gate._known) <= REMEMBERED


@settings(max_examples=200)
@given(
    token=st.one_of(st.text(max_size=80), st.builds(".".join, st.lists(st.text(max_size=20), min_size=3, max_size=3)))
)
def test_no_text_gets_through_or_breaks_the_gate(gate, token):
    with pytest.raises(ProblemError):
        gate.caller(token)


@pytest.mark.requirement("ALL-06")
async def test_a_token_without_the_scope_is_answered_with_403_that_names_it(room):
    body = {"brand": "acme", "serial": "S-1", "number": 7}
    for scopes in ([], ["invoices:read"], ["invoices:writeX"], ["INVOICES:WRITE"]):
        answer = await room.post("/invoices", body, scopes=scopes)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")
        assert "invoices:write" in answer.json()["detail"]
    assert await room.database.pool.fetchval("SELECT count(*) FROM invoice") == 0
    assert (await room.post("/invoices", body, scopes=["invoices:write"])).status_code == 201


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dGVzdDp0ZXN0", "bearer", "Token abc"])
@pytest.mark.requirement("ALL-06")
async def test_without_a_bearer_token_the_answer_is_401(room, header):
    answer = await room.client.get("/invoices/S-1", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["status"]) == (401, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("content", [None, b"not json", b'{"keys": [{"kty": "unheard-of"}]}', b"[]"])
def test_a_gate_without_usable_keys_does_not_start_and_says_which_variable(tmp_path, content):
    file = tmp_path / "keys.json"
    if content is not None:
        file.write_bytes(content)
    settings = Settings(database_url="postgresql://", kafka="127.0.0.1:9", token_keys=file)
    with pytest.raises(SystemExit, match="AFTERCARE_TOKEN_KEYS"):
        Gate(settings)


def test_a_gate_needs_a_file_of_keys():
    with pytest.raises(SystemExit, match="AFTERCARE_TOKEN_KEYS"):
        Gate(Settings(database_url="postgresql://", kafka="127.0.0.1:9"))
