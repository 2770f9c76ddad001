"""What the comments of the protos say about each of their parts."""

import re
from collections.abc import Iterable, Iterator

from google.protobuf import descriptor_pb2 as pb

# Where descriptor.proto keeps what is in a file, and in a message, an enum or a service.
MESSAGES, ENUMS, SERVICES = (
    pb.FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER,
    pb.FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER,
    pb.FileDescriptorProto.SERVICE_FIELD_NUMBER,
)
NESTED_MESSAGES, NESTED_ENUMS, FIELDS = (
    pb.DescriptorProto.NESTED_TYPE_FIELD_NUMBER,
    pb.DescriptorProto.ENUM_TYPE_FIELD_NUMBER,
    pb.DescriptorProto.FIELD_FIELD_NUMBER,
)
VALUES = pb.EnumDescriptorProto.VALUE_FIELD_NUMBER
METHODS = pb.ServiceDescriptorProto.METHOD_FIELD_NUMBER

FOR_TOOLS = "buf:lint:ignore"


class NoComments(ValueError):
    """A descriptor set that was made without --include_source_info."""


class Comments:
    """The comments of a descriptor set, each without its line breaks; "" where there is none."""

    def __init__(self, files: Iterable[pb.FileDescriptorProto]) -> None:
        self._texts: dict[str, str] = {}
        for file in files:
            said = {tuple(one.path): one.leading_comments for one in file.source_code_info.location}
            self._texts |= {name: _flowing(said.get(path, "")) for path, name in _parts(file)}
        if not any(self._texts.values()):
            raise NoComments("the descriptor set has no comments: make it with source info")

    def of(self, name: str) -> str:
        """The comment of a part, by its full name with a dot before it."""
        return self._texts.get(name, "")


def first_sentence(text: str) -> str:
    """Returns how a comment begins, without the full stop."""
    return re.split(r"[.:](?:\s|$)", text, maxsplit=1)[0]


def _flowing(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    kept = "\n".join(line for line in lines if not line.startswith(FOR_TOOLS))
    paragraphs = (part.replace("\n", " ").strip() for part in kept.split("\n\n"))
    return "\n\n".join(filter(None, paragraphs))


def _parts(file: pb.FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    scope = f".{file.package}"
    for index, message in enumerate(file.message_type):
        yield from _message((MESSAGES, index), scope, message)
    for index, enum in enumerate(file.enum_type):
        yield from _enum((ENUMS, index), scope, enum)
    for index, service in enumerate(file.service):
        name = f"{scope}.{service.name}"
        yield (SERVICES, index), name
        for number, method in enumerate(service.method):
            yield (SERVICES, index, METHODS, number), f"{name}.{method.name}"


def _message(
    path: tuple[int, ...], scope: str, message: pb.DescriptorProto
) -> Iterator[tuple[tuple[int, ...], str]]:
    name = f"{scope}.{message.name}"
    yield path, name
    for index, field in enumerate(message.field):
        yield (*path, FIELDS, index), f"{name}.{field.name}"
    for index, nested in enumerate(message.nested_type):
        yield from _message((*path, NESTED_MESSAGES, index), name, nested)
    for index, enum in enumerate(message.enum_type):
        yield from _enum((*path, NESTED_ENUMS, index), name, enum)


def _enum(
    path: tuple[int, ...], scope: str, enum: pb.EnumDescriptorProto
) -> Iterator[tuple[tuple[int, ...], str]]:
    name = f"{scope}.{enum.name}"
    yield path, name
    for index, value in enumerate(enum.value):
        yield (*path, VALUES, index), f"{name}.{value.name}"
