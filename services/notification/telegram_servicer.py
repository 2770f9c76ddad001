"""Answers TelegramService. Nothing of an update is looked at before its secret is."""

from google.api.httpbody_pb2 import HttpBody

from services.chassis.callers import Callers
from services.chassis.context import Context
from services.chassis.errors import Forbidden
from services.notification import telegram_wire as wire
from services.notification.buttons import Buttons, Press, Pressed
from services.notification.channels.telegram import Telegram, keyboard, pressed
from services.notification.domain.values import Method
from services.notification.links import token_of
from services.notification.messages.answered import ENGLISH
from services.notification.telegram_wire import Callback, Start
from tocsin.notification.v1 import telegram_service_pb2 as pb
from tocsin.notification.v1 import telegram_service_pb2_grpc as rpc

SECRET = "x-telegram-bot-api-secret-token"
NOTHING = b"{}"


class TelegramServicer(rpc.TelegramServiceServicer):
    """The door for Telegram."""

    def __init__(self, buttons: Buttons, telegram: Telegram, callers: Callers, secret: str) -> None:
        """Takes the secret that Telegram shows; an empty one lets nobody in."""
        self._buttons = buttons
        self._telegram = telegram
        self._callers = callers
        self._secret = secret

    async def TakeTelegramUpdate(
        self, request: pb.TakeTelegramUpdateRequest, context: Context
    ) -> HttpBody:
        """See the proto."""
        shown = str(dict(context.invocation_metadata() or ()).get(SECRET, ""))
        if not wire.is_authentic(self._secret, shown):
            await self._callers.stranger()
            raise Forbidden("this is not Telegram's: its secret is wrong", reason="SECRET_WRONG")
        match wire.read(request.body.data):
            case Start() as start:
                said = wire.welcome(start)
            case Callback() as callback:
                said = wire.answered(callback, await self._answer(callback))
            case None:
                said = NOTHING
        return HttpBody(content_type="application/json", data=said)

    async def _answer(self, callback: Callback) -> str:
        """Does as a button says; returns what the person is told."""
        button = pressed(callback.data)
        if button is None:
            return ENGLISH.unknown
        verb, token = button
        member = str(callback.member)
        press = Press(method=Method.TELEGRAM, verb=verb, token=token, member=member)
        found = await self._buttons.press(press)
        await self._show(callback, found)
        return found.told

    async def _show(self, callback: Callback, found: Pressed) -> None:
        """Lets the message say what became of the answer; that it counts does not hang on it."""
        if found.message is None:
            return
        text = f"{found.message.chat.plain}\n\n{found.told}"
        keys = keyboard(found.actions, token_of(found.message.link))
        await self._telegram.edit(callback.chat, callback.message, text, keys)
