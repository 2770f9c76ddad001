"""A real SMTP server that keeps what it is sent, and can misbehave on request."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import Enum, auto
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.parts.waiting import arrival


class Manner(Enum):
    """How the server answers a mail."""

    ACCEPT = auto()
    REFUSE_FOR_NOW = auto()  # 451: trying again may help
    REFUSE_RECIPIENT_FOR_NOW = auto()  # 450, before the mail: their box is busy
    REFUSE_FOR_GOOD = auto()  # 550: trying again is no use
    HANG = auto()  # keeps nothing and never answers
    DROP_REPLY = auto()  # keeps the mail, then cuts the line instead of answering


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was handed over."""

    sender: str | None
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def text(self) -> str:
        """Its plain text."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its HTML."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None, f"there is no {kind} part"
        text: str = part.get_content()
        return text.replace("\r\n", "\n")


@dataclass(slots=True)
class SmtpSink:
    """What came in, and how the next mail is answered."""

    port: int
    mails: list[Mail] = field(default_factory=list)
    manner: Manner = Manner.ACCEPT

    async def wait_for(self, wanted: Callable[[Mail], bool], within: float = 10.0) -> Mail:
        """Returns the first mail that is wanted."""
        return await arrival(self.mails, wanted, within=within)


class _Handler:
    """What aiosmtpd calls once a whole mail has been read."""

    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._sink.manner is Manner.REFUSE_RECIPIENT_FOR_NOW:
            return "450 4.2.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        match self._sink.manner:
            case Manner.REFUSE_FOR_NOW:
                return "451 4.3.0 come back later"
            case Manner.REFUSE_FOR_GOOD:
                return "550 5.1.1 nobody of that name"
            case Manner.HANG:
                await _never()
        self._sink.mails.append(_mail(envelope))
        if self._sink.manner is Manner.DROP_REPLY:
            _cut(server)
            await _never()
        return "250 2.0.0 kept"


@asynccontextmanager
async def smtp_sink(
    port: int = 0, *, tls: ssl.SSLContext | None = None, account: tuple[str, str] | None = None
) -> AsyncIterator[SmtpSink]:
    """Runs an SMTP server on a free port, or on the one that was promised to somebody.

    With `tls` it insists on STARTTLS, with an account on its name and password.
    """
    loop = asyncio.get_running_loop()
    sink = SmtpSink(port=0)
    connections: list[SMTP] = []

    def connected() -> SMTP:
        server = SMTP(
            _Handler(sink),
            hostname="localhost",
            loop=loop,
            tls_context=tls,
            require_starttls=tls is not None,
            authenticator=_checking(account) if account else None,
            auth_required=account is not None,
        )
        connections.append(server)
        return connections[-1]

    server = await loop.create_server(connected, "127.0.0.1", port)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        for connection in connections:
            _cut(connection)
        await server.wait_closed()


def _checking(account: tuple[str, str]) -> Any:
    def check(server: SMTP, session: Session, envelope: Envelope, how: str, shown: Any) -> Any:
        told = (shown.login.decode(), shown.password.decode())
        return AuthResult(success=told == account, handled=False)  # the server answers

    return check


def _cut(connection: SMTP) -> None:
    if isinstance(connection.transport, asyncio.Transport):
        connection.transport.abort()


def _mail(envelope: Envelope) -> Mail:
    content = envelope.original_content or b""
    message = email.message_from_bytes(content, policy=email.policy.default)
    return Mail(envelope.mail_from, tuple(envelope.rcpt_tos), message)


async def _never() -> None:
    """Waits until the connection ends, which cancels the handler."""
    await asyncio.Event().wait()
