"""What differs between deployments of notification."""

from email.utils import parseaddr
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from services.chassis import addresses, config
from services.notification.targets import is_email


def _smtp_url(value: str) -> str:
    """Refuses what is no SMTP server's URL; the message must not repeat a password."""
    if not value:
        return value
    try:
        parts = urlsplit(value)
        known = parts.scheme in ("smtp", "smtps", "smtp+starttls")
        usable = known and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(
            "must be smtp://, smtp+starttls:// or smtps:// and [user:pass@]host[:port]"
        )
    return value


def _sender(value: str) -> str:
    """Refuses what nobody could answer to."""
    if not is_email(parseaddr(value)[1]):
        raise ValueError("must be an e-mail address, or a name and one: Tocsin <tocsin@…>")
    return value


class Config(config.Config, frozen=True):
    """What differs between one deployment of notification and another."""

    #: Where e-mails are handed over; empty for no e-mail. `smtp://` never encrypts,
    #: `smtp+starttls://` insists on it, `smtps://` encrypts from the first byte. User and
    #: password are percent-encoded.
    smtp_url: Annotated[str, AfterValidator(_smtp_url)] = ""
    #: Who e-mails come from.
    smtp_sender: Annotated[str, AfterValidator(_sender)] = "tocsin@localhost"
    #: Networks whose addresses URLs may lead to, besides public ones: comma-separated,
    #: `10.20.0.0/16,127.0.0.0/8`.
    webhook_allow: str = ""
    #: For how many days it is kept what became of events that webhooks were told of.
    webhook_keep_days: int = Field(default=7, ge=1, le=365)
    #: For how many days a message can be answered by the link in it.
    link_days: int = Field(default=7, ge=1, le=365)
    #: How many messages are under way at once.
    send_concurrency: int = Field(default=32, ge=1, le=500)
    #: After this time a message whose outcome nobody recorded is sent again.
    claim_seconds: float = Field(default=30.0, ge=1, le=600)

    @field_validator("webhook_allow")
    @classmethod
    def _check_allowed(cls, text: str) -> str:
        addresses.networks(text)
        return text
