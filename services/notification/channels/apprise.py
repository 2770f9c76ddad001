"""Pages through whatever other service Apprise knows: https://appriseit.com.

Only schemes that whoever runs this deployment listed are used. Apprise has calls of its own: a
host that a URL names is looked up and checked before, and redirects are not followed; but what a
name means a moment later, and where else a plug-in of Apprise's connects, cannot be known here.
A URL may hold secrets anywhere, so none is ever part of an error, and Apprise's own log is off.

Apprise waits in threads, a few for each scheme, so that one service that hangs holds up no other.
A thread cannot be stopped: what takes too long may have been sent.
"""

import asyncio
import logging
import socket
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Any

from services.chassis.addresses import Network
from services.notification.destinations import is_allowed
from services.notification.domain.values import Failed, Outcome, Page, Retry, Sent
from services.notification.messages import compose

SECONDS = 9.0
#: How long a plug-in may wait for a connection, and for each answer.
PLUGIN_SECONDS = 4.0
THREADS = 4
#: These show messages on the machine itself, or change what is plugged into it.
LOCAL = frozenset(
    {"blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"}
)


@dataclass(frozen=True, slots=True)
class Told:
    """What Apprise has to say."""

    title: str
    body: str
    kind: str  # as Apprise calls it


class Apprise:
    """Hands pages to Apprise."""

    def __init__(self, schemes: Collection[str], allowed: Sequence[Network]) -> None:
        """Takes the schemes that may be used, and which hosts are called beside public ones."""
        self._allowed = allowed
        self._threads = {
            scheme: ThreadPoolExecutor(THREADS, thread_name_prefix=f"apprise-{scheme}")
            for scheme in schemes
            if scheme not in LOCAL
        }

    def provider(self, page: Page) -> str:
        """See `Channel`: a scheme each; even a host can be a secret of Apprise's URLs."""
        scheme = _scheme(page)
        return f"apprise:{scheme}" if scheme in self._threads else "apprise"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`."""
        scheme = _scheme(page)
        threads = self._threads.get(scheme)
        if threads is None:
            return Failed("its scheme is not among TOCSIN_APPRISE_SCHEMES")
        url = page.address or page.notification.target
        sending = threads.submit(partial(_send, scheme, url, _told(page), self._allowed))
        try:
            done, _ = await asyncio.wait({asyncio.wrap_future(sending)}, timeout=SECONDS)
        finally:
            began = not sending.cancel()
        return sending.result() if done else _late(sending, began=began)


def _scheme(page: Page) -> str:
    return (page.address or page.notification.target).partition("://")[0].lower()


def _told(page: Page) -> Told:
    said = compose(page)
    kind = "success" if page.is_stand_down else "info" if said.said.low else "failure"
    return Told(said.chat.title, said.chat.plain.partition("\n")[2] or said.chat.title, kind)


def _late(sending: Future[Outcome], *, began: bool) -> Outcome:
    if not began:
        return Retry("Apprise is busy with other messages to that service")
    return Retry(f"Apprise took longer than {SECONDS:g} s", unknown=True)


def _send(scheme: str, url: str, told: Told, allowed: Sequence[Network]) -> Outcome:
    """Sends in a thread."""
    try:
        service = _service(url)
        if service is None or scheme not in _schemes(service):
            return Failed("Apprise cannot use the URL")
        refusal = _refusal(service, allowed)
        if refusal is not None:
            return refusal
        sent = service.notify(title=told.title, body=told.body, notify_type=told.kind)
    except Exception as error:  # plug-ins raise what they like, with URLs in it
        return Retry(f"Apprise failed: {type(error).__name__}", unknown=True, theirs=True)
    # It does not tell why, nor whose fault it is.
    return Sent() if sent else Retry("Apprise could not deliver it", unknown=True, theirs=True)


def _service(url: str) -> Any:
    """Returns what sends to a URL; None if Apprise cannot read it.

    Apprise is big: who does not use it does not load it.
    """
    import apprise  # see above

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    asset = apprise.AppriseAsset(
        app_id="Tocsin",
        app_desc="Tocsin",
        app_url="",
        http_redirects=False,
        pgp_autogen=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is not None:
        # A URL may say otherwise of these.
        service.redirects = False
        service.socket_connect_timeout = min(service.socket_connect_timeout, PLUGIN_SECONDS)
        service.socket_read_timeout = min(service.socket_read_timeout, PLUGIN_SECONDS)
    return service


def _schemes(service: Any) -> set[str]:
    """Returns the schemes of what sends; some URLs are read as another service's."""
    told = (service.protocol, service.secure_protocol)
    return {name for each in told for name in ((each,) if isinstance(each, str) else each or ())}


def _refusal(service: Any, allowed: Sequence[Network]) -> Outcome | None:
    """Returns why the host that a URL names is not called; None if it is, or none is named."""
    if "host" not in service.template_tokens or not service.host:
        return None
    try:
        found = socket.getaddrinfo(service.host, service.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return Retry("the name of the host is unknown", theirs=True)
    for address in {str(place[0]) for *_, place in found}:
        if not is_allowed(ip_address(address.partition("%")[0]), allowed):
            return Failed(f"not called: the host is {address}, where this deployment calls nobody")
    return None
