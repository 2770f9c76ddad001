"""What of alerts, comments and log entries is shortened in lists, when it is too much."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from services.alertstate.custom_details import RAW
from services.chassis import shortening
from services.chassis.replies import TEXT_BYTES, json_bytes
from services.chassis.shortening import FEWER, Part, Some, Text, Texts, cut
from tocsin.alertstate.v1.alert_pb2 import Alert, Comment, LogEntry

M = TypeVar("M", Alert, Comment, LogEntry)


def fitting(items: Sequence[M], most: int = TEXT_BYTES) -> Sequence[M]:
    """Returns what is to be listed, the largest parts of it shortened if it is too much."""
    return shortening.fitting(items, _parts, most)


def _parts(item: Message) -> Iterator[Part]:
    match item:
        case Alert():
            mark = f"[shortened: /api/alerts/{item.id} has the whole]"
            yield Text(item, "details", mark)
            yield Texts(item.labels)
            yield Some(item.links)
            yield Some(item.images)
            if item.HasField("custom_details"):
                yield _Custom(item, mark)
        case Comment():
            yield Text(item, "content", FEWER)
        case LogEntry():
            yield Text(item, "text", FEWER)
            for name in item.vars:
                yield _Var(item, name)


class _Var:
    """A text that went into a log entry."""

    def __init__(self, entry: LogEntry, name: str) -> None:
        self._entry, self._name = entry, name
        self.size = json_bytes(name) + json_bytes(entry.vars[name])

    def cut(self, size: int) -> None:
        self._entry.vars[self._name] = cut(self._entry.vars[self._name], self.size, size, FEWER)


class _Custom:
    """Custom details: what is left of them is text."""

    def __init__(self, alert: Alert, mark: str) -> None:
        self._alert, self._mark = alert, mark
        self.size = max(alert.custom_details.ByteSize(), json_bytes(self._text()))

    def cut(self, size: int) -> None:
        text = self._text()
        self._alert.custom_details.Clear()
        self._alert.custom_details.update({RAW: cut(text, json_bytes(text), size, self._mark)})

    def _text(self) -> str:
        told = self._alert.custom_details
        return json_format.MessageToJson(told, indent=None, ensure_ascii=False)
