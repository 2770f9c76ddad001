"""The public methods as OpenAPI operations: what is asked, what is answered, who may ask."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf import descriptor_pb2 as pb

from deploy.envoy.methods import HTTP_BODY, Binding, Method
from deploy.openapi import dialects
from deploy.openapi.comments import Comments, first_sentence
from deploy.openapi.schemas import REQUIRED, WELL_KNOWN, Schema, Schemas
from tocsin.edge.v1 import options_pb2

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ANY = "*/*"
#: The HTTP statuses of the codes that the comments of the protos name.
STATUSES = {
    "INVALID_ARGUMENT": 400,
    "OUT_OF_RANGE": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
}
CODE = re.compile(rf"\b({'|'.join(STATUSES)})\b")
HTTP_STATUS = re.compile(r"\bHTTP (4\d\d)\b")
OWN_NOUN = re.compile(r"/api/(?!v\d)([a-z-]+)")
LAST_WORD = re.compile(r"Service$")


class BadParameter(ValueError):
    """A field that no query can hold."""


class Operations:
    """Makes the operations of a document."""

    def __init__(self, comments: Comments, schemas: Schemas) -> None:
        self._comments = comments
        self._schemas = schemas

    def of(self, method: Method, told: pb.MethodDescriptorProto) -> Iterator[tuple[str, str, Any]]:
        """A method's operations, each with its path and its verb."""
        for number, binding in enumerate(method.bindings):
            suffix = str(number + 1) if number else ""
            operation = self._operation(method, told, binding)
            operation["operationId"] += suffix
            yield self._path(binding, told), binding.verb.lower(), operation

    def _operation(
        self, method: Method, told: pb.MethodDescriptorProto, binding: Binding
    ) -> dict[str, Any]:
        said = self._comments.of(f".{method.service}.{method.name}")
        made: dict[str, Any] = {
            "operationId": method.name[0].lower() + method.name[1:],
            "tags": [_tag(method, binding)],
            "summary": first_sentence(said),
            "description": said,
            "security": _security(method, told),
            "parameters": list(self._parameters(binding, told)),
        }
        if binding.body:
            made["requestBody"] = self._body(binding, told)
        made["responses"] = self._success(method, told) | _failures(method, said)
        return made

    def _path(self, binding: Binding, told: pb.MethodDescriptorProto) -> str:
        names = {field.name: field.json_name for field, _ in self._schemas.fields(told.input_type)}
        return re.sub(r"\{(\w+)[^}]*\}", lambda match: f"{{{names[match[1]]}}}", binding.template)

    def _parameters(
        self, binding: Binding, told: pb.MethodDescriptorProto
    ) -> Iterator[dict[str, Any]]:
        """Those of the path, then the fields that neither the path nor the body has."""
        fields = {one[0].name: one for one in self._schemas.fields(told.input_type)}
        for name in binding.variables:
            yield self._parameter(*fields.pop(name), "path")
        fields.pop(binding.body, None)
        for field, said in fields.values() if binding.body != "*" else ():
            yield self._parameter(field, said, "query")

    def _parameter(self, field: pb.FieldDescriptorProto, said: str, place: str) -> dict[str, Any]:
        message = field.type == pb.FieldDescriptorProto.TYPE_MESSAGE
        if message and field.type_name not in WELL_KNOWN:
            raise BadParameter(f"{field.name} is a message, which no {place} holds")
        required = {"required": True} if place == "path" or REQUIRED.search(said) else {}
        return {
            "name": field.json_name,
            "in": place,
            "description": said,
            **required,
            "schema": self._schemas.field(field),
        }

    def _body(self, binding: Binding, told: pb.MethodDescriptorProto) -> dict[str, Any]:
        schema = self._body_schema(binding, told)
        required = {"required": True} if "allOf" in schema else {}
        media_type = FORM if _hints(told).any_media_type else JSON
        return {**required, "content": {media_type: {"schema": schema}}}

    def _body_schema(self, binding: Binding, told: pb.MethodDescriptorProto) -> Schema:
        if binding.body == "*":
            return self._schemas.asked(told.input_type)
        fields = {field.name: field for field, _ in self._schemas.fields(told.input_type)}
        type_name = fields[binding.body].type_name
        if type_name != HTTP_BODY:
            return self._schemas.asked(type_name)
        documented = _hints(told).body_message
        return self._schemas.asked(f".{documented}") if documented else {}

    def _success(self, method: Method, told: pb.MethodDescriptorProto) -> dict[str, Any]:
        status = str(method.success or 200)
        if status == "204":
            return {status: {"description": "Done."}}
        described = self._comments.of(told.output_type) or "Done."
        reply: dict[str, Any] = {"description": described}
        if told.output_type == HTTP_BODY:
            said = _hints(told).reply_type or ANY
            media_type = "text/event-stream" if method.streaming else said
            reply["content"] = {media_type: {"schema": {"type": "string"}}}
        else:
            reply["content"] = {JSON: {"schema": self._reply(method, told)}}
        nothing = {"204": {"description": "There is nothing to tell."}}
        return {status: reply} | (nothing if method.empty_is_no_content else {})

    def _reply(self, method: Method, told: pb.MethodDescriptorProto) -> Schema:
        if not method.unwrap:
            return self._schemas.message(told.output_type)
        ((field, _),) = self._schemas.fields(told.output_type)
        return self._schemas.field(field)


def checked(operations: Iterable[tuple[str, str, Any]]) -> dict[str, dict[str, Any]]:
    """The operations by path and verb. Raises ValueError if two have one id or one place.

    Services may have methods of one name: all but the first are called by the ends of their paths.
    """
    paths: dict[str, dict[str, Any]] = {}
    ids: set[str] = set()
    for path, verb, operation in operations:
        verbs = paths.setdefault(path, {})
        if operation["operationId"] in ids:
            operation["operationId"] += path.rpartition("/")[2].capitalize()
        if verb in verbs or operation["operationId"] in ids:
            raise ValueError(f"{operation['operationId']}: its path or its name is taken")
        ids.add(operation["operationId"])
        verbs[verb] = operation
    return paths


def _tag(method: Method, binding: Binding) -> str:
    """What an operation is about: the noun of its path, or of its service at others' paths."""
    noun = OWN_NOUN.match(binding.template)
    if noun:
        return noun[1].replace("-", " ").capitalize()
    service = LAST_WORD.sub("", method.service.rpartition(".")[2])
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", service).capitalize()


def _security(method: Method, told: pb.MethodDescriptorProto) -> list[Any]:
    # protoc types an extension as a bare descriptor.
    access: options_pb2.Access = told.options.Extensions[options_pb2.access]  # type: ignore[index]
    if access.open:
        return list(dialects.DOOR_KEYS.get(method.dialect, ()))
    return [{dialects.TOKEN: [access.scope]}]


def _failures(method: Method, said: str) -> dict[str, Any]:
    """What a caller is told if it goes wrong: any status, and those that the comment names."""
    named = {STATUSES[code] for code in CODE.findall(said)}
    named |= {int(status) for status in HTTP_STATUS.findall(said)}
    reply = {"$ref": f"#/components/responses/{dialects.schema_name(method.dialect)}"}
    return {**{str(status): reply for status in sorted(named)}, "4XX": reply, "5XX": reply}


def _hints(told: pb.MethodDescriptorProto) -> options_pb2.HttpHints:
    hints: options_pb2.HttpHints = told.options.Extensions[options_pb2.http]  # type: ignore[index]
    return hints
