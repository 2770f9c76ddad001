"""Answers TwilioService. Nothing of a form is looked at before its signature is."""

from google.api.httpbody_pb2 import HttpBody

from services.chassis.callers import Callers
from services.chassis.context import Context
from services.chassis.errors import Forbidden
from services.notification import twilio_wire as wire
from services.notification import twiml
from services.notification.channels.telephony import sent_id
from services.notification.channels.twilio import CALL_PATH, SMS_PATH, STATUS_PATH
from services.notification.channels.twilio import Twilio as Provider
from services.notification.domain.values import Method
from services.notification.phones import Phones, Said
from tocsin.notification.v1 import twilio_service_pb2 as pb
from tocsin.notification.v1 import twilio_service_pb2_grpc as rpc

SIGNATURE = "x-twilio-signature"


class TwilioServicer(rpc.TwilioServiceServicer):
    """The doors for Twilio."""

    def __init__(self, phones: Phones, callers: Callers, public_url: str, token: str) -> None:
        """Takes the account's token; an empty one lets nobody in."""
        self._phones = phones
        self._callers = callers
        self._public_url = public_url.rstrip("/")
        self._token = token

    async def TakeTwilioMessage(
        self, request: pb.TakeTwilioMessageRequest, context: Context
    ) -> HttpBody:
        """See the proto."""
        form = await self._form(request.body, context, SMS_PATH)
        text = form.get("Body", "")
        name = sent_id(Provider.name, form.get("MessageSid", ""))
        said = await self._phones.reply(form.get("From", ""), text, name)
        confirmed = text.strip().upper() in wire.CONFIRMED or "OptOutType" in form
        return _xml(twiml.sent("" if confirmed else said.text))

    async def GoOnWithTwilioCall(
        self, request: pb.GoOnWithTwilioCallRequest, context: Context
    ) -> HttpBody:
        """See the proto."""
        path = f"{CALL_PATH}/{request.notification_id}"
        form = await self._form(request.body, context, path)
        said = await self._phones.go_on(
            request.notification_id, form.get("To", ""), form.get("Digits", "")
        )
        return _xml(self._spoken(said, f"{self._public_url}{path}"))

    async def TakeTwilioStatus(
        self, request: pb.TakeTwilioStatusRequest, context: Context
    ) -> pb.TakeTwilioStatusResponse:
        """See the proto."""
        form = await self._form(request.body, context, STATUS_PATH)
        if "CallSid" in form:
            method, sid, status = Method.VOICE, form["CallSid"], form.get("CallStatus", "")
            what = wire.CALL.get(status)
        else:
            method, sid = Method.SMS, form.get("MessageSid", "")
            status = form.get("MessageStatus", "")
            what = wire.MESSAGE.get(status)
        if what is not None and sid:
            why = wire.why(status, form.get("ErrorCode", ""))
            await self._phones.receive(method, sent_id(Provider.name, sid), what, why)
        return pb.TakeTwilioStatusResponse()

    async def _form(self, body: HttpBody, context: Context, path: str) -> dict[str, str]:
        """Returns a form that Twilio signed. Raises Forbidden."""
        shown = str(dict(context.invocation_metadata() or ()).get(SIGNATURE, ""))
        try:
            form = wire.form(body.data)
        except ValueError:
            form = []
        url = f"{self._public_url}{path}"
        if not self._token or not wire.is_signed(self._token, url, form, shown):
            await self._callers.stranger()
            raise Forbidden(
                "this is not signed by Twilio for this account and TOCSIN_PUBLIC_URL",
                reason="SIGNATURE_WRONG",
            )
        return dict(form)

    def _spoken(self, said: Said, url: str) -> str:
        if not said.text:
            return twiml.sent("")
        if said.asks:
            return twiml.asked(said.text, said.language, url, again=False)
        return twiml.last_words(said.text, said.language)


def _xml(text: str) -> HttpBody:
    return HttpBody(content_type=twiml.MEDIA_TYPE, data=text.encode())
