"""Failures as gRPC tells them: a status with what a program and a person need to know."""

import logging
import math
from collections.abc import Mapping

import grpc
from google.rpc import error_details_pb2, status_pb2

from services.chassis.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    OutOfRange,
    RateLimited,
    TocsinError,
    TooLarge,
    Unauthenticated,
    Unavailable,
    WrongState,
)
from services.chassis.principal import request_id

log = logging.getLogger(__name__)

STATUS_OF: Mapping[type[TocsinError], grpc.StatusCode] = {
    InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    Forbidden: grpc.StatusCode.PERMISSION_DENIED,
    NotFound: grpc.StatusCode.NOT_FOUND,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    WrongState: grpc.StatusCode.FAILED_PRECONDITION,
    Conflict: grpc.StatusCode.ABORTED,
    OutOfRange: grpc.StatusCode.OUT_OF_RANGE,
    TooLarge: grpc.StatusCode.RESOURCE_EXHAUSTED,
    RateLimited: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Unavailable: grpc.StatusCode.UNAVAILABLE,
}
#: A failure is told in trailers, its message up to three times there and escaped; peers end a
#: connection, with every call on it, whose trailers they find too large.
MOST_MESSAGE_BYTES = 1000


def status_of(error: Exception, method: str) -> status_pb2.Status:
    """Returns what the caller of a method is told of a failure. Logs one that nobody expected."""
    if isinstance(error, TimeoutError):
        return status_pb2.Status(
            code=grpc.StatusCode.DEADLINE_EXCEEDED.value[0], message="it took too long"
        )
    if not isinstance(error, TocsinError):
        log.error("%s failed", method, exc_info=error)
        told = f"internal error; its log has the request id {request_id.get()}"
        return _with_info(grpc.StatusCode.INTERNAL, told, "INTERNAL_ERROR", {})
    metadata = _limit(error) if isinstance(error, RateLimited) else {}
    if error.http_status is not None:
        metadata["http_status"] = str(error.http_status)
    told = _cut(error.message)
    status = _with_info(STATUS_OF[type(error)], told, error.code, metadata)
    if error.field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=told, reason=error.code
        )
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    if isinstance(error, RateLimited):
        delay = error_details_pb2.RetryInfo()
        delay.retry_delay.FromMilliseconds(max(0, math.ceil(error.retry_after * 1000)))
        status.details.add().Pack(delay)
    return status


def _limit(error: RateLimited) -> dict[str, str]:
    return {"limit_name": error.name, "limit": str(error.limit), "limit_remaining": "0"}


def _with_info(
    code: grpc.StatusCode, message: str, reason: str, metadata: Mapping[str, str]
) -> status_pb2.Status:
    info = error_details_pb2.ErrorInfo(reason=reason, domain="tocsin", metadata=metadata)
    status = status_pb2.Status(code=code.value[0], message=message)
    status.details.add().Pack(info)
    return status


def _cut(message: str) -> str:
    """Returns a message that trailers have room for: it may quote what the caller sent."""
    data = message.encode(errors="replace")
    if len(data) <= MOST_MESSAGE_BYTES:
        return message
    return data[:MOST_MESSAGE_BYTES].decode(errors="ignore") + "…"
