"""What URLs look like, whole and as everybody may see them."""

from urllib.parse import SplitResult, urlsplit

import httpx

LONGEST_URL = 2048
#: A blank, and what some take for a slash and others for a part of the host.
_READ_DIFFERENTLY = " \\"


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


def origin(url: str) -> str:
    """Returns a URL as everybody may see it: what follows its host can be a secret."""
    parts = urlsplit(url)
    told = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return f"{told}/…" if parts.path.strip("/") or parts.query else told
