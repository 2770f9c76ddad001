"""What a browser posts."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from google.api.httpbody_pb2 import HttpBody

from services.chassis.errors import InvalidRequest

MEDIA_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 20


def fields(form: HttpBody) -> Mapping[str, str]:
    """Returns the fields of a form; the first of a name counts. Raises InvalidRequest."""
    media_type = form.content_type.partition(";")[0].strip().lower()
    if form.data and media_type != MEDIA_TYPE:
        raise InvalidRequest(f"the body must have the content type {MEDIA_TYPE}", field="form")
    try:
        pairs = parse_qsl(
            form.data.decode(),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            errors="strict",
        )
    except ValueError:  # a broken encoding is one, too
        raise InvalidRequest("the form cannot be read", field="form") from None
    return dict(reversed(pairs))
