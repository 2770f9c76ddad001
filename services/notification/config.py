"""What differs between deployments of notification."""

import re
from email.utils import parseaddr
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from services.chassis import addresses, config
from services.notification.signing import is_secret
from services.notification.targets import is_email, is_url


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


def _url(value: str) -> str:
    """Refuses what nobody could call; the message must not repeat it."""
    if value and not is_url(value):
        raise ValueError("must be an absolute http or https URL")
    return value


def _matching(pattern: str, what: str) -> AfterValidator:
    """Refuses what does not look as it must; the message must not repeat it."""

    def check(value: str) -> str:
        if value and not re.fullmatch(pattern, value):
            raise ValueError(f"must be {what}")
        return value

    return AfterValidator(check)


def _secret(value: str) -> str:
    """Refuses what cannot sign; the message must not repeat it."""
    if value and not is_secret(value):
        raise ValueError("must be whsec_ and at least 24 bytes in base64")
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
    #: Who sends text messages, in the order in which they are tried: `twilio`, `gateway`;
    #: comma-separated. Empty for all that are configured, `none` for nobody.
    sms_providers: str = ""
    #: Who places calls, likewise.
    voice_providers: str = ""
    #: The account at Twilio.
    twilio_account_sid: Annotated[
        str, _matching(r"AC[0-9a-fA-F]{32}", "AC and 32 hexadecimal digits")
    ] = ""
    #: Its token, which signs what Twilio says, too.
    twilio_auth_token: str = Field(default="", repr=False)
    #: Who text messages come from: a number (`+4915…`), a messaging service (`MG…`), or a word
    #: that nobody can answer.
    twilio_from: Annotated[
        str, _matching(r"[+A-Za-z0-9 _-]{3,34}", "a number, a messaging service or a word")
    ] = ""
    #: The number that calls come from, if `twilio_from` is none.
    twilio_caller: Annotated[str, _matching(r"\+[0-9]{7,15}", "a number like +4915112345678")] = ""
    #: Where Twilio's API is.
    twilio_url: Annotated[str, AfterValidator(_url)] = "https://api.twilio.com"
    #: Where a gateway of one's own takes text messages and calls; gateway_service.proto says how.
    gateway_url: Annotated[str, Field(repr=False), AfterValidator(_url)] = ""
    #: What signs the calls of the gateway, and its calls: `whsec_…`, as Standard Webhooks say.
    gateway_secret: Annotated[str, Field(repr=False), AfterValidator(_secret)] = ""
    #: How many messages are under way at once.
    send_concurrency: int = Field(default=32, ge=1, le=500)
    #: After this time a message whose outcome nobody recorded is sent again.
    claim_seconds: float = Field(default=30.0, ge=1, le=600)

    @field_validator("webhook_allow")
    @classmethod
    def _check_allowed(cls, text: str) -> str:
        addresses.networks(text)
        return text
