"""Takes control characters out of foreign JSON."""

from typing import Any

from services.chassis.texts import clean

#: What orjson writes for the control characters that are stripped.
_ESCAPED = (b"\\u00", b"\\b", b"\\f")


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
