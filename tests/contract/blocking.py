"""Lets grpc_testing, which calls servicers on a thread, drive ours, which are coroutines.

The guard does not run here: who calls is set by hand, and failures become statuses by the
guard's own table.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
import grpc_testing
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message

from services.chassis.errors import TocsinError
from services.chassis.principal import ADMIN, Principal, current_principal
from services.chassis.statuses import STATUS_OF

SECONDS = 10.0
#: Somebody who may do everything, by a token that belongs to user 1.
ADA = Principal(kind="USER", id="abcd1234", name="Ada", user_id=1, scopes=frozenset({ADMIN}))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller gets."""

    code: grpc.StatusCode
    reply: Any  # the method's own message; None unless the code is OK
    details: str


class Blocking:
    """A servicer whose methods can be called on a thread, on behalf of somebody."""

    def __init__(
        self, servicer: object, loop: asyncio.AbstractEventLoop, caller: Principal
    ) -> None:
        self._servicer = servicer
        self._loop = loop
        self._caller = caller

    def __getattr__(self, name: str) -> Callable[[Message, grpc.ServicerContext], Message]:
        method = getattr(self._servicer, name)

        def call(request: Message, context: grpc.ServicerContext) -> Message:
            current_principal.set(self._caller)
            running = asyncio.run_coroutine_threadsafe(method(request, context), self._loop)
            try:
                reply: Message = running.result(SECONDS)
            except TocsinError as error:
                context.abort(STATUS_OF[type(error)], error.message)
            return reply

        return call


class InTeam:
    """A servicer whose every call comes with the header team-context."""

    def __init__(self, servicer: object, team_id: int) -> None:
        self._servicer = servicer
        self._team_id = team_id

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return [("team-context", str(self._team_id))]

    def __getattr__(self, name: str) -> Callable[[Message, object], Any]:
        method = getattr(self._servicer, name)
        return lambda request, context: method(request, self)


class Calls:
    """Calls a servicer as grpc would, without a socket."""

    def __init__(
        self, service: ServiceDescriptor, servicer: object, caller: Principal = ADA
    ) -> None:
        self._service = service
        blocking = Blocking(servicer, asyncio.get_running_loop(), caller)
        self._server = grpc_testing.server_from_dictionary(
            {service: blocking}, grpc_testing.strict_real_time()
        )

    async def __call__(self, method: str, request: Message, **metadata: str) -> Answer:
        """Calls a method that answers once; an underscore in metadata's names is a hyphen."""
        sent = [(name.replace("_", "-"), value) for name, value in metadata.items()]
        return await asyncio.to_thread(self._invoke, method, request, sent)

    def _invoke(self, method: str, request: Message, sent: list[tuple[str, str]]) -> Answer:
        descriptor = self._service.methods_by_name[method]
        rpc = self._server.invoke_unary_unary(descriptor, sent, request, SECONDS)
        reply, _, code, details = rpc.termination()
        return Answer(code, reply, details)
