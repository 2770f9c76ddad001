"""Connections that go where calls may go, whatever a name means by then.

A name is resolved here, once; all of its addresses must be allowed, and the connection goes to
one of those. So a name that means another address a moment later changes nothing.
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from functools import partial
from ipaddress import ip_address

import httpcore
import httpx

from services.chassis.addresses import Network
from services.notification.destinations import NO_PORTS, is_allowed

#: More than messages under way: nobody waits for a connection that another's hang holds.
MOST_CONNECTIONS = 1000
#: As httpx has them.
MOST_IDLE_CONNECTIONS, IDLE_SECONDS = 20, 5.0


class Refused(Exception):
    """A host has an address where calls do not go; the message names it."""


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to allowed addresses only."""

    def __init__(self, allowed: Sequence[Network], lookups: Executor | None = None) -> None:
        """Takes what asks for names; the event loop's own threads if that is None."""
        self._allowed = allowed
        self._lookups = lookups
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 # the base's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to a host. Raises Refused, and httpcore's own."""
        if port in NO_PORTS:
            raise Refused(f"port {port} is another protocol's")
        failure: httpcore.ConnectError | None = None
        for address in await self._addresses(host, port, timeout):
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
        raise failure or httpcore.ConnectError("the name has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 # the base's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuses: no URL means a file."""
        raise Refused("calls go to no file")

    async def sleep(self, seconds: float) -> None:
        """Waits, as every backend can."""
        await self._network.sleep(seconds)

    async def _addresses(self, host: str, port: int, within: float | None) -> list[str]:
        loop = asyncio.get_running_loop()
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            async with asyncio.timeout(within):
                found = await loop.run_in_executor(self._lookups, ask)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no answer about the name") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name is unknown") from error
        addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
        for address in addresses:
            if not is_allowed(ip_address(address), self._allowed):
                raise Refused(f"the host is {address}, where this deployment calls nobody")
        return addresses


class GuardedTransport(httpx.AsyncHTTPTransport):
    """What httpx sends by, over guarded connections."""

    def __init__(
        self,
        allowed: Sequence[Network],
        *,
        most_connections: int = MOST_CONNECTIONS,
        lookups: Executor | None = None,
    ) -> None:
        super().__init__(trust_env=False)
        # httpx has no word of its own for what its pool connects by.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=most_connections,
            max_keepalive_connections=MOST_IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=Guarded(allowed, lookups),
        )
