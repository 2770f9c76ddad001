"""Keeps lists within the size of a reply, however much was sent in with what they list.

What is largest is shortened, and says so; what is small stays whole. Each part of a list gets
as much room as the others, and what the small ones leave is for the large ones.
"""

from collections.abc import Callable, Iterable, MutableMapping, MutableSequence, Sequence
from typing import Any, Protocol, TypeVar

from google.protobuf.message import Message

from services.chassis.replies import TEXT_BYTES, json_bytes

M = TypeVar("M", bound=Message)
FEWER = "[shortened: ask for fewer with max-results]"


class Part(Protocol):
    """A part of a reply that may be shortened."""

    @property
    def size(self) -> int:
        """How many bytes it takes at most."""

    def cut(self, size: int) -> None:
        """Leaves about as many bytes of it, and a mark."""


def fitting(
    items: Sequence[M], parts_of: Callable[[M], Iterable[Part]], most: int = TEXT_BYTES
) -> Sequence[M]:
    """Returns what is to be listed, the largest parts of it shortened if it is too much."""
    if 6 * sum(item.ByteSize() for item in items) <= most:
        return items
    parts = sorted((part for item in items for part in parts_of(item)), key=lambda part: part.size)
    for index, part in enumerate(parts):
        share = most // (len(parts) - index)
        if part.size > share:
            for large in parts[index:]:
                large.cut(share)
            break
        most -= part.size
    return items


class Text:
    """A text."""

    def __init__(self, item: Any, name: str, mark: str) -> None:
        """Takes the message that has it, its field, and what to say when it is cut."""
        self._item, self._name, self._mark = item, name, mark
        self.size = json_bytes(getattr(item, name))

    def cut(self, size: int) -> None:
        """See `Part`."""
        text = getattr(self._item, self._name)
        setattr(self._item, self._name, cut(text, self.size, size, self._mark))


class Texts:
    """Texts by name: the first of them stay."""

    def __init__(self, texts: MutableMapping[str, str]) -> None:
        self._texts = texts
        self.size = sum(map(self._size, texts))

    def cut(self, size: int) -> None:
        """See `Part`."""
        for name in list(self._texts):
            size -= self._size(name)
            if size < 0:
                del self._texts[name]

    def _size(self, name: str) -> int:
        return json_bytes(name) + json_bytes(self._texts[name])


class Some:
    """Links or pictures: the first of them stay."""

    def __init__(self, parts: MutableSequence[Any]) -> None:
        self._parts = parts
        self.size = sum(map(_message_bytes, parts))

    def cut(self, size: int) -> None:
        """See `Part`."""
        for index, part in enumerate(self._parts):
            size -= _message_bytes(part)
            if size < 0:
                del self._parts[index:]
                return


def _message_bytes(message: Message) -> int:
    return sum(json_bytes(value) for _, value in message.ListFields())


def cut(text: str, is_now: int, size: int, mark: str) -> str:
    """Returns the beginning of a text, and a mark; `is_now` many bytes shall be `size`."""
    length = len(text) * size // max(is_now, 1)
    while length and json_bytes(text[:length]) > size:
        length = length * 9 // 10
    return f"{text[:length]}…\n\n{mark}"
