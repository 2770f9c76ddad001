"""How large a reply may be, in the one place where that is said.

Clients' gRPC takes 4 MiB unless told otherwise, and the edge refuses to write more than 8 MiB
of JSON, in which a character may take six bytes. Lists keep their texts within TEXT_BYTES, so
that a page gets through whatever was sent in; the guard refuses what is too large nevertheless.
"""

import re

from google.api.httpbody_pb2 import HttpBody
from google.protobuf import json_format
from google.protobuf.message import Message

from services.chassis.errors import InvalidRequest

MOST_BYTES = 4 * 1024 * 1024 - 64 * 1024
MOST_JSON_BYTES = 8 * 1024 * 1024 - 64 * 1024
#: What the texts of one reply may take as JSON, and so as protobuf too.
TEXT_BYTES = 3 * 1024 * 1024
#: JSON is hardly ever this many times as large as protobuf: what is smaller is not measured.
_MOST_GROWTH = 16
_ESCAPED = re.compile(r'["\\\n\r\t]')
#: Written as \u and four digits: signs of HTML, and what shows nothing.
_SPELT = re.compile(
    "[<>\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u17b4\u17b5"
    "\u180e\u2000-\u206f\ufeff\ufff9-\ufffb\U000110bd\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def json_bytes(text: str) -> int:
    """Returns how many bytes a text takes at most as JSON, without its quotes."""
    escaped = len(text) - len(_ESCAPED.sub("", text))
    return len(text.encode(errors="replace")) + escaped + _growth(text)


def check(reply: Message) -> None:
    """Raises InvalidRequest if a reply is too large to be told."""
    size = reply.ByteSize()
    if size > MOST_BYTES or (size > MOST_JSON_BYTES // _MOST_GROWTH and _is_too_large(reply)):
        raise InvalidRequest(
            "the reply would be too large: ask for fewer with max-results",
            reason="REPLY_TOO_LARGE",
            field="max-results",
        )


def _is_too_large(reply: Message) -> bool:
    if isinstance(reply, HttpBody):
        return False
    text = json_format.MessageToJson(
        reply, indent=None, always_print_fields_with_no_presence=True, ensure_ascii=False
    )
    return len(text.encode(errors="replace")) + _growth(text) > MOST_JSON_BYTES


def _growth(text: str) -> int:
    return 5 * (len(text) - len(_SPELT.sub("", text)))
