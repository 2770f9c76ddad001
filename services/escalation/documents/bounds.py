"""How large a document may be."""

from services.chassis.errors import InvalidRequest
from tocsin.configuration.v1.configuration_pb2 import Configuration

MOST_RECORDS = 2000


def refuse_too_many(document: Configuration, field: str) -> None:
    """Raises InvalidRequest naming the field that holds a document with too many records."""
    count = sum(len(getattr(document, section.name)) for section in document.DESCRIPTOR.fields)
    if count > MOST_RECORDS:
        message = f"{field} must have {MOST_RECORDS} records at most, not {count}"
        raise InvalidRequest(message, field=field)
