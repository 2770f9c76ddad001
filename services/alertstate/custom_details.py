"""Custom details as JSON that every reader can take."""

import json
from typing import Any

from google.protobuf.struct_pb2 import Struct

#: A level of JSON is three of protobuf, which reads a hundred.
DEEPEST = 25
#: What cannot be shown as it is stands under this name, as text.
RAW = "raw"


def shown(text: bytes) -> Struct | None:
    """Returns custom details for a reply; None when there are none."""
    if not text:
        return None
    struct = Struct()
    try:
        told = json.loads(text, parse_constant=_refuse)
        if not isinstance(told, dict) or not _fits(told, DEEPEST):
            raise ValueError("not an object that a Struct holds")
        struct.update(told)
        struct.SerializeToString()
    except (ValueError, RecursionError, OverflowError):
        struct = Struct()
        struct.update({RAW: text.decode("utf-8", "replace")})
    return struct


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def _fits(value: Any, depth: int) -> bool:
    """Tells whether a value is shallow and of numbers and texts that can be sent."""
    match value:
        case dict():
            inner: list[Any] = [*value.keys(), *value.values()]
        case list():
            inner = value
        case float():
            return abs(value) < float("inf")
        case str():
            return value.isascii() or not any(0xD800 <= ord(each) <= 0xDFFF for each in value)
        case _:
            return True
    return depth > 0 and all(_fits(each, depth - 1) for each in inner)
