"""What differs between deployments of notification."""

import re
from datetime import timedelta
from email.utils import parseaddr
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from services.chassis import addresses, config
from services.notification.channels.apprise import LOCAL
from services.notification.domain import caps
from services.notification.falling import Patience
from services.notification.signing import is_secret
from services.notification.targets import Offer, is_email, lacking
from services.notification.urls import is_url


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


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}")
_VISIBLE = _matching(r"[\x21-\x7e]+", "visible ASCII characters")


def _schemes(value: str) -> str:
    """Refuses what is no list of schemes, and what acts on this machine."""
    if not all(_SCHEME.fullmatch(each) for each in schemes(value)):
        raise ValueError("must be schemes like gotify,matrix")
    local = sorted(schemes(value) & LOCAL)
    if local:
        raise ValueError(f"must be without {', '.join(local)}: these act on this machine alone")
    return value


def schemes(value: str) -> frozenset[str]:
    """Returns the schemes of a list."""
    return frozenset(filter(None, (each.strip().lower() for each in value.split(","))))


def _caps(value: str) -> str:
    """Refuses what says for no way how often it may be used."""
    caps.limits(value)
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
    #: The ntfy server whose topics need no URL: `https://ntfy.example.com`; empty for none.
    ntfy_url: Annotated[str, AfterValidator(_url)] = ""
    #: The access token for that server, `tk_…`; topics with a password of their own need none.
    ntfy_token: Annotated[str, Field(repr=False), _VISIBLE] = ""
    #: The token of the Telegram bot that pages; empty for no Telegram.
    telegram_token: Annotated[
        str, Field(repr=False), _matching(r"[0-9]+:[A-Za-z0-9_-]+", "a bot's token")
    ] = ""
    #: What Telegram shows when it calls back, as it was told with the bot's webhook.
    telegram_secret: Annotated[
        str,
        Field(repr=False),
        _matching(r"[A-Za-z0-9_-]{16,256}", "16 to 256 letters, digits, _ and -"),
    ] = ""
    #: Where Telegram's Bot API is.
    telegram_url: Annotated[str, AfterValidator(_url)] = "https://api.telegram.org"
    #: The token of the Slack app's bot, `xoxb-…`; empty for no Slack.
    slack_token: Annotated[str, Field(repr=False), _VISIBLE] = ""
    #: What Slack signs its calls with.
    slack_signing_secret: Annotated[str, Field(repr=False), _VISIBLE] = ""
    #: Where Slack's Web API is.
    slack_url: Annotated[str, AfterValidator(_url)] = "https://slack.com"
    #: The services that people are told through Apprise: schemes of its URLs, comma-separated,
    #: `gotify,matrix`; empty for none. Each may connect wherever its URLs say.
    apprise_schemes: Annotated[str, AfterValidator(_schemes)] = ""
    #: For how many days it is kept what became of events that webhooks were told of.
    webhook_keep_days: int = Field(default=7, ge=1, le=365)
    #: For how many days a message can be answered by the link in it.
    link_days: int = Field(default=7, ge=1, le=365)
    #: How many messages are under way at once, in all and with each provider (an SMTP server,
    #: a host that webhooks call): one that hangs holds no more than its own.
    send_concurrency: int = Field(default=128, ge=1, le=500)
    provider_concurrency: int = Field(default=16, ge=1, le=500)
    #: So many failures in a row, and a provider is left alone for a while.
    provider_failures: int = Field(default=5, ge=1, le=100)
    #: A way to somebody that is not certain for so long is joined by the next one.
    next_way_seconds: float = Field(default=20.0, ge=1, le=3600)
    #: Nobody reached for so long, and with no way left to try, is told to those who can help.
    help_seconds: float = Field(default=120.0, ge=1, le=14400)
    #: After this time a message whose outcome nobody recorded is sent again.
    claim_seconds: float = Field(default=30.0, ge=1, le=600)

    #: How many messages one contact gets on end by a way, and after how many seconds another:
    #: `VOICE=10/90,SMS=15/90`. Below that, windows and bundling keep messages few.
    message_caps: Annotated[str, AfterValidator(_caps)] = ""

    @property
    def patience(self) -> Patience:
        """How long a way to somebody may be uncertain."""
        return Patience(
            timedelta(seconds=self.next_way_seconds), timedelta(seconds=self.help_seconds)
        )

    @field_validator("webhook_allow")
    @classmethod
    def _check_allowed(cls, text: str) -> str:
        addresses.networks(text)
        return text

    @property
    def offer(self) -> Offer:
        """By what this deployment reaches people."""
        return Offer(
            lacking=lacking(self),
            allowed=addresses.networks(self.webhook_allow),
            ntfy_url=self.ntfy_url,
            apprise_schemes=schemes(self.apprise_schemes),
        )
