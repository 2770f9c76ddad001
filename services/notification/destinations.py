"""Where calls may go: to public addresses, and to those that whoever runs Tocsin allows.

Whoever may say where a page goes must not reach by it what only this machine reaches: other
programs on it, the network around it, the cloud's own services.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from services.chassis.addresses import Network, networks
from services.chassis.errors import InvalidRequest
from services.notification.urls import is_url

Address = IPv4Address | IPv6Address

#: What Python counts as public and is not: protocols' own addresses, relays between IPv6 and
#: IPv4, which wrap any address, and what IPv4 looks like in it.
NOT_PUBLIC = networks(
    "192.0.0.0/24,192.88.99.0/24,::/96,64:ff9b::/96,64:ff9b:1::/48,2001::/23,2002::/16"
)
#: Where clouds tell a machine its credentials: no network that is allowed opens these, only
#: an entry for the one address.
METADATA = networks(
    "169.254.169.254/32,169.254.170.2/32,100.100.100.200/32,192.0.0.192/32,fd00:ec2::254/128"
)
#: Ports of protocols that take what is posted to them for their own.
NO_PORTS = frozenset(
    {7, 9, 13, 19, 21, 22, 23, 25, 43, 53, 69, 79, 110, 111, 119, 123, 135, 139, 143, 161, 389}
    | {445, 465, 512, 513, 514, 515, 587, 636, 873, 989, 990, 993, 995, 1433, 1521, 2049}
    | {3306, 4222, 5060, 5061, 5432, 6000, 6379, 6667, 11211, 27017}
)
#: This machine, which no name server need know.
LOCAL = "localhost"


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    """Tells whether calls may go to an address."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in network for network in METADATA):
        return any(n.prefixlen == n.max_prefixlen and address in n for n in allowed)
    return _is_public(address) or any(address in network for network in allowed)


def checked(url: str, field: str, allowed: Sequence[Network]) -> str:
    """Returns a URL that calls may go to, as far as it says itself. Raises InvalidRequest.

    What a name means is found out when it is called; that it is this machine is clear.
    """
    if not is_url(url):
        raise InvalidRequest(f"{field} must be an absolute http or https URL", field=field)
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.port in NO_PORTS:
        raise InvalidRequest(f"{field} has a port of another protocol", field=field)
    local = f".{host.rstrip('.')}".endswith(f".{LOCAL}")
    address = ip_address("127.0.0.1") if local else literal(host)
    if address is not None and not is_allowed(address, allowed):
        raise InvalidRequest(
            f"{field} leads to {address}, where this deployment calls nobody", field=field
        )
    return url


def is_near(url: str) -> bool:
    """Tells whether a URL leads, by its own word, to this machine or the network around it."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if f".{host}".endswith(f".{LOCAL}"):
        return True
    address = literal(host)
    return address is not None and not is_allowed(address, ())


def can_call_back(url: str, public_url: str) -> bool:
    """Tells whether a program that is called at a URL can call this deployment.

    Who is near reaches what is near; from elsewhere nobody does.
    """
    return is_near(url) or not is_near(public_url)


def literal(host: str) -> Address | None:
    """Returns the address that a host is, in any spelling that systems take; None for a name."""
    host = host.removesuffix(".")
    try:
        return ip_address(host.removeprefix("[").removesuffix("]").replace("%25", "%"))
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))  # "127.1", "0x7f000001", "2130706433"
    except (OSError, ValueError):
        return None


def _is_public(address: Address) -> bool:
    if any(address in network for network in NOT_PUBLIC):
        return False
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
