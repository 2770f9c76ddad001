"""Which Tocsin a command talks to, and as whom."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import grpc
import grpc.aio

CREDENTIALS = "credentials.env"
PORTS = {"http": 80, "https": 443}
OPTIONS = [
    ("grpc.keepalive_time_ms", 20_000),  # or a watch would not notice that the other end is gone
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
]


class BadUsage(Exception):
    """The command cannot be carried out as it was given; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address with the credentials that are known for it."""

    url: str
    token: str
    integration_key: str

    @classmethod
    def find(
        cls,
        url: str = "",
        token: str = "",
        integration_key: str = "",
        environment: Mapping[str, str] = os.environ,
    ) -> Self:
        """Takes what the options say, else the environment, else the data folder's file.

        The file's credentials are those of its own URL: they are shown to no other.
        """
        url = url or environment.get("TOCSIN_URL", "")
        token = token or environment.get("TOCSIN_TOKEN", "")
        key = integration_key or environment.get("TOCSIN_INTEGRATION_KEY", "")
        written = _written(Path(environment.get("TOCSIN_DATA") or ".data").expanduser())
        if not url or url.rstrip("/") == written.get("TOCSIN_URL"):
            url = url or written.get("TOCSIN_URL", "")
            token = token or written.get("TOCSIN_TOKEN", "")
            key = key or written.get("TOCSIN_INTEGRATION_KEY", "")
        if not url:
            raise BadUsage(
                "which Tocsin? Give --url, set TOCSIN_URL, or come to where its data folder is"
            )
        return cls(url=url.rstrip("/"), token=token, integration_key=key)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call that asks who calls. Raises BadUsage."""
        if not self.token:
            raise BadUsage(f"no API token for {self.url}: give --token, or set TOCSIN_TOKEN")
        if not self.token.isascii() or not self.token.isprintable():
            raise BadUsage("this is no API token: it has characters that no token has")
        return (("authorization", f"Bearer {self.token}"),)

    def open(self) -> grpc.aio.Channel:
        """Opens a channel. Raises BadUsage for a URL that is none."""
        try:
            parts = urlsplit(self.url)
            port = parts.port or PORTS[parts.scheme]
        except (KeyError, ValueError):
            raise self._no_url() from None
        if not parts.hostname or parts.path or parts.query:
            raise self._no_url()
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        if parts.scheme == "https":
            credentials = grpc.ssl_channel_credentials()
            return grpc.aio.secure_channel(f"{host}:{port}", credentials, options=OPTIONS)
        return grpc.aio.insecure_channel(f"{host}:{port}", options=OPTIONS)

    def _no_url(self) -> BadUsage:
        return BadUsage(f"{self.url!r} is no URL of a Tocsin: make it like http://127.0.0.1:8080")


def _written(folder: Path) -> dict[str, str]:
    """Returns what a data folder's file for scripts says, if it is there and may be read."""
    try:
        words = shlex.split((folder / CREDENTIALS).read_text(), comments=True)
    except (OSError, ValueError):
        return {}
    pairs = (word.split("=", 1) for word in words if "=" in word)
    return {name: value for name, value in pairs}
