"""Keeps lists within the size of a reply, however much was sent in with their alerts.

What is largest is shortened, and says so; what is small stays whole. Each part of a list gets
as much room as the others, and what the small ones leave is for the large ones.
"""

from collections.abc import Iterator, MutableMapping, MutableSequence, Sequence
from typing import Any, Protocol, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from services.alertstate.custom_details import RAW
from services.chassis.replies import TEXT_BYTES, json_bytes
from tocsin.alertstate.v1.alert_pb2 import Alert, Comment, LogEntry

M = TypeVar("M", Alert, Comment, LogEntry)


class Part(Protocol):
    """A part of a reply that may be shortened."""

    @property
    def size(self) -> int:
        """How many bytes it takes at most."""

    def cut(self, size: int) -> None:
        """Leaves about as many bytes of it, and a mark."""


def fitting(items: Sequence[M], most: int = TEXT_BYTES) -> Sequence[M]:
    """Returns what is to be listed, the largest parts of it shortened if it is too much."""
    if 6 * sum(item.ByteSize() for item in items) <= most:
        return items
    parts = sorted((part for item in items for part in _parts(item)), key=lambda part: part.size)
    for index, part in enumerate(parts):
        share = most // (len(parts) - index)
        if part.size > share:
            for large in parts[index:]:
                large.cut(share)
            break
        most -= part.size
    return items


def _parts(item: Message) -> Iterator[Part]:
    match item:
        case Alert():
            mark = f"[shortened: /api/alerts/{item.id} has the whole]"
            yield _Field(item, "details", mark)
            yield _Texts(item.labels)
            yield _Some(item.links)
            yield _Some(item.images)
            if item.HasField("custom_details"):
                yield _Custom(item, mark)
        case Comment():
            yield _Field(item, "content", _FEWER)
        case LogEntry():
            yield _Field(item, "text", _FEWER)
            for name in item.vars:
                yield _Var(item, name)


_FEWER = "[shortened: ask for fewer with max-results]"


class _Field:
    """A text."""

    def __init__(self, item: Any, name: str, mark: str) -> None:
        self._item, self._name, self._mark = item, name, mark
        self.size = json_bytes(getattr(item, name))

    def cut(self, size: int) -> None:
        text = getattr(self._item, self._name)
        setattr(self._item, self._name, _cut(text, self.size, size, self._mark))


class _Var:
    """A text that went into a log entry."""

    def __init__(self, entry: LogEntry, name: str) -> None:
        self._entry, self._name = entry, name
        self.size = json_bytes(name) + json_bytes(entry.vars[name])

    def cut(self, size: int) -> None:
        self._entry.vars[self._name] = _cut(self._entry.vars[self._name], self.size, size, _FEWER)


class _Texts:
    """Texts by name: the first of them stay."""

    def __init__(self, texts: MutableMapping[str, str]) -> None:
        self._texts = texts
        self.size = sum(map(self._size, texts))

    def cut(self, size: int) -> None:
        for name in list(self._texts):
            size -= self._size(name)
            if size < 0:
                del self._texts[name]

    def _size(self, name: str) -> int:
        return json_bytes(name) + json_bytes(self._texts[name])


class _Some:
    """Links or pictures: the first of them stay."""

    def __init__(self, parts: MutableSequence[Any]) -> None:
        self._parts = parts
        self.size = sum(map(_message_bytes, parts))

    def cut(self, size: int) -> None:
        for index, part in enumerate(self._parts):
            size -= _message_bytes(part)
            if size < 0:
                del self._parts[index:]
                return


class _Custom:
    """Custom details: what is left of them is text."""

    def __init__(self, alert: Alert, mark: str) -> None:
        self._alert, self._mark = alert, mark
        self.size = max(alert.custom_details.ByteSize(), json_bytes(self._text()))

    def cut(self, size: int) -> None:
        text = self._text()
        self._alert.custom_details.Clear()
        self._alert.custom_details.update({RAW: _cut(text, json_bytes(text), size, self._mark)})

    def _text(self) -> str:
        told = self._alert.custom_details
        return json_format.MessageToJson(told, indent=None, ensure_ascii=False)


def _message_bytes(message: Message) -> int:
    return sum(json_bytes(value) for _, value in message.ListFields())


def _cut(text: str, is_now: int, size: int, mark: str) -> str:
    """Returns the beginning of a text, and a mark; `is_now` many bytes shall be `size`."""
    length = len(text) * size // max(is_now, 1)
    while length and json_bytes(text[:length]) > size:
        length = length * 9 // 10
    return f"{text[:length]}…\n\n{mark}"
