"""Documents of configuration in files: YAML or JSON, read strictly, by what the messages are.

What a word stands for is said by its field, never guessed: `no`, `09:00` and `2026-01-01` are
texts where a text belongs.
"""

import difflib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.timestamp_pb2 import Timestamp

from services.cli.client.calling import Refused
from tocsin.configuration.v1.configuration_pb2 import Configuration

STANDARD_INPUT = "-"
LARGEST_BYTES = 4 * 1024 * 1024
#: Anchors may stand for parts, but not for more than could have been written out.
MOST_VALUES = 500_000
DEEPEST = 40
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_TAGS = {f"tag:yaml.org,2002:{word}" for word in ("map", "seq", "str", "int", "bool", "null")}
_NOTHING = ("", "~", "null")
_WHOLE = {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64}


def read(file: str) -> Configuration:
    """Returns the document in a file; "-" is the standard input. Raises Refused."""
    try:
        data = _bytes(file)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror or error}") from None
    if len(data) > LARGEST_BYTES:
        raise Refused(f"{file} is larger than {LARGEST_BYTES // 1024 // 1024} MiB")
    try:
        return parse(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused(f"{file} is not UTF-8") from None
    except Refused as refused:
        raise Refused(f"{file}: {refused}") from None


def parse(text: str) -> Configuration:
    """Returns the document that a text is, in JSON or YAML. Raises Refused naming the place."""
    try:
        tree = _json(text) if text.lstrip().startswith("{") else _yaml(text)
        told = _message(tree or {}, Configuration.DESCRIPTOR, "")
    except RecursionError:
        raise Refused(f"it is deeper than {DEEPEST} levels") from None
    return ParseDict(told, Configuration())


def to_yaml(document: Configuration) -> str:
    """Returns a document as YAML."""
    return lines(MessageToDict(document))


def to_json(document: Configuration) -> str:
    """Returns a document as JSON."""
    return json.dumps(MessageToDict(document), indent=2, ensure_ascii=False) + "\n"


def lines(value: Any) -> str:
    """Returns any value as YAML."""
    told: str = yaml.dump(
        value, Dumper=_Plain, sort_keys=False, allow_unicode=True, default_flow_style=False
    )
    return told


class _Plain(yaml.SafeDumper):
    """Writes what is there twice out twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Tells that nothing is to be referred to."""
        return True


def write(file: str, text: str) -> None:
    """Writes a document to a file. Raises Refused."""
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror or error}") from None


def _bytes(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read(LARGEST_BYTES + 1)
    with Path(file).open("rb") as opened:
        return opened.read(LARGEST_BYTES + 1)


def _json(text: str) -> Any:
    def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        told = dict(pairs)
        if len(told) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise Refused(f"{twice} is there twice in one object")
        return told

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise Refused(f"line {error.lineno}: no JSON: {error.msg}") from None


def _yaml(text: str) -> Any:
    try:
        _refuse_depth(yaml.parse(text, Loader=_LOADER))
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise Refused(f"{where}no YAML: {getattr(error, 'problem', None) or error}") from None
    return None if root is None else _Tree().value(root, 0)


def _refuse_depth(events: Iterable[yaml.Event]) -> None:
    """Raises Refused for what is so deep that reading it would end this program."""
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Refused(f"it is deeper than {DEEPEST} levels")


class _Tree:
    """Turns the nodes of a YAML document into plain values, as many as are allowed."""

    def __init__(self) -> None:
        self._count = 0

    def value(self, node: yaml.Node, depth: int) -> Any:
        """Returns a node as a dict, a list, a text, or None."""
        self._count += 1
        where = f"line {node.start_mark.line + 1}"
        if self._count > MOST_VALUES:
            raise Refused(f"{where}: there are more than {MOST_VALUES} values")
        if depth > DEEPEST:
            raise Refused(f"{where}: it is deeper than {DEEPEST} levels")
        if node.tag not in _TAGS:
            raise Refused(f"{where}: the tag {node.tag} means nothing here")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, depth + 1) for each in node.value]
        assert isinstance(node, yaml.ScalarNode)
        plain = node.style is None or node.style == ""
        return None if plain and node.value in _NOTHING else node.value

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for key, value in node.value:
            where = f"line {key.start_mark.line + 1}"
            if not isinstance(key, yaml.ScalarNode):
                raise Refused(f"{where}: a name must be a text")
            if key.value in told:
                raise Refused(f"{where}: {key.value} is there twice")
            told[key.value] = self.value(value, depth + 1)
        return told


def _message(tree: Any, what: Any, place: str) -> dict[str, Any]:
    """Returns an object as JSON has it, by the fields of a message."""
    if not isinstance(tree, Mapping):
        raise Refused(f"{place or 'the document'} must be an object")
    fields = {field.json_name: field for field in what.fields}
    told = {}
    for name, value in tree.items():
        where = f"{place}.{name}" if place else str(name)
        if name not in fields:
            raise Refused(f"{where}: there is no such field{_like(name, fields)}")
        if value is not None:
            told[name] = _field(value, fields[name], where)
    return told


def _like(name: str, fields: Mapping[str, object]) -> str:
    alike = difflib.get_close_matches(name, fields, 1)
    return f"; is {alike[0]} meant?" if alike else f": make it one of {', '.join(fields)}"


def _field(value: Any, field: FieldDescriptor, place: str) -> Any:
    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        if not isinstance(value, Mapping):
            raise Refused(f"{place} must be an object")
        entry = inner.fields_by_name["value"]
        return {
            str(key): _one(each, entry, f"{place}.{key}")
            for key, each in value.items()
            if each is not None
        }
    if field.is_repeated:
        if not isinstance(value, list):
            raise Refused(f"{place} must be a list")
        return [_one(each, field, f"{place}[{index}]") for index, each in enumerate(value)]
    return _one(value, field, place)


def _one(value: Any, field: FieldDescriptor, place: str) -> Any:
    inner = field.message_type
    if inner is not None and inner.full_name == Timestamp.DESCRIPTOR.full_name:
        return _moment(value, place)
    if inner is not None:
        return _message(value, inner, place)
    return _scalar(value, field, place)


def _scalar(value: Any, field: FieldDescriptor, place: str) -> Any:
    if isinstance(value, Mapping | list) or value is None:
        raise Refused(f"{place} must be a single value")
    if field.cpp_type in _WHOLE:
        return _whole(value, place)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return _known(str(value).lower(), {"true": True, "false": False}, place)
    if field.enum_type is not None:
        return _known(value, {each.name: each.name for each in field.enum_type.values}, place)
    if not isinstance(value, str):
        raise Refused(f"{place} must be a text, in quotes")
    return value


def _known(value: Any, words: Mapping[str, Any], place: str) -> Any:
    if value not in words:
        shown = [word for word in words if not word.endswith("_UNSPECIFIED")]
        raise Refused(f"{place} must be {', '.join(shown)}, not {value}")
    return words[value]


def _whole(value: Any, place: str) -> int:
    try:
        if isinstance(value, bool | float):
            raise ValueError
        number = int(value)
    except ValueError:
        raise Refused(f"{place} must be a whole number, not {value}") from None
    if not -(2**31) <= number < 2**31:
        raise Refused(f"{place} must be a smaller number than {value}")
    return number


def _moment(value: Any, place: str) -> str:
    try:
        Timestamp().FromJsonString(value)
    except (ValueError, TypeError, AttributeError):
        raise Refused(
            f"{place} must be a point in time with a zone, like 2026-12-24T18:00:00Z, not {value}"
        ) from None
    return str(value)
