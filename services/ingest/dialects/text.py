"""Makes foreign texts and addresses fit to be stored, shown and clicked."""

import re
from typing import Any
from urllib.parse import urlsplit

# Line ends and tabs belong to texts; everything else that shows nothing doesn't.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"[\t\n\r]+")
#: What orjson writes for the control characters that are stripped.
_ESCAPED = (b"\\u00", b"\\b", b"\\f")


def clean(text: str) -> str:
    """Returns a text without control characters."""
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    """Returns a text as one line, without blanks around it."""
    return _LINE_ENDS.sub(" ", text).strip()


def may_need_cleaning(compact_json: bytes) -> bool:
    """Tells whether there may be control characters in JSON; False is certain."""
    return any(sign in compact_json for sign in _ESCAPED)


def clean_all(value: Any) -> Any:
    """Returns a JSON value without control characters in any text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): clean_all(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [clean_all(inner) for inner in value]
    return value


def web_address(text: str) -> str | None:
    """Returns an absolute http or https address; None if the text is none."""
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme.lower() in ("http", "https") and parts.netloc else None
