"""An HTTP server that keeps what it is sent and answers as it was told to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from tests.parts.waiting import arrival


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was read to its end."""

    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How a request is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0  # seconds between reading the request and answering
    drop: bool = False  # cuts the line instead of answering


@dataclass(slots=True)
class WebhookSink:
    """What came in, and how it is answered: `replies` first, then `reply` for ever."""

    url: str
    requests: list[Request] = field(default_factory=list)
    replies: deque[Reply] = field(default_factory=deque)
    reply: Reply = Reply()

    async def wait_for(self, wanted: Callable[[Request], bool], within: float = 10.0) -> Request:
        """Returns the first request that is wanted."""
        return await arrival(self.requests, wanted, within=within)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the one request of a connection."""
        request = await read_request(reader)
        if request is None:
            return
        if "transfer-encoding" in request.headers:
            writer.write(rendered(Reply(status=411)))  # it reads no chunks
            return
        self.requests.append(request)
        reply = self.replies.popleft() if self.replies else self.reply
        await asyncio.sleep(reply.delay)
        if reply.drop:
            writer.transport.abort()
            return
        writer.write(rendered(reply))
        await writer.drain()


@asynccontextmanager
async def webhook_sink(port: int = 0) -> AsyncIterator[WebhookSink]:
    """Runs an HTTP server on a port, or a free one."""
    sink = WebhookSink(url="")
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await sink.serve(reader, writer)
        except ConnectionError:
            pass  # the client gave up
        finally:
            writer.close()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(connected(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(accepted, "127.0.0.1", port)
    sink.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield sink
    finally:
        server.close()
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Returns the request, or nothing if the line was cut before its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.lower(): value.strip() for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    except asyncio.IncompleteReadError:
        return None
    method, path, _ = first.split(" ")
    return Request(method, path, headers, body)


def rendered(reply: Reply) -> bytes:
    """Returns the reply as bytes; a connection carries one."""
    own = {"content-length": str(len(reply.body)), "connection": "close"}
    headers = "".join(f"{name}: {value}\r\n" for name, value in {**own, **reply.headers}.items())
    start = f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
    return f"{start}{headers}\r\n".encode("latin-1") + reply.body
