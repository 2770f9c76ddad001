"""Pages as e-mails, handed to one SMTP server.

The Message-ID is the same for every attempt, so that a mail program that keeps each message
once keeps each page once.
"""

import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.notification.channels.channel import LONGEST_WHY, accept_url, iso, one_line
from services.notification.domain.values import Failed, Outcome, Page, Retry, Sent
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

    def __init__(self, smtp_url: str, sender: str, public_url: str) -> None:
        self._server = Server.of(smtp_url)
        self._sender = sender
        self._public_url = public_url

    def provider(self, page: Page) -> str:
        """See `Channel`: all e-mails go to one server."""
        return "smtp"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`."""
        if self._server is None:
            return Failed("no SMTP server is configured: set TOCSIN_SMTP_URL")
        if not is_email(page.notification.target):
            return Failed("the target is no e-mail address")
        try:
            await self._hand_over(self._server, self._mail(page), page.notification.target)
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

    def _mail(self, page: Page) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = page.notification.target
        mail["Subject"] = f"[tocsin] {one_line(page.line)}{page.mark}"
        mail["Date"] = format_datetime(page.attempt_time)
        mail["Message-ID"] = self._message_id(page.notification.key)
        mail["Auto-Submitted"] = "auto-generated"  # or answering machines answer
        mail.set_content(_text(page, accept_url(self._public_url, page)))
        return mail

    def _message_id(self, key: str) -> str:
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or "localhost"
        return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _text(page: Page, accept: str | None) -> str:
    intent = page.intent
    parts = [f"{one_line(page.line)}{page.mark}"]
    if page.is_stand_down and page.ended_by:
        parts.append(f"By {one_line(page.ended_by)}.")
    if intent.details:
        parts.append("".join(c for c in intent.details if c.isprintable() or c in "\n\t"))
    if intent.links:
        parts.append("\n".join(one_line(f"{link.text} {link.href}") for link in intent.links))
    if accept is not None:
        parts.append(_how_to_accept(accept, iso(intent.next_step_time)))
    level = f", level {intent.level} of {intent.level_count}" if intent.level_told else ""
    parts.append(f"{one_line(page.user_name)}{level}.")
    return "\n\n".join(parts) + "\n"


def _how_to_accept(url: str, next_step: str | None) -> str:
    warning = f"\n\nIf nobody does, the next level is paged at {next_step}." if next_step else ""
    return (
        "To accept it, with an API token of yours in TOCSIN_TOKEN:\n\n"
        f'    curl -X PUT -H "Authorization: Bearer $TOCSIN_TOKEN" {url}{warning}'
    )


def _outcome(error: Exception) -> Outcome:
    """Tells what a failure means: the server's words, or a line that broke."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            return _outcome(error.recipients[0])
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
