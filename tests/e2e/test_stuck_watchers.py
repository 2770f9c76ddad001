"""Watchers that stop reading, beside one that reads."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.parts.suite import Suite, running_suite

STUCK = 200
#: What each of them is owed, many times what a buffer on the way to it holds.
CHANGES = 15
DETAILS = "x" * 300_000
SECONDS = 10.0


@pytest.fixture
def own_suite(tmp_path: Path) -> Iterator[Suite]:
    """A suite of its own: the alerts are too large for the lists of other tests."""
    with running_suite(tmp_path) as suite:
        yield suite


def test_watchers_that_stop_reading_delay_nobody(own_suite: Suite) -> None:
    with ExitStack() as stack:
        client = stack.enter_context(own_suite.client())
        for _ in range(STUCK):
            stack.enter_context(_stuck(own_suite))
        for _ in range(CHANGES):
            _raise(client, "large", DETAILS)
        reply = stack.enter_context(client.stream("GET", "/api/alert-stream", timeout=SECONDS))
        lines = reply.iter_lines()
        assert next(lines) == ": ping"

        _raise(client, "small", "")

        assert any('"summary": "small"' in line for line in lines)


@contextmanager
def _stuck(suite: Suite) -> Iterator[None]:
    host, port = suite.address.split(":")
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect((host, int(port)))
        reader.sendall(
            b"GET /api/alert-stream HTTP/1.1\r\nHost: tocsin\r\n"
            b"Authorization: Bearer " + suite.token.encode() + b"\r\n\r\n"
        )
        assert reader.recv(15) == b"HTTP/1.1 200 OK"
        yield


def _raise(client: httpx.Client, summary: str, details: str) -> None:
    responders = [{"user": {"id": 1}}]
    body = {"summary": summary, "details": details, "responders": responders}
    assert client.post("/api/alerts", json=body).status_code == 201
