"""Where calls come from: who connected, or whom the edge names, if it is the edge that connected.

Anybody can write `x-forwarded-for`. What the edge appends at its end is what the edge saw.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

FORWARDED = "x-forwarded-for"
_PEER = re.compile(r"ipv[46]:(?:%5B|\[)?([0-9a-fA-F.:]+?)(?:%5D|\])?:[0-9]+")


class Edges:
    """Whose word about addresses is believed."""

    def __init__(self, networks: str) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [
            ip_network(network.strip(), strict=False) for network in networks.split(",")
        ]

    def told_address(self, peer: str, metadata: Mapping[str, str]) -> str:
        """Returns where a call came from; `peer` is as grpc tells it ("ipv4:10.0.0.1:4711")."""
        match = _PEER.fullmatch(peer)
        connected = _address(match[1]) if match else ""
        if not connected or not any(ip_address(connected) in each for each in self._networks):
            return connected
        return _address(metadata.get(FORWARDED, "").rpartition(",")[2]) or connected


def _address(text: str) -> str:
    """Returns an address in its usual form; empty if it is none."""
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return ""


LOOPBACK = Edges("127.0.0.0/8,::1/128")
