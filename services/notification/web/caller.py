"""Calls to the owners of what pages show, each with the token of whoever looks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message
from grpc_status import rpc_status

from services.chassis.addresses import HEADER
from services.chassis.principal import address
from services.notification.web.readers import Reader
from tocsin.alertstate.v1.alert_service_pb2_grpc import AlertServiceStub
from tocsin.escalation.v1.on_call_service_pb2_grpc import OnCallServiceStub

M = TypeVar("M", bound=Message)
#: A method of a stub.
Call = Callable[..., Awaitable[M]]

SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who looks at pages, with the token that their browser keeps."""

    token: str
    reader: Reader

    async def ask(self, call: Call[M], request: Message, seconds: float = SECONDS) -> M:
        """Calls a method as the visitor. Raises AioRpcError."""
        metadata = [("authorization", f"Bearer {self.token}"), (HEADER, address.get())]
        return await call(request, metadata=metadata, timeout=seconds)

    async def ask_if_possible(self, call: Call[M], request: Message, seconds: float) -> M | None:
        """Does the same for what a page can go without."""
        try:
            return await self.ask(call, request, seconds)
        except grpc.aio.AioRpcError:
            return None

    def __repr__(self) -> str:
        return f"Visitor({self.reader.name})"  # never the token


class Doors:
    """The public methods of the others that pages need."""

    def __init__(self, alertstate: grpc.aio.Channel | None, escalation: grpc.aio.Channel) -> None:
        """Takes channels on which nobody makes themselves known but the visitor."""
        self._alerts = AlertServiceStub(alertstate) if alertstate else None
        self.on_calls = OnCallServiceStub(escalation)

    @property
    def alerts(self) -> AlertServiceStub | None:
        """AlertState, where there is one."""
        return self._alerts


def told(error: grpc.aio.AioRpcError) -> str:
    """Returns what an owner says of a refusal, for the person it refused."""
    status: Any = rpc_status.from_call(error)
    return status.message if status is not None else ""
