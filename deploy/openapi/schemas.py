"""JSON schemas of messages and enums, as the edge reads and writes them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2 as pb

from deploy.openapi.comments import Comments

Schema: TypeAlias = dict[str, Any]
Field = pb.FieldDescriptorProto

SCALARS: Mapping[int, Schema] = {
    Field.TYPE_BOOL: {"type": "boolean"},
    Field.TYPE_STRING: {"type": "string"},
    Field.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    Field.TYPE_DOUBLE: {"type": "number", "format": "double"},
    Field.TYPE_FLOAT: {"type": "number", "format": "float"},
    Field.TYPE_INT32: {"type": "integer", "format": "int32"},
    Field.TYPE_UINT32: {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    Field.TYPE_INT64: {"type": "string", "format": "int64"},  # beyond what JSON counts with
    Field.TYPE_UINT64: {"type": "string", "format": "uint64"},
}
WELL_KNOWN: Mapping[str, Schema] = {
    ".google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    ".google.protobuf.Duration": {"type": "string", "examples": ["90s"]},
    ".google.protobuf.Struct": {"type": "object"},
    ".google.protobuf.ListValue": {"type": "array"},
    ".google.protobuf.Value": {},
}
#: "Required." and "Required; the id suffices.", but not "Required unless ...".
REQUIRED = re.compile(r"\bRequired[.;]")
OUTPUT_ONLY = re.compile(r"\bOutput only\b")
PLACE = re.compile(r"\.tocsin\.(?P<owner>\w+)\.v\d+\.(?P<name>[\w.]+)")


class UnknownType(ValueError):
    """A type of field that no schema is known for."""


class Schemas:
    """The schemas of those messages and enums that were asked for, by reference."""

    def __init__(self, files: Iterable[pb.FileDescriptorProto], comments: Comments) -> None:
        self._comments = comments
        self._messages: dict[str, pb.DescriptorProto] = {}
        self._enums: dict[str, pb.EnumDescriptorProto] = {}
        for file in files:
            self._enums |= {f".{file.package}.{one.name}": one for one in file.enum_type}
            for message in file.message_type:
                self._add(f".{file.package}.{message.name}", message)
        self._taken = Counter(map(_short, (*self._messages, *self._enums)))
        self._made: dict[str, Schema] = {}

    def made(self) -> dict[str, Schema]:
        """What was asked for, and all that it refers to, by name."""
        return dict(sorted(self._made.items()))

    def fields(self, type_name: str) -> Iterator[tuple[pb.FieldDescriptorProto, str]]:
        """The fields of a message, each with what is said about it."""
        for field in self._messages[type_name].field:
            yield field, self._comments.of(f"{type_name}.{field.name}")

    def message(self, type_name: str) -> Schema:
        """The schema of a message."""
        if type_name in WELL_KNOWN:
            return dict(WELL_KNOWN[type_name])
        return self._reference(type_name)

    def asked(self, type_name: str) -> Schema:
        """The schema of a message as a request's body.

        Only here is required what the comments say: what refers to a thing gives its id alone.
        """
        required = [
            field.json_name for field, said in self.fields(type_name) if REQUIRED.search(said)
        ]
        schema = self.message(type_name)
        return {"allOf": [schema, {"required": required}]} if required else schema

    def field(self, field: pb.FieldDescriptorProto) -> Schema:
        """The schema of a field's value."""
        inner = self._messages.get(field.type_name)
        if inner is not None and inner.options.map_entry:
            return {"type": "object", "additionalProperties": self._one(inner.field[1])}
        one = self._one(field)
        if field.label == Field.LABEL_REPEATED:
            return {"type": "array", "items": one}
        return one

    def _one(self, field: pb.FieldDescriptorProto) -> Schema:
        if field.type == Field.TYPE_MESSAGE:
            return self.message(field.type_name)
        if field.type == Field.TYPE_ENUM:
            return self._reference(field.type_name)
        if field.type not in SCALARS:
            raise UnknownType(f"{field.name} has the type {field.type}")
        return dict(SCALARS[field.type])

    def _reference(self, type_name: str) -> Schema:
        name = self._name(type_name)
        if name not in self._made:
            self._made[name] = {}  # a message may hold itself
            enum = type_name in self._enums
            self._made[name] = self._words(type_name) if enum else self._object(type_name)
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, type_name: str) -> Schema:
        properties: dict[str, Schema] = {}
        for field, said in self.fields(type_name):
            told: Schema = {"description": said} if said else {}
            if OUTPUT_ONLY.search(said):
                told["readOnly"] = True
            properties[field.json_name] = {**self.field(field), **told}
        return {
            "type": "object",
            "description": self._comments.of(type_name),
            "properties": properties,
        }

    def _words(self, type_name: str) -> Schema:
        """The words of an enum, without the one that stands for none."""
        values = [value for value in self._enums[type_name].value if value.number]
        said = "\n".join(
            f"- `{value.name}`: {self._comments.of(f'{type_name}.{value.name}')}"
            for value in values
        )
        return {
            "type": "string",
            "description": f"{self._comments.of(type_name)}\n\n{said}",
            "enum": [value.name for value in values],
        }

    def _name(self, type_name: str) -> str:
        """A name that no other type has; services of two owners may use the same one."""
        short = _short(type_name)
        place = PLACE.fullmatch(type_name)
        return short if self._taken[short] == 1 or not place else place["owner"].title() + short

    def _add(self, name: str, message: pb.DescriptorProto) -> None:
        self._messages[name] = message
        self._enums |= {f"{name}.{one.name}": one for one in message.enum_type}
        for nested in message.nested_type:
            self._add(f"{name}.{nested.name}", nested)


def _short(type_name: str) -> str:
    place = PLACE.fullmatch(type_name)
    return (place["name"] if place else type_name).replace(".", "")
