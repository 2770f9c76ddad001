"""What a contact's target must look like for its method."""

import re
from urllib.parse import SplitResult, urlsplit

import httpx

from services.chassis.errors import InvalidRequest
from services.notification.domain.values import Method

LONGEST_EMAIL = 254
LONGEST_URL = 2048
#: Atoms joined by dots, at a host name; quoted local parts are nobody's real address.
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
#: A blank, and what some take for a slash and others for a part of the host.
_READ_DIFFERENTLY = " \\"
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
    """Tells whether a text is an absolute http or https URL, which all programs read alike.

    What is called is what httpx makes of it; what is checked must be the same host.
    """
    if len(text) > LONGEST_URL or not text.isascii() or not text.isprintable():
        return False
    if any(c in text for c in _READ_DIFFERENTLY):
        return False
    try:
        parts, called = urlsplit(text), httpx.URL(text)
        host = parts.hostname or ""
        same = (called.raw_host.decode(), called.port) == (host, _port(parts))
        return parts.scheme in ("http", "https") and bool(host) and same and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        return False


def _port(parts: SplitResult) -> int | None:
    """Returns a URL's port; None for its scheme's own, as httpx does."""
    return None if parts.port == {"http": 80, "https": 443}.get(parts.scheme) else parts.port
