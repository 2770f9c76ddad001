"""Points in time, as callers tell them."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.chassis.errors import InvalidRequest


def moment(told: Timestamp, field: str) -> datetime:
    """Reads a point in time. Raises InvalidRequest, naming the field, if no calendar has it."""
    try:
        return told.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{field} must be a point in time", field=field) from None
