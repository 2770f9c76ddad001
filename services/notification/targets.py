"""What a contact's target must look like for its method."""

import re
from urllib.parse import urlsplit

from services.chassis.errors import InvalidRequest
from services.notification.domain.values import Method

LONGEST_EMAIL = 254
LONGEST_URL = 2048
#: Atoms joined by dots, at a host name; quoted local parts are nobody's real address.
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHAT = re.compile(r"-?[1-9][0-9]{0,18}")
_MEMBER = re.compile(r"[CDGUW][A-Z0-9]{5,30}")
_FIELD = "contact.target"


def checked(method: Method, target: str) -> str:
    """Returns a target as it is stored. Raises InvalidRequest if it does not fit the method."""
    target = target.strip()
    match method:
        case Method.TERMINAL if target:
            raise InvalidRequest("a TERMINAL contact has no target", field=_FIELD)
        case Method.EMAIL if not is_email(target):
            raise InvalidRequest("the target must be an e-mail address", field=_FIELD)
        case Method.WEBHOOK if not is_url(target):
            raise InvalidRequest("the target must be an absolute http or https URL", field=_FIELD)
        case Method.PUSH if not _TOPIC.fullmatch(target) and not is_url(target):
            raise InvalidRequest("the target must be an ntfy topic or its URL", field=_FIELD)
        case Method.TELEGRAM if not _CHAT.fullmatch(target):
            raise InvalidRequest("the target must be the id of a chat, a number", field=_FIELD)
        case Method.SLACK if not _MEMBER.fullmatch(target):
            raise InvalidRequest("the target must be the id of a member or channel", field=_FIELD)
        case Method.APPRISE if "://" not in target or len(target) > LONGEST_URL:
            raise InvalidRequest("the target must be one of Apprise's URLs", field=_FIELD)
    return target


def is_email(text: str) -> bool:
    """Tells whether a text can be an e-mail address."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def origin(url: str) -> str:
    """Returns a URL as everybody may see it: what follows its host can be a secret."""
    parts = urlsplit(url)
    told = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return f"{told}/…" if parts.path.strip("/") or parts.query else told


def is_url(text: str) -> bool:
    """Tells whether a text is an absolute http or https URL."""
    if len(text) > LONGEST_URL or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
