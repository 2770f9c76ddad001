"""Serving gRPC: one guard around every call, and a graceful end.

The guard recognises the caller, checks the scope that the method's proto asks for (a method
without one is refused to everybody), counts the caller's calls, caps the deadline, turns
failures into statuses and counts them. Unexpected failures are logged and told as nothing but
a request id: grpc would send the exception's text to the client. A request that cannot be
decoded fails outside every interceptor, so the deserializer is wrapped and the guard tells the
caller.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import grpc
import grpc.aio
from google.protobuf import descriptor_pool
from google.protobuf.message import DecodeError
from grpc_status import rpc_status
from structlog.contextvars import bind_contextvars, clear_contextvars

from services.chassis import principal as principals
from services.chassis import replies, streams, tracing
from services.chassis.authentication import Authenticator
from services.chassis.callers import Callers
from services.chassis.context import Context
from services.chassis.errors import (
    Forbidden,
    InvalidRequest,
    Unauthenticated,
    Unavailable,
)
from services.chassis.statuses import status_of
from services.chassis.telemetry import RPC_SECONDS, RPC_TOTAL
from tocsin.edge.v1 import options_pb2

MaybeHandler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"  # generic only in its stubs

MAX_RECEIVE_BYTES = 1024 * 1024
LONGEST_CALL_SECONDS = 10.0
#: How long a stream goes on without a look at whether its caller may still see it.
CHECK_AGAIN_SECONDS = 30.0
#: How long the reader of a stream that ends may not take why.
FAREWELL_SECONDS = 5.0
#: How long a caller may take to send a stream, and to send its next message.
LONGEST_SENDING_SECONDS = 300.0
LONGEST_SILENCE_SECONDS = 60.0
#: Services that anybody may ask: load balancers and tools know no credential.
OPEN_SERVICES = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")
OPTIONS = [
    ("grpc.so_reuseport", 0),  # a second server on the port must fail, not share it silently
    ("grpc.max_receive_message_length", MAX_RECEIVE_BYTES),
    ("grpc.max_metadata_size", 16 * 1024),  # the edge lets 8 KiB of headers through
    ("grpc.max_send_message_length", 8 * MAX_RECEIVE_BYTES),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_connection_age_ms", 300_000),  # or new replicas get no calls
    ("grpc.max_connection_age_grace_ms", 960_000),  # a watch lives up to 15 minutes
]


class _Undecodable:
    """Stands for a request that no message could be made of."""


class Guard(grpc.aio.ServerInterceptor):
    """Stands around every call."""

    def __init__(self, authenticator: Authenticator, callers: Callers | None = None) -> None:
        self._authenticator = authenticator
        self._callers = callers

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[MaybeHandler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> MaybeHandler:
        """Wraps the handler of one call."""
        inner: Any = await continuation(handler_call_details)
        method: str = handler_call_details.method
        if inner is None or method.startswith(OPEN_SERVICES):
            return inner  # type: ignore[no-any-return] # whose type describes sync servers only
        call = _Call(self._authenticator, self._callers, method)
        codec = _guarded(inner.request_deserializer), inner.response_serializer
        if inner.request_streaming:
            return grpc.stream_unary_rpc_method_handler(call.taking(inner.stream_unary), *codec)
        if inner.response_streaming:
            return grpc.unary_stream_rpc_method_handler(call.streaming(inner.unary_stream), *codec)
        return grpc.unary_unary_rpc_method_handler(call.unary(inner.unary_unary), *codec)


class _Call:
    """One method, as the guard runs it."""

    def __init__(self, authenticator: Authenticator, callers: Callers | None, method: str) -> None:
        self._authenticator = authenticator
        self._callers = callers
        self._method = method

    def unary(self, handler: Callable[[Any, Context], Awaitable[Any]]) -> Any:
        """Guards a handler that answers once."""
        longest = max(LONGEST_CALL_SECONDS, _edge_seconds(self._method))

        async def run(request: Any, context: Context) -> Any:
            async with (
                self._reporting(context, self._fail),
                asyncio.timeout(seconds_left(context, longest)),
            ):
                await self._admit(request, context)
                answer = await handler(request, context)
                replies.check(answer)
            return answer

        return run

    def taking(self, handler: Callable[[AsyncIterator[Any], Context], Awaitable[Any]]) -> Any:
        """Guards a handler that takes a stream: the caller is let in before the first message."""

        async def run(requests: AsyncIterator[Any], context: Context) -> Any:
            async with (
                self._reporting(context, self._fail),
                asyncio.timeout(seconds_left(context, LONGEST_SENDING_SECONDS)),
            ):
                await self._admit(None, context)
                return await handler(_sound(requests), context)

        return run

    def streaming(self, handler: Callable[[Any, Context], AsyncIterator[Any]]) -> Any:
        """Guards a handler that answers with a stream, for as long as its caller may see it."""

        async def run(request: Any, context: Context) -> None:
            async with self._reporting(context, self._fail_briefly):
                await self._admit(request, context)
                await streams.first_of(
                    streams.send(handler(request, context), context),
                    self._stay_admitted(request, context),
                )

        return run

    @asynccontextmanager
    async def _reporting(
        self, context: Context, fail: Callable[[Context, Exception, float], Awaitable[None]]
    ) -> AsyncGenerator[None]:
        """Counts a call that goes well, and lets `fail` report one that does not.

        `fail` also gets when the call began. An abort has been told already, and whoever
        cancels a call wants to hear nothing.
        """
        started = time.monotonic()
        try:
            yield
        except (grpc.aio.AbortError, asyncio.CancelledError):
            raise
        except Exception as error:  # what nobody expected must not reach the caller
            await fail(context, error, started)
        else:
            self._count(grpc.StatusCode.OK, started)

    async def _stay_admitted(self, request: Any, context: Context) -> None:
        """Returns never. Raises what is wrong once the caller may no longer call."""
        while True:
            await asyncio.sleep(CHECK_AGAIN_SECONDS)
            with suppress(Unavailable):  # who was let in stays while nobody can tell
                await self._admit(request, context, again=True)

    async def _admit(self, request: Any, context: Context, *, again: bool = False) -> None:
        metadata = {
            key: value
            for key, value in context.invocation_metadata() or ()
            if isinstance(value, str)
        }
        request_id = metadata.get("x-request-id") or secrets.token_hex(8)
        principals.request_id.set(request_id)
        clear_contextvars()
        trace = tracing.follow(metadata.get(tracing.HEADER))
        bind_contextvars(request_id=request_id, trace_id=trace.split("-")[1])
        access = access_of(self._method)
        if access is None:
            raise Forbidden("nobody may call this")
        if self._callers is not None:
            self._callers.recognise(context.peer(), metadata)
        if not access.open:
            caller = await self._recognise(metadata.get("authorization", ""), again=again)
            refuse_disallowed(caller, access)
            principals.current_principal.set(caller)
        if isinstance(request, _Undecodable):
            raise InvalidRequest("the request cannot be decoded")

    async def _recognise(self, authorization: str, *, again: bool) -> principals.Principal:
        if self._callers is None or again:  # one call counts once, however long it lasts
            return await self._authenticator.principal(authorization)
        try:
            caller = await self._authenticator.principal(authorization)
        except Unauthenticated:
            await self._callers.stranger()
            raise
        await self._callers.admit(caller)
        return caller

    async def _fail(self, context: Context, error: Exception, started: float) -> None:
        status = status_of(error, self._method)
        self._count(grpc.StatusCode(_by_number(status.code)), started)
        await context.abort_with_status(rpc_status.to_status(status))

    async def _fail_briefly(self, context: Context, error: Exception, started: float) -> None:
        """Ends a stream; who takes nothing does not take this either, or even knows the headers."""
        with suppress(TimeoutError, grpc.aio.InternalError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._fail(context, error, started)

    def _count(self, code: grpc.StatusCode, started: float) -> None:
        RPC_TOTAL.labels(self._method, code.name).inc()
        RPC_SECONDS.labels(self._method).observe(time.monotonic() - started)


def access_of(method: str) -> options_pb2.Access | None:
    """Returns who may call `/package.Service/Method` by its proto; None if it does not say."""
    options = _options(method)
    if options is None or not options.HasExtension(options_pb2.access):
        return None
    access: options_pb2.Access = options.Extensions[options_pb2.access]
    return access if access.open or (access.scope and access.teams) else None


def _edge_seconds(method: str) -> float:
    """Returns how long the edge lets a method take by its proto; 0 if that is as usual."""
    options = _options(method)
    if options is None:
        return 0
    hints: options_pb2.HttpHints = options.Extensions[options_pb2.http]
    return hints.timeout_ms / 1000


def _options(method: str) -> Any:
    """Returns the options of `/package.Service/Method`; None if no such method is known."""
    service, _, name = method.removeprefix("/").partition("/")
    try:
        descriptor = descriptor_pool.Default().FindMethodByName(f"{service}.{name}")
    except KeyError:
        return None
    return descriptor.GetOptions()  # extensions have no types in protoc's stubs


def refuse_disallowed(caller: principals.Principal, access: options_pb2.Access) -> None:
    """Raises Forbidden unless somebody's credential lets them call a method."""
    if not any(caller.may(scope) for scope in (access.scope, *access.also)):
        raise Forbidden(f"this needs the scope {access.scope}", reason="SCOPE_MISSING")
    _refuse_bound(caller, access)


def _refuse_bound(caller: principals.Principal, access: options_pb2.Access) -> None:
    """Raises Forbidden if a token that is bound to a team asks for what is the whole suite's."""
    whole = access.teams == options_pb2.Access.NOBODYS and access.scope == principals.ADMIN
    if caller.team and whole:
        told = "a token that is bound to a team only touches what belongs to that team"
        raise Forbidden(told, reason="BOUND_TO_TEAM")


def _guarded(deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def decode(data: bytes) -> Any:
        try:
            return deserialize(data)
        except (DecodeError, UnicodeDecodeError, ValueError):
            return _Undecodable()

    return decode


def seconds_left(context: Context, longest: float = LONGEST_CALL_SECONDS) -> float:
    """Returns how long a call that begins now may take."""
    left: float | None = context.time_remaining()  # None when the client set no deadline
    return longest if left is None else min(left, longest)


async def _sound(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """Passes on messages. Raises InvalidRequest at one that is none, TimeoutError at silence."""
    waiting = aiter(requests)
    while True:
        async with asyncio.timeout(LONGEST_SILENCE_SECONDS):
            request = await anext(waiting, None)
        if request is None:
            return
        if isinstance(request, _Undecodable):
            raise InvalidRequest("the request cannot be decoded")
        yield request


def _by_number(number: int) -> grpc.StatusCode:
    return next(code for code in grpc.StatusCode if code.value[0] == number)
