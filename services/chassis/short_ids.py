"""Our numbers as ids whose part before the first dash is enough, as ttyops' clients show them.

An id is its number in hexadecimal and the sort of thing: "0000002a-alert". So it needs no place to
be kept, never changes and leads back, and those of one sort differ in their first parts.
"""

import re

ALERT = "alert"
SERVICE = "service"
MEMBER = "member"

_DIGITS = 8
_LARGEST = 2**31 - 1


def short_id(kind: str, number: int) -> str:
    """Returns the id of a thing of this kind; its number is 0 to 2**31 - 1."""
    return f"{number:0{_DIGITS}x}-{kind}"


def number(kind: str, text: str) -> int | None:
    """Returns the number of an id, or of its first part; None if the text is neither."""
    found = re.fullmatch(rf"([0-9a-f]{{{_DIGITS}}})(?:-{kind})?", text.lower(), re.ASCII)
    value = int(found[1], 16) if found else _LARGEST + 1
    return value if value <= _LARGEST else None
