"""What the person who starts the suite may choose, read from the environment once."""

import errno
import ipaddress
import os
import shutil
import socket
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from services.chassis import addresses


class CannotStart(Exception):
    """The suite cannot start; the message says in one sentence what to do."""


#: What to do when the address cannot be listened on, besides choosing another.
LISTEN_TROUBLES = {
    errno.EADDRNOTAVAIL: "make it an address of this machine",
    errno.EACCES: "choose a port above 1023",
}


LARGEST_NUMBER = 2**31 - 1
#: This machine and the private network around it, which whoever runs the suite alone trusts;
#: not the link-local addresses of clouds' own services.
AROUND = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"

#: What notification is told of those who carry its messages, as it was said.
PROVIDERS = (
    "SMS_PROVIDERS",
    "VOICE_PROVIDERS",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_FROM",
    "TWILIO_CALLER",
    "TWILIO_URL",
    "GATEWAY_URL",
    "GATEWAY_SECRET",
    "NTFY_URL",
    "NTFY_TOKEN",
    "TELEGRAM_TOKEN",
    "TELEGRAM_SECRET",
    "TELEGRAM_URL",
    "SLACK_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_URL",
    "APPRISE_SCHEMES",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The choices."""

    data: Path
    host: str  # an address
    port: int
    chosen_public_url: str
    nats_server: str
    envoy: str
    clock_offset_file: Path | None
    smtp_url: str
    smtp_sender: str
    ntfy_url: str
    apprise_schemes: str
    message_caps: str  # how often a contact may be told something, by way
    webhook_allow: str  # networks that are not public, where URLs may lead nevertheless
    providers: Mapping[str, str]  # what was said of who carries messages, by setting
    webhook_keep_days: int  # for how long it is kept what became of events for webhooks
    edge_calls_per_minute: int
    trusted_hops: int  # proxies before the edge whose word for a caller's address is believed
    verbose: bool

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Reads the `TOCSIN_…` variables; an empty one counts as absent."""
        said = {name: value for name, value in environment.items() if value}
        host, port = _address(said.get("TOCSIN_HTTP", "127.0.0.1:8080"))
        offset = said.get("TOCSIN_CLOCK_OFFSET_FILE")
        return cls(
            data=Path(said.get("TOCSIN_DATA", ".data")).expanduser().absolute(),
            host=host,
            port=port,
            chosen_public_url=said.get("TOCSIN_PUBLIC_URL", "").rstrip("/"),
            nats_server=_program(said, "TOCSIN_NATS_SERVER", "nats-server"),
            envoy=_program(said, "TOCSIN_ENVOY", "envoy"),
            clock_offset_file=Path(offset).absolute() if offset else None,
            smtp_url=said.get("TOCSIN_SMTP_URL", ""),
            smtp_sender=said.get("TOCSIN_SMTP_SENDER", ""),
            ntfy_url=said.get("TOCSIN_NTFY_URL", ""),
            apprise_schemes=said.get("TOCSIN_APPRISE_SCHEMES", ""),
            message_caps=said.get("TOCSIN_MESSAGE_CAPS", ""),
            webhook_allow=_networks(said, "TOCSIN_WEBHOOK_ALLOW", AROUND),
            providers={
                name: said[f"TOCSIN_{name}"] for name in PROVIDERS if f"TOCSIN_{name}" in said
            },
            webhook_keep_days=_number(said, "TOCSIN_WEBHOOK_KEEP_DAYS", 7, least=1),
            edge_calls_per_minute=_number(said, "TOCSIN_EDGE_CALLS_PER_MINUTE", 60_000, least=1),
            trusted_hops=_number(said, "TOCSIN_TRUSTED_HOPS", 0, least=0),
            verbose=said.get("TOCSIN_VERBOSE", "0") != "0",
        )

    @property
    def local_address(self) -> str:
        """Where programs on this machine find the edge, as `host:port`."""
        address = ipaddress.ip_address(self.host)
        if address.is_unspecified:  # listens everywhere; nobody can connect to "everywhere"
            address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
        return f"[{address}]:{self.port}" if address.version == 6 else f"{address}:{self.port}"

    @property
    def local_url(self) -> str:
        """The same as a URL."""
        return f"http://{self.local_address}"

    @property
    def public_url(self) -> str:
        """What links in messages begin with."""
        return self.chosen_public_url or self.local_url

    def with_free_port(self) -> Self:
        """Makes sure that nobody else listens on the port; port 0 becomes a free one."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As a server does; otherwise connections that have just ended would count as busy.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
                probe.listen()  # two sockets may share a port until one of them listens
            except OSError as error:
                do = LISTEN_TROUBLES.get(error.errno or 0, "end what listens there")
                raise CannotStart(
                    f"cannot listen on {self.host} port {self.port} ({error.strerror}): {do},"
                    " or set TOCSIN_HTTP to another address and port"
                ) from None
            return replace(self, port=probe.getsockname()[1])


def _address(text: str) -> tuple[str, int]:
    """Returns an address to listen on and a port."""
    host, _, number = text.rpartition(":")
    if not host or not number.isascii() or not number.isdigit() or int(number) > 65535:
        raise CannotStart(
            f"TOCSIN_HTTP is {text!r}: make it an address and a port, for example 127.0.0.1:8080"
        )
    try:
        (*_, place), *_ = socket.getaddrinfo(host.strip("[]"), number, type=socket.SOCK_STREAM)
    except OSError:
        raise CannotStart(
            f"TOCSIN_HTTP names the host {host!r}, which is unknown here: make it an address of"
            " this machine, for example 127.0.0.1:8080"
        ) from None
    return str(place[0]), int(number)


def _number(said: Mapping[str, str], variable: str, default: int, *, least: int) -> int:
    text = said.get(variable, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= LARGEST_NUMBER):
        raise CannotStart(f"{variable} is {text!r}: make it a whole number, {least} or more")
    return int(text)


def _networks(said: Mapping[str, str], variable: str, default: str) -> str:
    """Returns networks, comma-separated, of which there are none in the word "none"."""
    text = said.get(variable, default)
    text = "" if text == "none" else text
    try:
        addresses.networks(text)
    except ValueError as error:
        raise CannotStart(
            f"{variable} is {text!r} ({error}): make it networks, for example 10.20.0.0/16, or none"
        ) from None
    return text


def _program(said: Mapping[str, str], variable: str, name: str) -> str:
    """Returns the program to run: the chosen one, or that which the requirements installed."""
    wanted = said.get(variable) or str(Path(sysconfig.get_path("scripts")) / name)
    found = shutil.which(wanted)
    if found is None and variable in said:
        why = "cannot be executed" if Path(wanted).exists() else "is not there"
        raise CannotStart(
            f"{variable} is {wanted}, which {why}: make it the path of another {name}, or unset it"
        )
    if found is None:
        raise CannotStart(
            f"there is no program {wanted}: install the requirements anew"
            f" (rm .venv/run.stamp, then make run), or set {variable} to another {name}"
        )
    return str(Path(found).absolute())
