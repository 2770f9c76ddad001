"""How many calls a minute callers may make: each API token, and each address that shows nothing
that is known.

An address counts the calls only for which it has no valid credential: whoever has one isn't
refused for what others behind the same address do. The services themselves are not limited.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from functools import lru_cache

from services.chassis import principal as principals
from services.chassis.config import Config
from services.chassis.limits import Limits
from services.chassis.principal import Principal

#: Set by the edge, which takes away what callers send under this name.
ADDRESS_HEADER = "x-tocsin-address"
#: What one customer of a provider has of IPv6.
IPV6_PREFIX = 64

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Callers:
    """The limits of callers."""

    def __init__(self, limits: Limits, config: Config) -> None:
        self._limits = limits
        self._of_token = config.token_calls_per_minute
        self._of_address = config.address_calls_per_minute
        self._edges = networks(config.trusted_edges)

    def recognise(self, peer: str, metadata: Mapping[str, str]) -> None:
        """Notes where a call comes from: the edge's word for it, if the peer is an edge."""
        host = host_of(peer)
        if _is_within(host, self._edges):
            host = metadata.get(ADDRESS_HEADER, host)
        principals.address.set(grouped(host))

    async def admit(self, caller: Principal) -> None:
        """Counts a call of somebody known. Raises RateLimited."""
        if caller.kind == "SERVICE":
            return
        if not await self._limits.take(f"token:{caller.id}", self._of_token):
            raise self._limits.reached(f"API token {caller.id}", self._of_token, "calls")

    async def stranger(self) -> None:
        """Counts a call for which nothing valid was shown. Raises RateLimited."""
        address = principals.address.get()
        if not await self._limits.take(f"address:{address}", self._of_address):
            raise self._limits.reached("this address", self._of_address, "calls without a key")

    def check_address(self) -> None:
        """Raises RateLimited if too many calls without anything valid came from there."""
        address = principals.address.get()
        if not self._limits.has_room(f"address:{address}", self._of_address):
            raise self._limits.reached("this address", self._of_address, "calls without a key")


def networks(text: str) -> tuple[Network, ...]:
    """Reads comma-separated networks. Raises SystemExit about what is none."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SystemExit(f"TRUSTED_EDGES: {error}") from None


@lru_cache(maxsize=4096)
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


def host_of(peer: str) -> str:
    """Returns the address in grpc's word for a peer: "ipv4:127.0.0.1:4711", "ipv6:%5B::1%5D:1"."""
    _, _, place = peer.partition(":")
    host, _, _ = place.rpartition(":")
    return host.replace("%5B", "").replace("%5D", "").strip("[]")


@lru_cache(maxsize=4096)
def _is_within(host: str, trusted: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in trusted)
