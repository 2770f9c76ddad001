"""Channels to other services, on which this one makes itself known and passes on the trace."""

from typing import Any

import grpc.aio

from services.chassis import tracing

OPTIONS = [
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
]


def channel(address: str, token: str) -> grpc.aio.Channel:
    """Opens a channel to another service, on which this service makes itself known."""
    return grpc.aio.insecure_channel(
        address,
        options=OPTIONS,
        interceptors=[_UnaryIntroduction(token), _StreamIntroduction(token)],
    )


def bare_channel(address: str) -> grpc.aio.Channel:
    """Opens a channel to another service, on which each call shows a caller's own credential."""
    return grpc.aio.insecure_channel(address, options=OPTIONS)


class _Introduction:
    """Adds who calls, and within which trace, to outgoing calls."""

    def __init__(self, token: str) -> None:
        self._token = token

    def _introduced(self, details: Any) -> Any:
        metadata = grpc.aio.Metadata(*(details.metadata or ()))
        metadata.add("authorization", f"Bearer {self._token}")
        metadata.add(tracing.HEADER, tracing.current())
        return details._replace(metadata=metadata)


# One class for both kinds would be taken for the first of them only.
class _UnaryIntroduction(_Introduction, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        return await continuation(self._introduced(details), request)


class _StreamIntroduction(_Introduction, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        return await continuation(self._introduced(details), request)
