"""Where a call comes from, as far as that can be believed."""

import ipaddress
from collections.abc import Mapping, Sequence
from functools import lru_cache

#: Set by the edge, which takes away what callers send under this name.
HEADER = "x-tocsin-address"
#: What one customer of a provider has of IPv6.
IPV6_PREFIX = 64
#: Different addresses that are remembered.
REMEMBERED = 4096

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Reads comma-separated networks. Raises ValueError about what is none."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def caller(peer: str, metadata: Mapping[str, str], edges: Sequence[Network]) -> str:
    """Returns a caller's address: the edge's word for it, if the peer of the call is an edge."""
    host = host_of(peer)
    return (_usual(metadata.get(HEADER, "")) if _is_within(host, edges) else "") or host


def host_of(peer: str) -> str:
    """Returns the address in grpc's word for a peer: "ipv4:127.0.0.1:4711", "ipv6:%5B::1%5D:1".

    Empty if there is none.
    """
    _, _, place = peer.partition(":")
    host, _, _ = place.rpartition(":")
    return _usual(host.replace("%5B", "").replace("%5D", "").strip("[]"))


@lru_cache(maxsize=REMEMBERED)
def grouped(host: str) -> str:
    """Returns an address as it is counted: of IPv6, the network that one customer has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""  # whoever hides where they are counts with all who do
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))


@lru_cache(maxsize=REMEMBERED)
def _usual(text: str) -> str:
    """Returns an address in its usual form; empty if it is none."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""


@lru_cache(maxsize=REMEMBERED)
def _is_within(host: str, edges: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in edges)
