"""Whose request it is: the address that counts, and how little of it is kept."""

import hashlib
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from registration_service.settings import Network

Address = IPv4Address | IPv6Address
HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that stand for one customer of a provider, who may use any of the others."""
NOWHERE: Final = IPv6Network((0, HOUSEHOLD))
HASH_BYTES: Final = 16


def asker(peer: str | None, forwarded: Sequence[str], proxies: Sequence[Network]) -> Network:
    """The network that asks: the peer's, or that of the right-most address in `X-Forwarded-For` which is no proxy.

    `forwarded` are the header's values. An entry that cannot be read ends the walk at the hop that wrote it.
    """
    nearest = _read(peer or "")
    hops = [hop for value in forwarded for hop in value.split(",")]
    while nearest and hops and any(nearest in proxy for proxy in proxies):
        further = _read(hops.pop())
        if further is None:
            break
        nearest = further
    return _shared(nearest) if nearest else NOWHERE


def _read(text: str) -> Address | None:
    """An address with or without brackets, port and zone; None when it is none."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _shared(address: Address) -> Network:
    return ip_network((address, HOUSEHOLD if address.version == 6 else address.max_prefixlen), strict=False)


def holder_of(network: Network, purpose: str, key: bytes) -> bytes:
    """What stands for a network in the database: another for each purpose, and nobody's once the day's key is gone."""
    asked = f"{purpose} ".encode() + network.network_address.packed
    return hashlib.blake2b(asked, key=key, digest_size=HASH_BYTES).digest()
