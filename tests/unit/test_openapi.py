"""The OpenAPI document is valid, tells of every path, and says what the protos say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy.envoy.methods import Protos
from deploy.openapi.comments import Comments, NoComments, first_sentence
from deploy.openapi.generate import PAGE, document
from deploy.openapi.operations import BadParameter
from deploy.openapi.schemas import Schemas, UnknownType

GEN = Path(__file__).parents[2] / "gen"
DESCRIPTORS = (GEN / "tocsin.binpb").read_bytes()
DOCUMENT: dict[str, Any] = json.loads((GEN / "openapi.json").read_text())
SCHEMAS = DOCUMENT["components"]["schemas"]
Field = descriptor_pb2.FieldDescriptorProto
JSON = "application/json"


def operations() -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: {**operation, "path": path, "verb": verb}
        for path, verbs in DOCUMENT["paths"].items()
        for verb, operation in verbs.items()
    }


def operation(name: str) -> dict[str, Any]:
    return operations()[name]


def asked(name: str) -> Any:
    return operation(name)["requestBody"]["content"][JSON]["schema"]


def answered(name: str, status: str) -> Any:
    return operation(name)["responses"][status]["content"][JSON]["schema"]


def parameters(name: str, place: str) -> dict[str, dict[str, Any]]:
    found = operation(name)["parameters"]
    return {one["name"]: one for one in found if one["in"] == place}


def file(comment: str = "What it is.", **more: Any) -> descriptor_pb2.FileDescriptorProto:
    """A file with one message, T, that has a comment."""
    made = descriptor_pb2.FileDescriptorProto(package="tocsin.ingest.v1", **more)
    made.message_type.insert(0, descriptor_pb2.DescriptorProto(name="T"))
    made.source_code_info.location.add(path=[4, 0], leading_comments=comment)
    return made


def test_the_document_is_valid() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_it_tells_of_every_path_of_the_edge() -> None:
    bindings = [
        (re.sub(r"{[^}]*}", "{}", binding.template), binding.verb.lower())
        for method in Protos(DESCRIPTORS).methods()
        for binding in method.bindings
        if method.dialect != PAGE
    ]

    told = [
        (re.sub(r"{[^}]*}", "{}", path), verb)
        for path, verbs in DOCUMENT["paths"].items()
        for verb in verbs
    ]
    assert sorted(told) == sorted(bindings)
    assert len(told) == len(operations()) > 50


def test_all_that_is_in_it_is_described() -> None:
    assert [name for name, one in operations().items() if not one["description"]] == []
    assert [name for name, one in SCHEMAS.items() if not one["description"].strip()] == []
    assert "buf:lint" not in json.dumps(DOCUMENT)


def test_nothing_internal_is_in_it() -> None:
    names = {**operations(), **SCHEMAS}
    assert [name for name in names if "TokenRecord" in name or "internal" in name.lower()] == []


def test_a_method_is_told_with_its_scope_its_words_and_its_statuses() -> None:
    told = operation("addResponder")

    assert (told["verb"], told["path"]) == ("post", "/api/alerts/{id}/responders")
    assert told["tags"] == ["Alerts"]
    assert told["summary"] == "Pages one more person about an alert"
    assert told["security"] == [{"token": ["alerts:write"]}]
    assert [*told["responses"]] == ["201", "400", "404", "405", "4XX", "5XX"]
    assert told["responses"]["405"] == {"$ref": "#/components/responses/IlertError"}


def test_parameters_have_the_names_that_the_wire_has() -> None:
    assert parameters("removeResponder", "path").keys() == {"id", "user-id"}
    assert operation("removeResponder")["path"] == "/api/alerts/{id}/responders/{user-id}"
    listed = parameters("listAlerts", "query")
    assert listed["start-index"]["schema"] == {"type": "integer", "format": "int32"}
    assert listed["from"]["schema"] == {"type": "string", "format": "date-time"}
    assert listed["states"]["schema"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/AlertStatus"},
    }
    assert "required" not in listed["states"]
    assert "deduplication_key[is]" in parameters("listHttpAlerts", "query")
    assert parameters("listSubjectNotifications", "query")["subject-id"]["required"] is True


def test_what_is_required_is_required_of_requests_alone() -> None:
    required = ["name", "integrationType", "escalationPolicy"]
    thing = {"$ref": "#/components/schemas/AlertSource"}

    assert asked("createAlertSource") == {"allOf": [thing, {"required": required}]}
    assert answered("createAlertSource", "201") == thing
    assert "required" not in SCHEMAS["AlertSource"]
    assert operation("createAlertSource")["requestBody"]["required"] is True
    assert "required" not in operation("rotateToken")["requestBody"]


def test_the_json_of_event_doors_is_documented() -> None:
    assert asked("postEvent")["allOf"][0] == {"$ref": "#/components/schemas/Event"}
    assert asked("createHttpAlertEvent")["allOf"][1] == {"required": ["status"]}
    assert operation("postEvent")["security"] == []
    assert operation("createHttpAlertEvent")["security"] == [
        {"integrationKey": []},
        {"integrationKeyInQuery": []},
    ]
    assert operation("createHttpAlertEvent")["tags"] == ["Incident io"]


def test_replies_look_as_the_edge_shapes_them() -> None:
    alerts = {"type": "array", "items": {"$ref": "#/components/schemas/Alert"}}
    assert answered("listAlerts", "200") == alerts
    assert operation("deleteAlertSource")["responses"]["204"] == {"description": "Done."}
    streamed = operation("streamAlerts")["responses"]["200"]["content"]
    assert streamed == {"text/event-stream": {"schema": {"type": "string"}}}
    error = operation("listHttpAlerts")["responses"]["4XX"]
    assert error == {"$ref": "#/components/responses/IncidentIoError"}
    assert SCHEMAS["IncidentIoError"]["required"] == ["type", "status", "request_id", "errors"]


def test_fields_are_told_as_json_has_them() -> None:
    event = SCHEMAS["Event"]["properties"]

    assert event["eventType"]["$ref"] == "#/components/schemas/EventType"
    assert SCHEMAS["EventType"]["enum"] == ["ALERT", "ACCEPT", "RESOLVE", "COMMENT"]
    assert "- `ACCEPT`: Accepts the open alert" in SCHEMAS["EventType"]["description"]
    assert event["labels"]["additionalProperties"] == {"type": "string"}
    assert event["customDetails"]["type"] == "object"
    assert event["severity"]["type"] == "integer"
    assert SCHEMAS["AlertSource"]["properties"]["status"]["readOnly"] is True


def test_a_descriptor_set_without_comments_is_refused() -> None:
    with pytest.raises(NoComments):
        document(DESCRIPTORS, "1")


def test_a_comment_flows_and_what_is_for_tools_is_left_out() -> None:
    comments = Comments([file(" What it\n is.\n\n buf:lint:ignore X\n More.\n")])

    assert comments.of(".tocsin.ingest.v1.T") == "What it is.\n\nMore."
    assert comments.of(".tocsin.ingest.v1.Unknown") == ""
    assert first_sentence("What it is. More.") == "What it is"


def test_types_of_one_name_are_told_apart() -> None:
    made = file()
    other = descriptor_pb2.FileDescriptorProto(package="tocsin.alertstate.v1")
    other.message_type.add(name="T")
    schemas = Schemas([made, other], Comments([made]))

    told = [schemas.message(f".tocsin.{owner}.v1.T")["$ref"] for owner in ("ingest", "alertstate")]
    assert [reference.rpartition("/")[2] for reference in told] == ["IngestT", "AlertstateT"]


def test_a_field_of_a_type_that_json_has_no_word_for_is_refused() -> None:
    made = file()
    made.message_type[0].field.add(name="x", type=Field.TYPE_GROUP)

    with pytest.raises(UnknownType):
        Schemas([made], Comments([made])).message(".tocsin.ingest.v1.T")


def test_a_message_in_a_query_is_refused() -> None:
    files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS)
    for one in files.file:
        for message in one.message_type:
            if message.name == "ListAlertsRequest":
                one.source_code_info.location.add(path=[4, 0], leading_comments="It.")
                place = {"type_name": ".tocsin.alertstate.v1.Alert", "type": Field.TYPE_MESSAGE}
                message.field.add(name="like", number=99, json_name="like", **place)

    with pytest.raises(BadParameter):
        document(files.SerializeToString(), "1")
