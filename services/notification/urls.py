"""What URLs look like, whole and as everybody may see them."""

from urllib.parse import urlsplit

LONGEST_URL = 2048


def is_url(text: str) -> bool:
    """Tells whether a text is an absolute http or https URL."""
    if len(text) > LONGEST_URL or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def origin(url: str) -> str:
    """Returns a URL as everybody may see it: what follows its host can be a secret."""
    parts = urlsplit(url)
    told = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return f"{told}/…" if parts.path.strip("/") or parts.query else told
