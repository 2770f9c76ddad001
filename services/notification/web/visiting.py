"""Lets visitors in: by the token that their browser keeps, which it gets by signing in."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import grpc
import grpc.aio
from google.api.httpbody_pb2 import HttpBody

from services.chassis import tokens
from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.notification.web import forms, readers, replies
from services.notification.web.caller import Doors, Visitor, told
from services.notification.web.readers import Reader
from services.notification.web.rendering import Renderer
from services.notification.web.replies import Reply
from services.notification.web.times import Times
from tocsin.alertstate.v1 import alert_service_pb2 as calls
from tocsin.escalation.v1 import on_call_service_pb2 as on_calls

COOKIE = "tocsin"
COOKIE_SECONDS = 30 * 24 * 3600
#: Where signing in may lead: to pages of these, and nowhere else.
PAGES = re.compile(r"/|/alerts/[0-9]{1,10}|/on-call")
#: What is told of a call that an owner refused: a status, its words, and whether they are added.
REFUSALS = {
    grpc.StatusCode.PERMISSION_DENIED: (403, "forbidden", True),
    grpc.StatusCode.NOT_FOUND: (404, "no_alert", False),
    grpc.StatusCode.INVALID_ARGUMENT: (400, "refused", True),
    grpc.StatusCode.FAILED_PRECONDITION: (409, "refused", True),
    grpc.StatusCode.ABORTED: (409, "refused", True),
    grpc.StatusCode.RESOURCE_EXHAUSTED: (429, "too_many", True),
}
AWAY = (503, "unavailable", False)
HINTS = {"no_alert": "no_alert_hint", "unavailable": "unavailable_hint"}

Build = Callable[[Visitor, Times], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser says of itself."""

    authorization: str = ""
    accept_language: str = ""
    site: str = ""  # where the request comes from: Sec-Fetch-Site
    if_none_match: str = ""
    asks_again: bool = False  # because it showed no token at first

    @property
    def token(self) -> str:
        """The token that it shows; empty without one, and for what cannot be one."""
        token = self.authorization.strip()
        token = token[7:].strip() if token[:7].lower() == "bearer " else token
        return token if tokens.parse(token) else ""

    @property
    def may_know_more(self) -> bool:
        """Whether it may have a token that it did not show.

        Who follows a link from elsewhere is sent without the cookie, until a page of ours asks
        anew. Without TLS, browsers do not say that this is so.
        """
        return not (self.token or self.asks_again) and self.site in ("", "cross-site")


NOTHING_MORE = Browser(asks_again=True)


class Visits:
    """Knows who may look at the pages of the console."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        callers: Callers,
        doors: Doors,
        renderer: Renderer,
        *,
        secure: bool,
    ) -> None:
        """`secure` says that browsers reach the edge through TLS."""
        self._database = database
        self._clock = clock
        self._callers = callers
        self._doors = doors
        self._renderer = renderer
        self._secure = secure

    async def let_in(self, browser: Browser, path: str, build: Build) -> Reply:
        """Returns the page at a path, as `build` makes it, or where to sign in."""
        reader = await self._reader(browser)
        if not browser.token:
            return await self._sign_in_page(reader, path, browser, status=401)
        try:
            return await build(Visitor(browser.token, reader), self._times(reader))
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAUTHENTICATED:
                return await self._trouble(reader, path, error)
        await self._callers.stranger()
        return await self._sign_in_page(reader, path, browser, status=401, bad=True)

    async def sign_in_page(self, browser: Browser, to: str) -> Reply:
        """Returns where to sign in."""
        reader = readers.stranger(browser.accept_language)
        return await self._sign_in_page(reader, _page(to), NOTHING_MORE, status=200)

    async def sign_in(self, browser: Browser, form: HttpBody) -> Reply:
        """Has a browser keep a token that is known, and go on. Raises RateLimited."""
        reader = readers.stranger(browser.accept_language)
        fields = _fields(form)
        to, token = _page(fields.get("to", "")), fields.get("token", "").strip()
        if tokens.parse(token) is None or not await self._knows(token):
            await self._callers.stranger()
            return await self._sign_in_page(reader, to, NOTHING_MORE, status=401, bad=True)
        return replies.see(to, set_cookie=self._cookie(token, COOKIE_SECONDS))

    def sign_out(self) -> Reply:
        """Has a browser forget its token."""
        return replies.see("/sign-in", set_cookie=self._cookie("", 0))

    async def _knows(self, token: str) -> bool:
        """Tells whether somebody has that token; one that nobody can ask about, has somebody."""
        visitor = Visitor(token, readers.stranger(""))
        try:
            if self._doors.alerts is not None:
                await visitor.ask(self._doors.alerts.CountAlerts, calls.CountAlertsRequest())
            else:
                nothing = on_calls.ListOnCallsRequest(policies=[-1])
                await visitor.ask(self._doors.on_calls.ListOnCalls, nothing)
        except grpc.aio.AioRpcError as error:
            return error.code() is not grpc.StatusCode.UNAUTHENTICATED
        return True

    def _cookie(self, token: str, seconds: int) -> str:
        secure = "; Secure" if self._secure else ""
        kept = f"{COOKIE}={token}; Path=/; Max-Age={seconds}"
        return f"{kept}; HttpOnly; SameSite=Strict{secure}"

    async def _reader(self, browser: Browser) -> Reader:
        return await self._database.read(readers.bearer, browser.token, browser.accept_language)

    def _times(self, reader: Reader) -> Times:
        return Times(self._clock.wall(), reader.zone, reader.words)

    async def _sign_in_page(
        self, reader: Reader, to: str, browser: Browser, *, status: int, bad: bool = False
    ) -> Reply:
        html = await self._renderer.html(
            "sign_in.html",
            reader,
            self._times(reader),
            to=to,
            bad=bad,
            again=f"{to}?again=1" if browser.may_know_more else "",
        )
        return replies.page(html, status)

    async def _trouble(self, reader: Reader, path: str, error: grpc.aio.AioRpcError) -> Reply:
        status, word, quoted = REFUSALS.get(error.code(), AWAY)
        html = await self._renderer.html(
            "trouble.html",
            reader,
            self._times(reader),
            word=word,
            hint=HINTS.get(word, ""),
            said=told(error) if quoted else "",
            again=path,
        )
        return replies.page(html, status)


def _fields(form: HttpBody) -> dict[str, str]:
    try:
        return dict(forms.fields(form))
    except InvalidRequest:
        return {}


def _page(to: str) -> str:
    """Returns a page of the console to go on to."""
    return to if PAGES.fullmatch(to) else "/"
