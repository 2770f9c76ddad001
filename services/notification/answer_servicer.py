"""Answers AnswerService: what people say from a message, by the token that is in it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import NotFound, WrongState
from services.notification import answering, wire
from services.notification.domain.answers import Answer, Part, Standing, Verb
from services.notification.domain.values import Method, Notification
from services.notification.links import Links
from tocsin.notification.v1 import answer_pb2
from tocsin.notification.v1 import answer_service_pb2 as pb
from tocsin.notification.v1 import answer_service_pb2_grpc as rpc


class AnswerServicer(rpc.AnswerServiceServicer):
    """The gRPC face of answers from a message."""

    def __init__(self, database: Database, clock: Clock, links: Links, callers: Callers) -> None:
        self._database = database
        self._clock = clock
        self._links = links
        self._callers = callers

    async def GetAnswer(  # the contract's name
        self, request: pb.GetAnswerRequest, context: Context
    ) -> answer_pb2.Answer:
        """See the proto."""
        message = await self._let_in(request.token)
        return await self._database.read(_shown, message)

    async def GiveAnswer(  # as above
        self, request: pb.GiveAnswerRequest, context: Context
    ) -> answer_pb2.Answer:
        """See the proto."""
        message = await self._let_in(request.token)
        verb = wire.verb(request.answer.verb)
        answer, told = await self._database.write(self._give, message, verb)
        if not answer.holds:
            raise _refusal(answer)
        return told

    async def _let_in(self, token: str) -> Notification:
        """Returns the message that a token is of. Raises NotFound and RateLimited."""
        try:
            message = await self._database.read(answering.message, self._clock, self._links, token)
        except NotFound:
            await self._callers.stranger()
            raise
        await self._callers.admit_by(f"message:{message.id}", f"message {message.id}")
        return message

    def _give(
        self, connection: Connection, message: Notification, verb: Verb
    ) -> tuple[Answer, answer_pb2.Answer]:
        now, method = self._clock.now(connection), Method(message.method)
        answer = answering.give(connection, now, message.id, verb, method=method)
        return answer, _told(connection, message, answer.parts)


def _shown(connection: Connection, message: Notification) -> answer_pb2.Answer:
    return _told(connection, message, answering.stands(connection, message))


def _told(
    connection: Connection, message: Notification, parts: Sequence[Part]
) -> answer_pb2.Answer:
    return wire.answer(answering.name(connection, message.user_id), parts)


def _refusal(answer: Answer) -> WrongState:
    """Returns why an answer changes nothing about people being paged."""
    stand = answer.parts[0].stand
    match stand.standing:
        case Standing.SUPERSEDED:
            told, reason = "people were wanted anew since: answer the newest message", "SUPERSEDED"
        case Standing.WANTED:
            told, reason = "there is no further level", "NO_FURTHER_LEVEL"
        case Standing.ACCEPTED:
            told, reason = f"{stand.by or 'somebody'} took it", "NOT_PENDING"
        case Standing.OVER:
            told, reason = "it is over", "NOT_PENDING"
    return WrongState(told, reason=reason, http_status=409)
