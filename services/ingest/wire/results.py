"""What became of each event of several, as a protobuf message."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from services.chassis import errors
from services.chassis.errors import TocsinError
from services.ingest.domain.arrivals import Arrival
from services.ingest.wire import events as wire
from tocsin.ingest.v1.event_pb2 import EventRefusal, EventResult

INTERNAL = "INTERNAL_ERROR"
#: What the edge makes of refusals that say nothing of their own.
STATUS_OF: Mapping[type[TocsinError], HTTPStatus] = {
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def accepted(arrival: Arrival, event_id: str, public_url: str) -> EventResult:
    """Renders an event that is on disk under an id."""
    return EventResult(receipt=wire.receipt(replace(arrival, event_id=event_id), public_url))


def refused(error: TocsinError) -> EventResult:
    """Renders why an event is not on disk."""
    refusal = EventRefusal(
        status=error.http_status or STATUS_OF[type(error)],
        code=error.code,
        message=error.message,
        field=error.field or "",
    )
    return EventResult(refusal=refusal)


def broken() -> EventResult:
    """Renders an event that could not be written, for no reason that its sender could act on."""
    refusal = EventRefusal(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code=INTERNAL,
        message="something went wrong inside Tocsin",
    )
    return EventResult(refusal=refusal)
