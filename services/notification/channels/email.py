"""Pages as e-mails of plain text and HTML, handed to one SMTP server.

The Message-ID is the same for every attempt, so that a mail program that keeps each message
once keeps each page once. All mails about one subject are one thread, the one that stands down
among them.
"""

import hashlib
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.notification.channels.channel import LONGEST_WHY, one_line
from services.notification.domain.values import Failed, Outcome, Page, Retry, Sent
from services.notification.messages import compose
from services.notification.targets import is_email

SECONDS = 10.0
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Server:
    """Where e-mails are handed over."""

    host: str
    port: int
    username: str | None
    password: str | None
    scheme: str

    @classmethod
    def of(cls, url: str) -> "Server | None":
        """Reads an SMTP URL that the configuration let pass; None if it is empty."""
        parts = urlsplit(url)
        if not parts.hostname:
            return None
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            scheme=parts.scheme,
        )


class Email:
    """Hands pages to an SMTP server."""

    def __init__(self, smtp_url: str, sender: str) -> None:
        self._server = Server.of(smtp_url)
        self._sender = sender

    def provider(self, page: Page) -> str:
        """See `Channel`: all e-mails go to one server."""
        return "smtp"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`."""
        if self._server is None:
            return Failed("no SMTP server is configured: set TOCSIN_SMTP_URL")
        recipient = page.address or page.notification.target
        if not is_email(recipient):
            return Failed("the target is no e-mail address")
        try:
            await self._hand_over(self._server, self._mail(page, recipient), recipient)
        except (aiosmtplib.SMTPException, OSError) as error:
            return _outcome(error)
        return Sent()

    async def _hand_over(self, server: Server, mail: EmailMessage, recipient: str) -> None:
        await aiosmtplib.send(
            mail,
            sender=parseaddr(self._sender)[1],
            recipients=[recipient],
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.scheme == "smtps",
            start_tls=server.scheme == "smtp+starttls",
            timeout=SECONDS,
        )

    def _mail(self, page: Page, recipient: str) -> EmailMessage:
        said = compose(page)
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = recipient
        mail["Subject"] = f"[tocsin] {said.headline}"
        mail["Date"] = format_datetime(page.attempt_time)
        mail["Message-ID"] = self._id(page.notification.key)
        # One that nobody was sent: whichever mail about a subject comes first, all hang on it.
        subject = self._id(f"{page.intent.subject_kind}:{page.intent.subject_id}")
        mail["In-Reply-To"] = mail["References"] = subject
        mail["List-Id"] = f"Tocsin <pages.{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # or answering machines answer
        # Whatever the servers on its way can do, this passes.
        mail.set_content(said.text, cte="quoted-printable")
        mail.add_alternative(said.html, subtype="html", cte="quoted-printable")
        mail["Content-Language"] = said.language
        return mail

    @property
    def _domain(self) -> str:
        return parseaddr(self._sender)[1].rpartition("@")[2]

    def _id(self, key: str) -> str:
        return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{self._domain}>"


def _outcome(error: Exception) -> Outcome:
    """Tells what a failure means: the server's words, or a line that broke."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            outcome = _outcome(error.recipients[0])
            return replace(outcome, theirs=True) if isinstance(outcome, Retry) else outcome
        case aiosmtplib.SMTPAuthenticationError():
            return Retry(f"the SMTP server refuses the log-in ({error.code})")
        case aiosmtplib.SMTPResponseException():
            why = one_line(f"SMTP {error.code}: {error.message}", LONGEST_WHY)
            return Failed(why) if error.code >= 500 else Retry(why)
        case aiosmtplib.SMTPConnectError():
            return Retry("cannot connect to the SMTP server")
        case aiosmtplib.SMTPNotSupported():
            return Failed("the SMTP server cannot do what is needed")
        case _:
            return Retry(f"the SMTP server does not answer: {type(error).__name__}", unknown=True)
