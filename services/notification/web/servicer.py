"""Answers PageService: each method with a whole page."""

from collections.abc import Mapping

from google.api.httpbody_pb2 import HttpBody

from services.chassis.context import Context
from services.chassis.errors import InvalidRequest, NotFound
from services.notification.web import files, replies
from services.notification.web.console import Console
from services.notification.web.files import File
from services.notification.web.message_pages import MessagePages
from services.notification.web.visiting import Browser, Visits
from services.notification.wire import ALERT, alert_id
from tocsin.notification.v1 import page_service_pb2 as pb
from tocsin.notification.v1 import page_service_pb2_grpc as rpc

#: Who skips more sees nothing anyway.
MOST_SKIPPED = 1_000_000


class PageServicer(rpc.PageServiceServicer):
    """The face that people see."""

    def __init__(
        self,
        messages: MessagePages,
        visits: Visits,
        console: Console,
        made: Mapping[str, File],
    ) -> None:
        self._messages = messages
        self._visits = visits
        self._console = console
        self._files = made

    async def ShowMessage(self, request: pb.ShowMessageRequest, context: Context) -> HttpBody:
        """See the proto."""
        language = _browser(context).accept_language
        return await replies.send(
            context, await self._messages.show(request.token, request.said, language)
        )

    async def AnswerMessage(self, request: pb.AnswerMessageRequest, context: Context) -> HttpBody:
        """See the proto."""
        language = _browser(context).accept_language
        return await replies.send(
            context, await self._messages.answer(request.token, request.form, language)
        )

    async def ShowAlerts(self, request: pb.ShowAlertsRequest, context: Context) -> HttpBody:
        """See the proto."""
        start = _number(request.start, MOST_SKIPPED)
        reply = await self._visits.let_in(
            _browser(context, asks_again=bool(request.again)),
            "/",
            lambda visitor, times: self._console.alerts(visitor, times, request.state, start),
        )
        return await replies.send(context, reply)

    async def ShowAlert(self, request: pb.ShowAlertRequest, context: Context) -> HttpBody:
        """See the proto."""
        id_ = _alert(request.id)
        reply = await self._visits.let_in(
            _browser(context, asks_again=bool(request.again)),
            f"/alerts/{id_}",
            lambda visitor, times: self._console.alert(visitor, times, id_, request.said),
        )
        return await replies.send(context, reply)

    async def ChangeAlert(self, request: pb.ChangeAlertRequest, context: Context) -> HttpBody:
        """See the proto."""
        id_ = _alert(request.id)
        reply = await self._visits.let_in(
            _browser(context, asks_again=True),
            f"/alerts/{id_}",
            lambda visitor, _: self._console.change(visitor, id_, request.form),
        )
        return await replies.send(context, reply)

    async def ShowOnCall(self, request: pb.ShowOnCallRequest, context: Context) -> HttpBody:
        """See the proto."""
        browser = _browser(context, asks_again=bool(request.again))
        reply = await self._visits.let_in(browser, "/on-call", self._console.on_call)
        return await replies.send(context, reply)

    async def ShowSignIn(self, request: pb.ShowSignInRequest, context: Context) -> HttpBody:
        """See the proto."""
        reply = await self._visits.sign_in_page(_browser(context), request.to)
        return await replies.send(context, reply)

    async def SignIn(self, request: pb.SignInRequest, context: Context) -> HttpBody:
        """See the proto."""
        reply = await self._visits.sign_in(_browser(context), request.form)
        return await replies.send(context, reply)

    async def SignOut(self, request: pb.SignOutRequest, context: Context) -> HttpBody:
        """See the proto."""
        return await replies.send(context, self._visits.sign_out())

    async def GetFile(self, request: pb.GetFileRequest, context: Context) -> HttpBody:
        """See the proto."""
        file = self._files.get(request.name)
        if file is None:
            raise NotFound("there is no such file")
        known = files.is_known(file, _browser(context).if_none_match)
        meant = request.v == file.version
        return await replies.send(
            context,
            replies.Reply(
                data=b"" if known else file.data,
                status=304 if known else 200,
                media_type=file.media_type,
                headers={
                    "cache-control": files.FOR_EVER if meant else files.ASK_AGAIN,
                    "etag": file.etag,
                    "x-content-type-options": "nosniff",
                },
            ),
        )


def _browser(context: Context, *, asks_again: bool = False) -> Browser:
    told = dict(context.invocation_metadata() or ())

    def header(name: str) -> str:
        value = told.get(name, "")
        return value if isinstance(value, str) else ""

    return Browser(
        authorization=header("authorization"),
        accept_language=header("accept-language"),
        site=header("sec-fetch-site"),
        if_none_match=header("if-none-match"),
        asks_again=asks_again,
    )


def _alert(text: str) -> int:
    id_ = alert_id(ALERT, text)
    if not id_:
        raise NotFound("there is no such alert")
    return id_


def _number(text: str, most: int) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        raise InvalidRequest("start must be a number", field="start")
    return min(int(text), most)
