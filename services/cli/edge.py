"""Envoy, as its supervisor deals with it: over its admin interface and its front door."""

import asyncio
from contextlib import suppress
from pathlib import Path

import httpx

from deploy.envoy.generate import Edge, Endpoint, render
from services.cli.settings import Settings
from tocsin.edge.v1 import options_pb2

DESCRIPTORS = Path(options_pb2.__file__).parents[3] / "tocsin.binpb"
DRAIN_SECONDS = 10.0
POLL_SECONDS = 0.05
ASK_SECONDS = 2.0
ACTIVE = "http.edge.downstream_rq_active"
STREAMING = r"cluster\..*-streams\.upstream_rq_active"


class Envoy:
    """One Envoy: its admin interface is a socket that only this user may open."""

    def __init__(self, admin: Path, local_url: str) -> None:
        self._admin = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(admin)),
            base_url="http://admin",
            timeout=ASK_SECONDS,
        )
        self._front = httpx.AsyncClient(base_url=local_url, timeout=ASK_SECONDS, trust_env=False)

    async def ready(self) -> bool:
        """Tells whether it listens, and every service behind it serves."""
        try:
            answer = await self._front.get("/healthz")
        except httpx.HTTPError:
            return False
        return answer.is_success

    async def drain(self) -> None:
        """Turns new calls away and returns once those in flight are answered.

        Streams are not waited for: who reads one goes on with it where it was.
        """
        # SIGTERM alone would drop them.
        with suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._admin.post("/healthcheck/fail")
                await self._admin.post("/drain_listeners")
                while await self._active():  # noqa: ASYNC110 # it tells nobody
                    await asyncio.sleep(POLL_SECONDS)

    async def close(self) -> None:
        """Closes the connections to it."""
        await self._admin.aclose()
        await self._front.aclose()

    async def _active(self) -> int:
        answer = await self._admin.get("/stats", params={"filter": f"^({ACTIVE}|{STREAMING})$"})
        told = dict(line.split(": ", 1) for line in answer.text.splitlines())
        calls = int(told.pop(ACTIVE, 0))
        return calls - sum(map(int, told.values()))


def configuration(settings: Settings, admin: Path, ports: dict[str, int]) -> str:
    """Returns Envoy's configuration for services on these ports."""
    edge = Edge(
        http_host=settings.host,
        http_port=settings.port,
        admin=admin,
        descriptor_path=DESCRIPTORS,
        clusters={name: Endpoint("127.0.0.1", port) for name, port in ports.items()},
        calls_per_minute=settings.edge_calls_per_minute,
        trusted_hops=settings.trusted_hops,
    )
    return render(DESCRIPTORS.read_bytes(), edge)
