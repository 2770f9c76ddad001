"""HTTP as anybody may send it: byte for byte, whatever a well-behaved client would mend."""

import http.client
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]  # by lower-case name
    body: bytes


def send(
    address: str, verb: str, target: str, headers: Mapping[str, str], body: bytes = b""
) -> Answer:
    """Sends a request over a connection of its own; adds only a host and a length."""
    host, _, port = address.rpartition(":")
    fields = {"Host": address, "Connection": "close", "Content-Length": len(body), **headers}
    lines = [f"{verb} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    head = "\r\n".join(lines) + "\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # answered before it had all
            connection.sendall(head.encode("latin-1") + body)
        with http.client.HTTPResponse(connection, method=verb) as reply:
            reply.begin()
            named = {name.lower(): value for name, value in reply.getheaders()}
            return Answer(reply.status, named, reply.read())
