"""What contacts can be: one table of their kinds, and what their targets look like.

A new kind is a line in KINDS. A new way is a line in NEEDS, with what it takes in the settings:
without that it is not offered, and a contact that nothing else reaches is refused.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import phonenumbers

from services.chassis.addresses import Network
from services.chassis.errors import InvalidRequest
from services.notification import destinations
from services.notification.domain.values import WAYS, Method, reached_by
from services.notification.urls import LONGEST_URL, is_url
from services.notification.urls import origin as origin

LONGEST_EMAIL = 254
FIELD = "target"
REGION_FIELD = "regionCode"
#: How settings are named where people set them.
SETTING = "TOCSIN_"

#: Atoms joined by dots, at a host name; quoted local parts are nobody's real address.
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHAT = re.compile(r"-?[1-9][0-9]{0,18}")
_MEMBER = re.compile(r"[CDGUW][A-Z0-9]{5,30}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,30})://[^\s]+")

#: What each way takes in the settings: one of them. A way that is not here takes nothing.
NEEDS: Mapping[Method, tuple[str, ...]] = {
    Method.EMAIL: ("smtp_url",),
    Method.SMS: ("twilio_account_sid", "gateway_url"),
    Method.VOICE: ("twilio_account_sid", "gateway_url"),
    Method.TELEGRAM: ("telegram_token",),
    Method.SLACK: ("slack_token",),
    Method.APPRISE: ("apprise_schemes",),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """By what this deployment reaches people."""

    lacking: Mapping[Method, str] = field(default_factory=dict)  # the setting that each way takes
    allowed: Sequence[Network] = ()  # where URLs may lead, besides public addresses
    ntfy_url: str = ""  # whose topics need no URL
    apprise_schemes: frozenset[str] = frozenset()

    @property
    def ways(self) -> frozenset[Method]:
        """The ways that there are."""
        return frozenset(WAYS) - self.lacking.keys()

    def missing(self, kind: Method) -> str:
        """Returns the setting that a kind of contact lacks; empty if something reaches it."""
        lacks = [self.lacking.get(way, "") for way in reached_by(kind)]
        return lacks[0] if all(lacks) else ""


def lacking(settings: object) -> dict[Method, str]:
    """Returns the ways that a deployment does not have, each with the setting that it takes."""
    return {
        way: " or ".join(f"{SETTING}{name.upper()}" for name in names)
        for way, names in NEEDS.items()
        if not any(getattr(settings, name, "") for name in names)
    }


def _nothing(target: str, region: str, offer: Offer) -> str:
    if target:
        raise InvalidRequest("a TERMINAL contact has no target", field=FIELD)
    return target


def _email(target: str, region: str, offer: Offer) -> str:
    if not is_email(target):
        raise InvalidRequest("target must be an e-mail address", field=FIELD)
    return target


def _url(target: str, region: str, offer: Offer) -> str:
    if not is_url(target):
        raise InvalidRequest("target must be an absolute http or https URL", field=FIELD)
    return destinations.checked(target, FIELD, offer.allowed)


def _phone(target: str, region: str, offer: Offer) -> str:
    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise InvalidRequest("regionCode must be a region like DE", field=REGION_FIELD)
    try:
        number = phonenumbers.parse(target, region or None)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            told = "target must begin with + and the country's code, or say its regionCode"
            raise InvalidRequest(told, field=FIELD) from None
        raise InvalidRequest("target must be a phone number", field=FIELD) from None
    if not phonenumbers.is_valid_number(number):
        raise InvalidRequest("target is a phone number that nobody can have", field=FIELD)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _topic(target: str, region: str, offer: Offer) -> str:
    """A topic's URL; a topic alone is one of the deployment's server of now."""
    if _TOPIC.fullmatch(target):
        if not offer.ntfy_url:
            told = f"a topic without a server takes {SETTING}NTFY_URL: say the topic's whole URL"
            raise InvalidRequest(told, field=FIELD)
        target = f"{offer.ntfy_url.rstrip('/')}/{target}"
    if not is_url(target) or not _TOPIC.fullmatch(target.rstrip("/").rpartition("/")[2]):
        told = "target must be the URL of an ntfy topic, like https://ntfy.example.com/topic"
        raise InvalidRequest(told, field=FIELD)
    return destinations.checked(target, FIELD, offer.allowed)


def _chat(target: str, region: str, offer: Offer) -> str:
    if not _CHAT.fullmatch(target):
        raise InvalidRequest("target must be the id of a chat, a number", field=FIELD)
    return target


def _member(target: str, region: str, offer: Offer) -> str:
    if not _MEMBER.fullmatch(target):
        told = "target must be the id of a member or a channel, like U024BE7LH"
        raise InvalidRequest(told, field=FIELD)
    return target


def _other(target: str, region: str, offer: Offer) -> str:
    found = _SCHEME.fullmatch(target)
    if found is None or len(target) > LONGEST_URL or not target.isprintable():
        raise InvalidRequest("target must be one of Apprise's URLs", field=FIELD)
    if found[1] not in offer.apprise_schemes:
        known = ", ".join(sorted(offer.apprise_schemes))
        told = f"target: {found[1]}:// is not among {SETTING}APPRISE_SCHEMES, which allows {known}"
        raise InvalidRequest(told, field=FIELD)
    return target


def _scheme(target: str) -> str:
    """Of Apprise's URLs, even the place of the host can hold a token."""
    return f"{target.partition('://')[0]}://…"


def _same(target: str) -> str:
    return target


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of contact."""

    check: Callable[[str, str, Offer], str]  # target, region: as it is kept; InvalidRequest
    shown: Callable[[str], str] = _same  # as everybody may see it
    secret: bool = False  # it is sealed
    proven: bool = False  # a person's own is used once they said the code that was sent there


KINDS: Mapping[Method, Kind] = {
    Method.TERMINAL: Kind(_nothing),
    Method.EMAIL: Kind(_email, proven=True),
    Method.WEBHOOK: Kind(_url, origin, secret=True),
    Method.PHONE: Kind(_phone, proven=True),
    Method.PUSH: Kind(_topic, origin, secret=True),
    Method.TELEGRAM: Kind(_chat),
    Method.SLACK: Kind(_member),
    Method.APPRISE: Kind(_other, _scheme, secret=True),
}


def checked(kind: Method, target: str, region: str = "", offer: Offer | None = None) -> str:
    """Returns a target as it is kept.

    Raises InvalidRequest if it does not fit the kind, or nothing here reaches that.
    """
    offer = offer or Offer()
    refuse_missing(kind, offer)
    return KINDS[kind].check(target.strip(), region, offer)


def refuse_missing(kind: Method, offer: Offer) -> None:
    """Raises InvalidRequest, with the setting's name, if nothing here reaches a kind."""
    missing = offer.missing(kind)
    if missing:
        told = f"method {kind} is not offered: {missing} is not set in this deployment"
        raise InvalidRequest(told, reason="PROVIDER_NOT_CONFIGURED", field="method")


def shown(kind: Method, target: str) -> str:
    """Returns a target as everybody may see it."""
    return KINDS[kind].shown(target)


def region_of(number: str) -> str:
    """Returns the region of a phone number as it is kept; empty if it is none's."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""


def is_email(text: str) -> bool:
    """Tells whether a text can be an e-mail address."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None
