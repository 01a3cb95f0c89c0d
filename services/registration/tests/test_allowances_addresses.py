"""Which address a request is counted for, and what the environment may say about proxies and budgets."""

from ipaddress import ip_network

import pytest

from chassis.settings import read_settings
from registration_service.allowances.addresses import asker, holder_of
from registration_service.settings import RegistrationSettings

pytestmark = pytest.mark.requirement("REG-01", "REG-05", "REG-10", "REG-23")
PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "fd00::/8")))


@pytest.mark.parametrize(
    ("peer", "forwarded", "counts"),
    [
        ("203.0.113.7", [], "203.0.113.7/32"),
        ("203.0.113.7", ["192.0.2.1"], "203.0.113.7/32"),
        ("10.0.0.7", ["192.0.2.1"], "192.0.2.1/32"),
        ("10.0.0.7", ["192.0.2.66, 192.0.2.1"], "192.0.2.1/32"),
        ("10.0.0.7", ["192.0.2.66, 192.0.2.1, 10.9.9.9"], "192.0.2.1/32"),
        ("10.0.0.7", ["192.0.2.66", "192.0.2.1,10.9.9.9"], "192.0.2.1/32"),
        ("10.0.0.7", ["10.1.1.1, 10.2.2.2"], "10.1.1.1/32"),
        ("10.0.0.7", ["192.0.2.1, unknown"], "10.0.0.7/32"),
        ("10.0.0.7", ["192.0.2.1, unknown, 10.9.9.9"], "10.9.9.9/32"),
        ("10.0.0.7", [""], "10.0.0.7/32"),
        ("10.0.0.7", ["192.0.2.1:4711"], "192.0.2.1/32"),
        ("10.0.0.7", ['"[2001:db8:1:2::9]:4711"'], "2001:db8:1:2::/64"),
        ("fd00::1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("::ffff:203.0.113.7", [], "203.0.113.7/32"),
        ("::ffff:10.0.0.7", ["192.0.2.1"], "192.0.2.1/32"),
        (None, ["192.0.2.1"], "::/64"),
        ("/run/socket", [], "::/64"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_counts(peer: str | None, forwarded: list[str], counts: str) -> None:
    assert asker(peer, forwarded, PROXIES) == ip_network(counts)


def test_an_address_a_purpose_and_a_key_make_one_hash_and_others_make_others() -> None:
    one, other = ip_network("203.0.113.7"), ip_network("203.0.113.8")
    asked = [(network, purpose) for network in (one, other) for purpose in ("sign-in", "sign-up")]
    hashes = {holder_of(*who, key) for who in asked for key in (b"monday", b"tuesday")}
    assert len(hashes) == 8
    assert holder_of(one, "sign-in", b"monday") in hashes


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("AFTERCARE_DATABASE_URL", "postgresql://127.0.0.1:9/none")
    monkeypatch.setenv("AFTERCARE_KAFKA", "127.0.0.1:9")
    return monkeypatch


def test_addresses_and_networks_of_proxies_are_read_from_the_environment(told: pytest.MonkeyPatch) -> None:
    assert read_settings(RegistrationSettings).trusted_proxies == ()
    told.setenv("AFTERCARE_TRUSTED_PROXIES", " 10.0.0.7, 172.16.0.0/12,fd00::1 ,")
    networks = [str(network) for network in read_settings(RegistrationSettings).trusted_proxies]
    assert networks == ["10.0.0.7/32", "172.16.0.0/12", "fd00::1/128"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TRUSTED_PROXIES", "10.0.0.7, 10.0.0.300", "'10.0.0.300' does not appear to be an IPv4 or IPv6 network"),
        ("TRUSTED_PROXIES", "proxy.local", "an address or a network is expected, e.g. 10.0.0.7 or 10.1.0.0/16"),
        ("TRUSTED_PROXIES", "10.0.0.7/8", "10.0.0.7/8 has host bits set"),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "0.0.0.0/0 would trust everybody"),
        ("WARRANTY_CHECKS_EACH", "4", "greater than or equal to 5"),
        ("WARRANTY_CHECKS_IN_ALL", "many", "valid integer"),
        ("SIGN_INS_EACH", "0", "greater than or equal to 5"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(
    told: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
) -> None:
    told.setenv(f"AFTERCARE_{name}", value)
    with pytest.raises(SystemExit):
        read_settings(RegistrationSettings)
    written = capsys.readouterr().err
    assert f"AFTERCARE_{name}: " in written
    assert said in written
    assert repr(value) in written
