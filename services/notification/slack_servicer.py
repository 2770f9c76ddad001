"""Answers SlackService. Nothing of an interaction is looked at before its signature is."""

from google.api.httpbody_pb2 import HttpBody

from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.errors import Forbidden
from services.notification import slack_wire as wire
from services.notification.buttons import Buttons, Press
from services.notification.channels.slack import Slack, pressed, said_in_slack
from services.notification.domain.values import Method
from services.notification.slack_wire import Pressed
from tocsin.notification.v1 import slack_service_pb2 as pb
from tocsin.notification.v1 import slack_service_pb2_grpc as rpc


class SlackServicer(rpc.SlackServiceServicer):
    """The door for Slack."""

    def __init__(
        self, buttons: Buttons, slack: Slack, callers: Callers, clock: Clock, secret: str
    ) -> None:
        """Takes the secret that Slack signs with; an empty one lets nobody in."""
        self._buttons = buttons
        self._slack = slack
        self._callers = callers
        self._clock = clock
        self._secret = secret

    async def TakeSlackInteraction(
        self, request: pb.TakeSlackInteractionRequest, context: Context
    ) -> HttpBody:
        """See the proto."""
        headers = {k: str(v) for k, v in context.invocation_metadata() or ()}
        body = request.body.data
        if not wire.is_signed(self._secret, headers, body, self._clock.wall()):
            await self._callers.stranger()
            raise Forbidden("this is not signed by Slack for this app", reason="SIGNATURE_WRONG")
        told = wire.read(body)
        if told is not None:
            await self._answer(told)
        return HttpBody(content_type="text/plain")

    async def _answer(self, told: Pressed) -> None:
        """Does as a button says, and lets the message say what became of that."""
        button = pressed(told.action, told.value)
        if button is None:
            return
        verb, token = button
        press = Press(method=Method.SLACK, verb=verb, token=token, member=told.member)
        found = await self._buttons.press(press)
        if found.message is None:
            await self._slack.whisper(told.channel, told.member, found.told)
            return
        shown = said_in_slack(found.message, found.actions, found.told)
        await self._slack.edit(told.channel, told.message, shown)
