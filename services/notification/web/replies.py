"""Pages on their way: their status, and what browsers may do with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from google.api.httpbody_pb2 import HttpBody

from services.chassis.context import Context

HTML = "text/html; charset=utf-8"
#: Which the edge makes the reply's own.
STATUS = "x-tocsin-status"
#: Images from so many addresses are shown; a header has to name them.
MOST_IMAGES = 20
LONGEST_SOURCES = 4000
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
#: What is in a URL's path and means something to a policy, which has no words to quote it.
_MEANT = "/-._~!$&'()*+=:@%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A page, or where to find one."""

    data: bytes = b""
    status: int = 200
    media_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)


def page(
    html: str, status: int = 200, *, images: Iterable[str] = (), secret: bool = False
) -> Reply:
    """Returns a page that shows these images.

    The address of one that is `secret` is told to nobody. Other pages tell theirs to pages of
    the same edge alone: browsers that do not say where a form comes from say that.
    """
    sources = " ".join(["'self'", *shown_images(images)])
    return Reply(
        data=html.encode(errors="replace"),
        status=status,
        headers={
            "cache-control": "no-store",
            "content-security-policy": f"{POLICY}; img-src {sources}",
            "referrer-policy": "no-referrer" if secret else "same-origin",
            "x-content-type-options": "nosniff",
        },
    )


def see(address: str, **headers: str) -> Reply:
    """Returns where to look for what a form led to."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status=303,
        headers={"location": address, "cache-control": "no-store", **told},
    )


def shown_images(addresses: Iterable[str]) -> list[str]:
    """Returns the sources that a policy has to allow for images: each its own path, no more."""
    found: list[str] = []
    for address in list(addresses)[:MOST_IMAGES]:
        source = image_source(address)
        if source and sum(map(len, found)) + len(source) < LONGEST_SOURCES:
            found.append(source)
    return list(dict.fromkeys(found))


def image_source(address: str) -> str:
    """Returns how a policy names one image; empty for what is no address of one."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or not _is_host(host):
        return ""
    place = f"[{host}]" if ":" in host else host
    place = f"{place}:{port}" if port is not None else place
    return f"{parts.scheme}://{place}{quote(parts.path, safe=_MEANT)}"


async def send(context: Context, reply: Reply) -> HttpBody:
    """Answers with a page."""
    headers = {STATUS: str(reply.status), **reply.headers}
    await context.send_initial_metadata(tuple(headers.items()))
    return HttpBody(content_type=reply.media_type, data=reply.data)


def _is_host(host: str) -> bool:
    return host.isascii() and all(letter.isalnum() or letter in "-._:" for letter in host)
