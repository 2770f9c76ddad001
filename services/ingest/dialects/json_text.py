"""Reads JSON that tools send, however carelessly, without ever growing the stack.

What is plain JSON takes the fast way. What is not is taken apart member by member, so that
raw control characters, half surrogate pairs, a byte order mark, numbers beyond a double and
nesting of any depth in one member cost neither the others nor the process.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import orjson

from services.chassis.errors import InvalidRequest

#: Levels of nesting within one member; what is deeper is kept as text.
DEEPEST = 32
LONGEST_64_BITS = 20  # digits, with the sign

_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
# A quote that begins no whole string is a mark too: looking for its end again and again
# would take quadratic time.
_MARK = re.compile(_STRING.pattern + r'|[{}\[\]"]', re.DOTALL)
_SCALAR = re.compile(r"[^\s,:{}\[\]\"]+")
_BLANKS = re.compile(r"[ \t\r\n]*")
_CONTROL = re.compile(r"[\x00-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CLOSED_BY = {"{": "}", "[": "]"}


@dataclass(slots=True)
class Document:
    """An object that was read."""

    values: dict[str, Any] = field(default_factory=dict)
    #: Members that are nested too deeply, as the text they are.
    too_deep: dict[str, str] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Member:
    """Where the value of one of an object's members stands in the text."""

    name: str
    start: int
    end: int
    depth: int


def read(body: bytes, names: Iterable[str] = ()) -> Document:
    """Returns the object in a body; notes when one of `names` is said more than once.

    Raises InvalidRequest if the body is not a JSON object.
    """
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _read_apart(body)
    if not isinstance(values, dict):
        raise InvalidRequest("the body must be a JSON object", reason="NOT_JSON")
    if _is_deep(body, values) or _may_repeat(body, names):
        return _read_apart(body)
    return Document(values)


def members(text: str) -> list[Member]:
    """Returns an object's members in their order. Raises InvalidRequest if it is none."""
    found: list[Member] = []
    position = _after(text, 0, "{")
    while not (text.startswith("}", position) and not found):
        end, _ = _end(text, position)
        name = _decode(text[position:end])
        if not isinstance(name, str):
            refuse()
        start = _after(text, end, ":")
        end, depth = _end(text, start)
        found.append(Member(_whole(name), start, end, depth))
        position = _skip(text, end)
        if text.startswith("}", position):
            break
        position = _after(text, position, ",")
    if _after(text, position, "}") < len(text):
        refuse()
    return found


def items(text: str, most: int) -> list[str]:
    """Returns the texts of a list's first items in their order. Raises InvalidRequest if none."""
    found: list[str] = []
    position = _after(text, 0, "[")
    while not (text.startswith("]", position) and not found):
        end, _ = _end(text, position)
        found.append(text[position:end])
        position = _skip(text, end)
        if len(found) == most:
            return found
        if text.startswith("]", position):
            break
        position = _after(text, position, ",")
    if _after(text, position, "]") < len(text):
        refuse()
    return found


def refuse() -> NoReturn:
    """Raises InvalidRequest about a body that nothing can be made of."""
    raise InvalidRequest("the body is not JSON", reason="NOT_JSON")


def _read_apart(body: bytes) -> Document:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        told = "the body is not JSON: it is not in UTF-8"
        raise InvalidRequest(told, reason="NOT_JSON") from None
    document = Document()
    if text.startswith("\ufeff"):
        text = text[1:]
        document.repairs.append("body: byte order mark dropped")
    for member in members(text):
        if member.name in document.values or member.name in document.too_deep:
            document.repairs.append(f"{member.name}: said more than once, the last one counts")
        document.values.pop(member.name, None)
        document.too_deep.pop(member.name, None)
        told = text[member.start : member.end]
        if member.depth > DEEPEST:
            document.too_deep[member.name] = told
        else:
            document.values[member.name] = _value(told, member.name, document.repairs)
    return document


def _end(text: str, start: int) -> tuple[int, int]:
    """Returns where the value that begins at `start` ends, and how deeply it is nested."""
    opening = text[start : start + 1]
    if opening not in _CLOSED_BY:
        match = (_STRING if opening == '"' else _SCALAR).match(text, start)
        return (match.end(), 0) if match else refuse()
    expected: list[str] = []  # the closing marks of what is open
    depth = 0
    for match in _MARK.finditer(text, start):
        mark = match[0]
        if mark in _CLOSED_BY:
            expected.append(_CLOSED_BY[mark])
            depth = max(depth, len(expected))
        elif mark in ("}", "]"):
            if expected.pop() != mark:
                refuse()
            if not expected:
                return match.end(), depth
        elif mark == '"':
            refuse()
    refuse()


def _after(text: str, position: int, mark: str) -> int:
    """Returns where text goes on after a mark that must come next."""
    position = _skip(text, position)
    if not text.startswith(mark, position):
        refuse()
    return _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    match = _BLANKS.match(text, position)
    return match.end() if match else position


def _value(text: str, name: str, repairs: list[str]) -> Any:
    kept: list[str] = []
    value = _decode(text, kept)
    if kept:
        repairs.append(f"{name}: a number beyond what computers count with, kept as text")
    if any(_CONTROL.search(match[0]) for match in _STRING.finditer(text)):
        repairs.append(f"{name}: raw control characters in a string")
    if "\\u" in text and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        repairs.append(f"{name}: half surrogate pairs replaced")
        value = _whole(value)
    return value


def _decode(text: str, kept: list[str] | None = None) -> Any:
    """Returns a value; numbers that no double can hold are kept as they are written."""
    kept = [] if kept is None else kept

    def double(digits: str) -> float | str:
        number = float(digits)
        if math.isfinite(number):
            return number
        kept.append(digits)
        return digits

    def whole(digits: str) -> int | float | str:
        # As orjson does: what 64 bits can't hold is read as a double, if that can hold it.
        if len(digits) <= LONGEST_64_BITS and -(2**63) <= (number := int(digits)) < 2**64:
            return number
        return double(digits)

    lenient = json.JSONDecoder(
        strict=False, parse_float=double, parse_int=whole, parse_constant=_constant
    )
    try:
        return lenient.decode(text)
    except (ValueError, RecursionError):
        refuse()


def _whole(value: Any) -> Any:
    """Returns a value without half surrogate pairs, which no UTF-8 can hold."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_whole(name): _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return value


def _constant(text: str) -> NoReturn:
    raise ValueError(text)  # NaN and Infinity, which only Python takes for JSON


def _is_deep(body: bytes, values: dict[str, Any]) -> bool:
    if body.count(b"{") + body.count(b"[") <= DEEPEST + 1:
        return False
    layer: list[Any] = [values]
    for _ in range(DEEPEST + 1):
        inner = (each for outer in layer for each in _inner(outer))
        layer = [each for each in inner if isinstance(each, dict | list)]
    return bool(layer)


def _inner(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _may_repeat(body: bytes, names: Iterable[str]) -> bool:
    return any(body.count(b'"%b"' % name.encode()) > 1 for name in names)
