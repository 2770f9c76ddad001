"""Opsgenie's dialect: what is refused, what is repaired, and what comes of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest, TooLarge
from services.ingest.dialects import opsgenie
from services.ingest.domain.events import Comment, Event, EventType, Priority, Repeat
from tests.parts.anything import ANYTHING

JSON = "application/json"


def read(body: bytes, content_type: str = JSON) -> Event:
    return opsgenie.created(body, content_type, lambda: "made-up")


def said(**fields: Any) -> Event:
    return read(json.dumps({"message": "disk full", "alias": "k", **fields}).encode())


def test_a_whole_alert() -> None:
    found = said(
        alias=" Disk-7 ",
        description="**full**",
        responders=[
            {"type": "team", "name": "SRE"},
            {"type": "user", "username": "ada@example.com"},
            {"type": "Schedule", "name": "Night"},
            {"type": "team", "id": "4513b7ea-3b91-438f-b7e4-e3e54af9147c"},
            {"type": "team", "name": "SRE"},
        ],
        visibleTo=[{"type": "team", "name": "all"}],
        actions=["Restart"],
        tags=["Critical", "prod"],
        details={"mount": "/var", "free": "0"},
        entity="web-1",
        source="Nagios",
        priority="P1",
        user="Ada",
        note="look at /var first",
    )

    details = json.loads(found.custom_details)
    assert found == Event(
        type=EventType.ALERT,
        summary="disk full",
        details="**full**",
        alert_key="Disk-7",
        priority=Priority.HIGH,
        severity=1,
        comments=(Comment(content="look at /var first", creator="Ada"),),
        labels={"mount": "/var", "free": "0"},
        custom_details=found.custom_details,
        routing_keys=("SRE", "Night"),
        repeat=Repeat.APPEND,
    )
    assert set(details) == set(opsgenie.KEPT)
    assert details["tags"] == ["Critical", "prod"]


@pytest.mark.parametrize(
    ("told", "severity", "priority"),
    [
        ("P1", 1, Priority.HIGH),
        ("P2", 2, Priority.HIGH),
        ("P3", 3, None),
        ("P4", 4, Priority.LOW),
        ("P5", 5, Priority.LOW),
        (None, 3, None),
        ("", 3, None),
    ],
)
def test_priorities(told: str | None, severity: int, priority: Priority | None) -> None:
    found = said(priority=told)

    assert (found.severity, found.priority) == (severity, priority)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"message": None}, "message"),
        ({"message": ""}, "message"),
        ({"message": " \n"}, "message"),
        ({"message": 5}, "message"),
        ({"message": ["a"]}, "message"),
        ({"priority": "P0"}, "priority"),
        ({"priority": "p1"}, "priority"),
        ({"priority": 1}, "priority"),
        ({"priority": {"a": 1}}, "priority"),
    ],
)
def test_what_keeps_an_alert_from_being_raised_is_refused(
    fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        said(**fields)

    assert (refused.value.field, refused.value.http_status) == (field, 422)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"a":NaN}', b"\xff", b"{}x"])
def test_what_is_no_json_is_another_fault(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(body)
    assert (refused.value.code, refused.value.field) == ("NOT_JSON", None)


def test_a_body_may_be_large_but_not_too_large() -> None:
    shell, most = b'{"message":"m"}', 512 * 1024

    assert read(shell + b" " * (most - len(shell))).summary == "m"
    with pytest.raises(TooLarge):
        read(shell + b" " * (most + 1 - len(shell)))


@pytest.mark.parametrize("alias", [None, "", "  ", [], {"a": 1}])
def test_an_alert_without_an_alias_gets_one(alias: Any) -> None:
    assert said(alias=alias).alert_key == "made-up"


def test_an_alias_as_long_as_the_vendor_allows_stays_the_same_key() -> None:
    one, again = (said(alias="k" * 512).alert_key for _ in range(2))

    assert one == again
    assert len(one) == 255
    assert opsgenie.closed(b"", "", "k" * 512).alert_key == one


@pytest.mark.parametrize(
    ("fields", "attribute", "value", "repair"),
    [
        ({"message": "x" * 300}, "details", "x" * 300, "message: shortened"),
        ({"message": "a\x00b\n"}, "summary", "ab", "message: control"),
        ({"description": 7}, "details", "7", "description: was no text"),
        ({"description": ["a"]}, "details", "", "description: dropped"),
        ({"alias": 7}, "alert_key", "7", "alias: was no text"),
        ({"details": "text"}, "labels", {}, "details: dropped"),
        ({"details": {"a": 5}}, "labels", {"a": "5"}, "details.a: was no text"),
        ({"details": {"a": {"b": 1}}}, "labels", {}, "details.a: dropped"),
        ({"responders": "SRE"}, "routing_keys", (), "responders: dropped"),
        ({"responders": ["SRE"]}, "routing_keys", (), "responders[0]: dropped"),
        ({"responders": [{"name": "SRE"}]}, "routing_keys", (), ""),
        ({"note": ["a"]}, "comments", (), "note: dropped"),
        ({"note": " "}, "comments", (), ""),
        ({"tags": "a,b"}, "custom_details", b'{"tags":"a,b"}', ""),
        ({"tags": ["a\x1bb"]}, "custom_details", b'{"tags":["ab"]}', "control"),
        ({"tags": [], "details": {}, "entity": ""}, "custom_details", b"", ""),
    ],
)
def test_the_rest_is_repaired_and_listed(
    fields: dict[str, Any], attribute: str, value: Any, repair: str
) -> None:
    found = said(**fields)

    assert getattr(found, attribute) == value
    assert any(repair in told for told in found.repairs) == bool(repair)


@pytest.mark.parametrize(
    ("read_about", "type_"),
    [(opsgenie.acknowledged, EventType.ACCEPT), (opsgenie.closed, EventType.RESOLVE)],
)
def test_an_answer_needs_no_body(
    read_about: Callable[[bytes, str, str], Event], type_: EventType
) -> None:
    assert read_about(b"", "", "k") == Event(type=type_, alert_key="k")
    found = read_about(b'{"user":"Ada","note":"mine","source":"AlertManager"}', JSON, "k")
    assert found.comments == (Comment(content="mine", creator="Ada"),)


@pytest.mark.parametrize("body", [b"{}", b'{"note":" "}', b'{"note":5}'])
def test_a_note_must_say_something(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        opsgenie.noted(body, JSON, "k")
    assert refused.value.field == "note"


def test_changes_of_texts_never_raise_an_alert() -> None:
    message = opsgenie.message_changed(b'{"message":"fuller"}', JSON, "k")
    description = opsgenie.description_changed(b'{"description":"very"}', JSON, "k")

    for found in (message, description):
        assert (found.type, found.repeat, found.alert_key) == (
            EventType.COMMENT,
            Repeat.UPDATE,
            "k",
        )
    assert (message.summary, message.details) == ("fuller", "")
    assert message.comments == (Comment(content="Message: fuller"),)
    assert (description.summary, description.details) == ("", "very")
    assert description.comments == (Comment(content="Description: very"),)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*opsgenie.FIELDS, *opsgenie.KEPT]), ANYTHING))
def test_wrong_types_anywhere_are_repaired_or_refused(fields: dict[str, Any]) -> None:
    assert fault(fields) in (None, "message", "priority")
    assert fault({**fields, "message": "m", "priority": "P4"}) is None


def fault(fields: dict[str, Any]) -> str | None:
    """Returns what a body is refused for."""
    try:
        assert read(json.dumps(fields).encode()).alert_key.strip()
    except InvalidRequest as refused:
        return str(refused.field)
    return None
