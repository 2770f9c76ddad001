"""What differs between two documents: record by record, field by field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Value

from services.escalation.domain.checks import folded
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.configuration.v1.configuration_service_pb2 import Change, FieldChange

#: A record as a document has it.
Told = Mapping[str, Any]
_ABSENT: Any = object()


def differences(before: Configuration, after: Configuration) -> list[Change]:
    """Returns how a document becomes another: by section, in each by name."""
    changes = []
    for field in Configuration.DESCRIPTOR.fields:
        was = _by_name(getattr(before, field.name))
        becomes = _by_name(getattr(after, field.name))
        for key in sorted({*was, *becomes}):
            change = _change(field.json_name, was.get(key), becomes.get(key))
            if change is not None:
                changes.append(change)
    return changes


def name_of(told: Told) -> str:
    """Returns what a record of any section is called."""
    record = told.get("schedule", told)
    name = str(record.get("name") or record.get("email") or "")
    return f"{name} ({record['integrationType']})" if "integrationType" in record else name


def _by_name(records: Iterable[Message]) -> dict[tuple[str, int], Told]:
    """Returns records by name; of those that are called the same, each by its place."""
    found: dict[tuple[str, int], Told] = {}
    for told in map(MessageToDict, records):
        key = folded(name_of(told))
        found[key, sum(name == key for name, _ in found)] = told
    return found


def _change(section: str, was: Told | None, becomes: Told | None) -> Change | None:
    if was == becomes:
        return None
    action = "CREATE" if was is None else "DELETE" if becomes is None else "UPDATE"
    name = name_of(becomes if becomes is not None else was or {})
    fields = [] if becomes is None else _fields("", was or {}, becomes)
    return Change(action=action, section=section, name=name, fields=fields)


def _fields(place: str, was: Any, becomes: Any) -> Iterator[FieldChange]:
    """Yields what differs, as deep as both sides go."""
    if was == becomes:
        return
    if isinstance(was, Mapping) and isinstance(becomes, Mapping):
        for name in dict.fromkeys((*was, *becomes)):
            where = f"{place}.{name}" if place else name
            yield from _fields(where, was.get(name, _ABSENT), becomes.get(name, _ABSENT))
    elif isinstance(was, list) and isinstance(becomes, list):
        for index in range(max(len(was), len(becomes))):
            yield from _fields(f"{place}[{index}]", _at(was, index), _at(becomes, index))
    else:
        change = FieldChange(field=place)
        for told, side in ((was, change.before), (becomes, change.after)):
            if told is not _ABSENT:
                side.CopyFrom(ParseDict(told, Value()))
        yield change


def _at(items: Sequence[Any], index: int) -> Any:
    return items[index] if index < len(items) else _ABSENT
