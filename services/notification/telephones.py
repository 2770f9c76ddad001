"""Which providers of text messages and calls a deployment has, from its configuration."""

from collections.abc import Mapping

import httpx

from services.notification.channels.channel import Channel
from services.notification.channels.gateway import Access, Gateway
from services.notification.channels.telephony import Provider, Refusal, Telephony, is_number
from services.notification.channels.twilio import Account, Twilio
from services.notification.config import Config
from services.notification.domain.values import Method

NAMES = (Twilio.name, Gateway.name)
NOBODY = "none"
#: What each needs, by what it is for.
NEEDS: Mapping[tuple[Method, str], tuple[str, ...]] = {
    (Method.SMS, "twilio"): ("twilio_account_sid", "twilio_auth_token", "twilio_from"),
    (Method.VOICE, "twilio"): ("twilio_account_sid", "twilio_auth_token", "twilio_caller"),
    (Method.SMS, "gateway"): ("gateway_url", "gateway_secret"),
    (Method.VOICE, "gateway"): ("gateway_url", "gateway_secret"),
}


def channels(config: Config, client: httpx.AsyncClient, refusal: Refusal) -> dict[str, Channel]:
    """Returns the channels for text messages and calls, those that have a provider.

    `refusal` says why a number gets no text messages. Raises SystemExit, see `check`.
    """
    found: dict[str, Channel] = {}
    for method in (Method.SMS, Method.VOICE):
        providers = [_provider(name, config, client) for name in chosen(config, method)]
        if providers:
            refuses = refusal if method is Method.SMS else _nobody
            found[method] = Telephony(method, providers, refuses)
    return found


def check(config: Config) -> None:
    """Raises SystemExit if somebody is named who is not known, or not configured."""
    for method in (Method.SMS, Method.VOICE):
        chosen(config, method)


def chosen(config: Config, method: Method) -> list[str]:
    """Returns who sends text messages or places calls, in their order.

    Raises SystemExit if somebody is named who is not known, or not configured.
    """
    setting = f"{method.lower()}_providers"
    said = str(getattr(config, setting)).strip()
    if not said:
        return [name for name in NAMES if not _missing(config, method, name)]
    names = [] if said == NOBODY else [name.strip() for name in said.split(",")]
    for name in names:
        if name not in NAMES or names.count(name) > 1:
            known = ", ".join(NAMES)
            raise SystemExit(f"{setting.upper()} must be some of {known}, once each, or {NOBODY}")
        if missing := _missing(config, method, name):
            wanted = " and ".join(each.upper() for each in missing)
            raise SystemExit(f"{setting.upper()} names {name}, which needs {wanted}")
    return names


def _provider(name: str, config: Config, client: httpx.AsyncClient) -> Provider:
    if name == Gateway.name:
        access = Access(config.gateway_url, config.gateway_secret)
        return Gateway(client, access, config.public_url)
    account = Account(
        sid=config.twilio_account_sid,
        token=config.twilio_auth_token,
        sender=config.twilio_from,
        caller=_caller(config),
        url=config.twilio_url,
    )
    return Twilio(client, account, config.public_url)


def _missing(config: Config, method: Method, name: str) -> list[str]:
    values = {each: str(getattr(config, each)) for each in NEEDS[method, name]}
    if "twilio_caller" in values:
        values["twilio_caller"] = _caller(config)
    return [each for each, value in values.items() if not value]


def _caller(config: Config) -> str:
    """Returns the number that calls come from; empty if there is none."""
    number = config.twilio_caller or config.twilio_from
    return number if is_number(number) else ""


async def _nobody(number: str) -> str:
    """Refuses no number: who wants no text messages may be called."""
    return ""
