"""Answers GatewayService. Nothing of a body is looked at before its signature is."""

from collections.abc import Mapping
from typing import Any, TypeVar

from google.api.httpbody_pb2 import HttpBody
from google.protobuf import json_format
from google.protobuf.message import Message

from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.errors import Forbidden, InvalidRequest
from services.notification import signing
from services.notification.channels.channel import LONGEST_WHY
from services.notification.channels.gateway import LONGEST_ID, Gateway
from services.notification.channels.telephony import sent_id, words
from services.notification.domain.replies import KEYS
from services.notification.domain.values import Method, Receipt
from services.notification.phones import Phones, Said
from tocsin.notification.v1 import gateway_service_pb2 as pb
from tocsin.notification.v1 import gateway_service_pb2_grpc as rpc

M = TypeVar("M", bound=Message)

STATUSES: Mapping[int, Receipt] = {
    pb.GatewayReceipt.DELIVERED: Receipt.DELIVERED,
    pb.GatewayReceipt.READ: Receipt.READ,
    pb.GatewayReceipt.FAILED: Receipt.FAILED,
}


class GatewayServicer(rpc.GatewayServiceServicer):
    """The doors for a gateway of one's own."""

    def __init__(self, phones: Phones, callers: Callers, clock: Clock, secret: str) -> None:
        """Takes the secret that signs; an empty one lets nobody in."""
        self._phones = phones
        self._callers = callers
        self._clock = clock
        self._secret = secret

    async def TakeGatewayReceipt(
        self, request: pb.TakeGatewayReceiptRequest, context: Context
    ) -> pb.TakeGatewayReceiptResponse:
        """See the proto."""
        receipt = await self._told(request.body, context, pb.GatewayReceipt())
        if not 1 <= len(receipt.id) <= LONGEST_ID:
            raise InvalidRequest(f"id must have 1 to {LONGEST_ID} characters", field="id")
        if receipt.status not in STATUSES:
            raise InvalidRequest("status must be DELIVERED, READ or FAILED", field="status")
        called = receipt.type == pb.GatewayMessage.CALL
        why = words(receipt.reason)[:LONGEST_WHY] or "the gateway does not say why"
        await self._phones.receive(
            Method.VOICE if called else Method.SMS,
            sent_id(Gateway.name, receipt.id),
            STATUSES[receipt.status],
            why,
        )
        return pb.TakeGatewayReceiptResponse()

    async def TakeGatewayReply(
        self, request: pb.TakeGatewayReplyRequest, context: Context
    ) -> pb.GatewayAnswer:
        """See the proto."""
        reply: Any = await self._told(request.body, context, pb.GatewayReply())
        number = getattr(reply, "from")  # a word of Python's
        if not number:
            raise InvalidRequest("from is required", field="from")
        name = sent_id(Gateway.name, _headers(context)["webhook-id"])
        return _answer(await self._phones.reply(number, reply.text, name))

    async def TakeGatewayKey(
        self, request: pb.TakeGatewayKeyRequest, context: Context
    ) -> pb.GatewayAnswer:
        """See the proto."""
        pressed = await self._told(request.body, context, pb.GatewayKey())
        if not pressed.to:
            raise InvalidRequest("to is required", field="to")
        return _answer(await self._phones.go_on(pressed.notification_id, pressed.to, pressed.key))

    async def _told(self, body: HttpBody, context: Context, message: M) -> M:
        """Returns what the gateway signed. Raises Forbidden, and InvalidRequest."""
        headers = _headers(context)
        now = self._clock.wall()
        if not self._secret or not signing.is_signed(self._secret, headers, body.data, now):
            await self._callers.stranger()
            raise Forbidden(
                "this is not signed with TOCSIN_GATEWAY_SECRET, or too long ago",
                reason="SIGNATURE_WRONG",
            )
        try:
            return json_format.Parse(body.data, message, ignore_unknown_fields=True)
        except (json_format.ParseError, UnicodeDecodeError):
            name = message.DESCRIPTOR.name
            raise InvalidRequest(f"the body must be a {name} in JSON") from None


def _headers(context: Context) -> dict[str, str]:
    return {
        name: value for name, value in context.invocation_metadata() or () if isinstance(value, str)
    }


def _answer(said: Said) -> pb.GatewayAnswer:
    keys = KEYS if said.asks else ()
    return pb.GatewayAnswer(text=said.text, language=said.language, keys=keys)
