"""What the protos say about the public methods: where each is over REST, and how it answers.

Refuses what Envoy would refuse at start, and what would let a query or a body override the path.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2 as pb

from tocsin.edge.v1 import options_pb2

PUBLIC_PACKAGE = re.compile(r"tocsin\.(?P<cluster>[a-z]+)\.v\d+")
#: What is about all services, and which one answers it.
SERVED_BY = {"configuration": "escalation"}
VARIABLE = re.compile(r"\{([a-z_.]+)(=\*\*)?\}")
SUCCESSES = (0, 200, 201, 202, 204)
DEFAULT_TIMEOUT_MS = 10_000
HTTP_BODY = ".google.api.HttpBody"
ANY_JSON = ".google.protobuf.Struct"


class BadOptions(ValueError):
    """A method's options that the edge cannot serve."""


@dataclass(frozen=True)
class Binding:
    """One way to call a method over REST."""

    verb: str
    template: str
    body: str

    @property
    def variables(self) -> list[str]:
        """The fields that the path fills."""
        return [match[1] for match in VARIABLE.finditer(self.template)]

    @property
    def regex(self) -> str:
        """Matches the paths of the template, with and without a slash at the end."""
        parts = VARIABLE.split(self.template)
        literals, wildcards = parts[::3], parts[2::3]
        text = re.escape(literals[0])
        for wildcard, literal in zip(wildcards, literals[1:], strict=True):
            text += (".*" if wildcard else "[^/]+") + re.escape(literal)
        return text.replace("\\-", "-") + "/?"

    @property
    def vagueness(self) -> tuple[bool, ...]:
        """Sorts templates so that a literal segment comes before a variable."""
        return tuple(VARIABLE.search(segment) is not None for segment in self.template.split("/"))


@dataclass(frozen=True)
class Method:
    """A public method."""

    cluster: str
    service: str
    name: str
    streaming: bool
    bindings: tuple[Binding, ...]
    success: int
    unwrap: bool
    empty_is_no_content: bool
    any_media_type: bool
    idempotent: bool
    lenient_query: bool
    timeout_ms: int
    dialect: str  # in which errors are told: a HttpHints.Dialect by name
    json_names: Mapping[str, str]  # of request fields whose JSON name is not the usual camelCase
    words: tuple[str, ...]  # JSON names of request fields in which "" is no word
    wall_times: Mapping[str, str]  # by JSON names of times, where those without a zone belong
    only_included: tuple[str, ...]  # of a reply's fields that are left out while they are empty

    @property
    def full_name(self) -> str:
        """The name that logs show."""
        return f"{self.service}/{self.name}"


class Protos:
    """The messages and services of a descriptor set."""

    def __init__(self, descriptor_set: bytes) -> None:
        self.files = pb.FileDescriptorSet.FromString(descriptor_set).file
        self.messages = {
            name: message
            for file in self.files
            for name, message in _messages(f".{file.package}", file.message_type)
        }

    def methods(self) -> list[Method]:
        """Every method of the services that have a public package."""
        found = [
            self._method(_cluster(public["cluster"]), f"{file.package}.{service.name}", method)
            for file in self.files
            if (public := PUBLIC_PACKAGE.fullmatch(file.package)) and public["cluster"] != "edge"
            for service in file.service
            for method in service.method
        ]
        _check_unique(found)
        return found

    def _method(self, cluster: str, service: str, method: pb.MethodDescriptorProto) -> Method:
        try:
            found = self._read(cluster, service, method)
            self._check(found, method)
        except BadOptions as bad:
            raise BadOptions(f"{service}/{method.name}: {bad}") from None
        return found

    def _read(self, cluster: str, service: str, method: pb.MethodDescriptorProto) -> Method:
        # protoc types an extension as a bare descriptor.
        hints: options_pb2.HttpHints = method.options.Extensions[options_pb2.http]  # type: ignore[index]
        rule = method.options.Extensions[annotations_pb2.http]
        fields = list(self._fields(method.input_type, set()))
        reply = self.messages[method.output_type].field
        own = reply[0].type_name if hints.unwrap and reply else method.output_type
        return Method(
            cluster=cluster,
            service=service,
            name=method.name,
            streaming=method.client_streaming or method.server_streaming,
            bindings=tuple(_bindings(rule)),
            success=hints.success,
            unwrap=hints.unwrap,
            empty_is_no_content=hints.empty_is_no_content,
            any_media_type=hints.any_media_type,
            idempotent=hints.idempotent,
            lenient_query=hints.lenient_query,
            timeout_ms=hints.timeout_ms or DEFAULT_TIMEOUT_MS,
            dialect=options_pb2.HttpHints.Dialect.Name(
                hints.dialect or options_pb2.HttpHints.ILERT
            ),
            json_names={f.name: f.json_name for f in fields if f.json_name != _camel(f.name)},
            words=_words(fields),
            wall_times=self._wall_times(rule, method),
            only_included=tuple(sorted(set(self._left_out(method.output_type, own, set())))),
        )

    def _check(self, found: Method, method: pb.MethodDescriptorProto) -> None:
        if found.streaming and found.bindings:
            _check_stream(found, method)
        if found.success not in SUCCESSES:
            raise BadOptions(f"success {found.success} is none of {SUCCESSES[1:]}")
        reply = self.messages[method.output_type].field
        if found.unwrap and not (len(reply) == 1 and _repeated(reply[0])):
            raise BadOptions("unwrap needs a reply with one repeated field and nothing else")
        fields = {field.name: field for field in self.messages[method.input_type].field}
        for binding in found.bindings:
            _check_binding(binding, fields)

    def _fields(self, type_name: str, seen: set[str]) -> Iterator[pb.FieldDescriptorProto]:
        """The fields of a message and of all messages in it."""
        if type_name in seen:
            return
        seen.add(type_name)
        yield from self.messages[type_name].field
        for field in self.messages[type_name].field:
            if field.type_name in self.messages:
                yield from self._fields(field.type_name, seen)

    def _wall_times(
        self, rule: http_pb2.HttpRule, method: pb.MethodDescriptorProto
    ) -> Mapping[str, str]:
        """Where times without a zone belong, in a body and what is directly in it."""
        fields = [f for f in self.messages[method.input_type].field if f.name == rule.body]
        fields = [field for each in fields for field in self._of(each)]
        fields += [field for each in fields for field in self._of(each)]
        walls = {}
        for field in fields:
            options: Any = field.options  # as below
            if wall := options.Extensions[options_pb2.wall_time]:
                walls[field.json_name] = _camel(wall)
        return walls

    def _of(self, field: pb.FieldDescriptorProto) -> Sequence[pb.FieldDescriptorProto]:
        known = self.messages.get(field.type_name)
        return known.field if known else ()

    def _left_out(self, type_name: str, own: str, seen: set[str]) -> Iterator[str]:
        """The fields that a reply, whose own record is of a type, leaves out while empty."""
        if type_name in seen or type_name not in self.messages:
            return
        seen.add(type_name)
        for field in self.messages[type_name].field:
            options: Any = field.options  # protoc types an extension as a bare descriptor
            referred = type_name != own and options.Extensions[options_pb2.not_in_references]
            if options.Extensions[options_pb2.only_included] or referred:
                yield field.json_name
            yield from self._left_out(field.type_name, own, seen)


def _cluster(package: str) -> str:
    return SERVED_BY.get(package, package)


def _check_stream(found: Method, method: pb.MethodDescriptorProto) -> None:
    """Refuses streams whose end the edge would have to wait for, to make a reply of them."""
    if method.client_streaming or method.output_type != HTTP_BODY:
        raise BadOptions("a stream has no REST form here, unless it is one of HttpBody")
    if found.success not in (0, 200):
        raise BadOptions("a stream succeeds with 200")
    if any(binding.body for binding in found.bindings):
        raise BadOptions("a stream is asked for without a body")


def _check_unique(methods: Iterable[Method]) -> None:
    taken: dict[tuple[str, str], str] = {}
    for method in methods:
        for binding in method.bindings:
            other = taken.setdefault((binding.verb, binding.regex), method.full_name)
            if other != method.full_name:
                raise BadOptions(f"{method.full_name}: {other} has {binding.verb} of the path")


def _check_binding(binding: Binding, fields: Mapping[str, pb.FieldDescriptorProto]) -> None:
    if "{" in VARIABLE.sub("", binding.template):
        raise BadOptions(f"only {{name}} and {{name=**}} are understood, not {binding.template}")
    for name in binding.variables:
        if name not in fields:
            raise BadOptions(f"{binding.template} names a field that the request does not have")
        if not fields[name].proto3_optional:
            raise BadOptions(f"{name} is not optional: a query could override the path")
    if binding.variables and binding.body == "*":
        raise BadOptions("the body could override the path: bind it to a field")
    if binding.body not in ("", "*", *fields):
        raise BadOptions(f"the request has no field {binding.body} for the body")


def _messages(
    scope: str, messages: Iterable[pb.DescriptorProto]
) -> Iterator[tuple[str, pb.DescriptorProto]]:
    for message in messages:
        name = f"{scope}.{message.name}"
        yield name, message
        yield from _messages(name, message.nested_type)


def _bindings(rule: http_pb2.HttpRule) -> Iterator[Binding]:
    for one in (rule, *rule.additional_bindings):
        if one.response_body:
            raise BadOptions("Envoy refuses response_body")
        match one.WhichOneof("pattern"):
            case None:
                continue
            case "custom":
                yield Binding(one.custom.kind.upper(), one.custom.path, one.body)
            case verb:
                yield Binding(verb.upper(), getattr(one, verb), one.body)


def _repeated(field: pb.FieldDescriptorProto) -> bool:
    return field.label == pb.FieldDescriptorProto.LABEL_REPEATED


def _words(fields: Sequence[pb.FieldDescriptorProto]) -> tuple[str, ...]:
    """The enums, unless a field takes any JSON: members in there are not the edge's to touch."""
    found = {f.json_name for f in fields if f.type == pb.FieldDescriptorProto.TYPE_ENUM}
    return () if any(f.type_name == ANY_JSON for f in fields) else tuple(sorted(found))


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)
