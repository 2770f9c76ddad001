"""PagerDuty's dialect: what is refused, what is repaired, and what comes of it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest, TooLarge
from services.ingest.dialects import pagerduty
from services.ingest.domain.events import Event, EventType, Image, Link, Priority, Repeat
from tests.parts.anything import ANYTHING

JSON = "application/json"
KEY = "il1" + "k" * 40
ADDRESS = "https://monitoring.example.com/7"


def read(body: bytes, header: str = "", content_type: str = JSON) -> tuple[str, Event, bytes]:
    return pagerduty.read(body, content_type, header, lambda: "made-up")


def said(payload: Any = None, **fields: Any) -> Event:
    told = {"routing_key": KEY, "event_action": "trigger", "dedup_key": "k", **fields}
    told["payload"] = {"summary": "disk full", **(payload or {})}
    return read(json.dumps(told).encode())[1]


def refusal(**fields: Any) -> InvalidRequest:
    told: dict[str, Any] = {"routing_key": KEY, "event_action": "trigger", "dedup_key": "k"}
    told |= {"payload": {"summary": "disk full"}, **fields}
    with pytest.raises(InvalidRequest) as refused:
        read(json.dumps(told).encode())
    assert KEY not in str(refused.value)
    return refused.value


def test_a_whole_event() -> None:
    found = said(
        {
            "severity": "critical",
            "source": "web-1",
            "component": "disk",
            "group": "prod",
            "class": "space",
            "timestamp": "2026-03-01T21:24:56.771+0000",
            "custom_details": {"free": 0, "mounts": ["/var"]},
        },
        dedup_key=" Disk-7 ",
        images=[{"src": ADDRESS, "alt": "graph", "href": ADDRESS}],
        links=[{"href": ADDRESS, "text": "runbook"}],
        client="Nagios",
        client_url=ADDRESS,
    )

    details = json.loads(found.custom_details)
    assert found == Event(
        type=EventType.ALERT,
        summary="disk full",
        details="source: web-1\ncomponent: disk\ngroup: prod\nclass: space",
        alert_key=" Disk-7 ",
        priority=Priority.HIGH,
        severity=1,
        images=(Image(src=ADDRESS, href=ADDRESS, alt="graph"),),
        links=(Link(href=ADDRESS, text="runbook"), Link(href=ADDRESS, text="Nagios")),
        custom_details=found.custom_details,
        repeat=Repeat.APPEND,
    )
    assert details["custom_details"] == {"free": 0, "mounts": ["/var"]}
    assert details["timestamp"] == "2026-03-01T21:24:56.771+0000"
    assert (details["class"], details["client"]) == ("space", "Nagios")


@pytest.mark.parametrize(
    ("severity", "number", "priority", "repairs"),
    [
        ("critical", 1, Priority.HIGH, 0),
        ("error", 2, Priority.HIGH, 0),
        ("warning", 3, None, 0),
        ("info", 4, None, 0),
        ("Critical", 1, Priority.HIGH, 0),
        (None, None, None, 0),
        ("", None, None, 0),
        ("page", None, None, 1),
        (1, None, None, 2),
        (["critical"], None, None, 1),
    ],
)
def test_severities(
    severity: Any, number: int | None, priority: Priority | None, repairs: int
) -> None:
    found = said({"severity": severity})

    assert (found.severity, found.priority) == (number, priority)
    assert len(found.repairs) == repairs


@pytest.mark.parametrize(
    ("fields", "field", "word"),
    [
        ({"routing_key": None}, "routing_key", "missing or blank"),
        ({"routing_key": " "}, "routing_key", "missing or blank"),
        ({"routing_key": 5}, "routing_key", "string"),
        ({"routing_key": [KEY]}, "routing_key", "string"),
        ({"event_action": None}, "event_action", "missing or blank"),
        ({"event_action": ""}, "event_action", "trigger, acknowledge, resolve"),
        ({"event_action": "TRIGGER"}, "event_action", "trigger, acknowledge, resolve"),
        ({"event_action": {"a": 1}}, "event_action", "trigger, acknowledge, resolve"),
        ({"payload": None}, "payload.summary", "missing or blank"),
        ({"payload": "text"}, "payload.summary", "missing or blank"),
        ({"payload": [1]}, "payload.summary", "missing or blank"),
        ({"payload": {}}, "payload.summary", "missing or blank"),
        ({"payload": {"summary": " \n"}}, "payload.summary", "missing or blank"),
        ({"payload": {"summary": 5}}, "payload.summary", "string"),
        ({"event_action": "resolve", "dedup_key": None}, "dedup_key", "missing or blank"),
        ({"event_action": "acknowledge", "dedup_key": ""}, "dedup_key", "missing or blank"),
        ({"event_action": "resolve", "dedup_key": ["k"]}, "dedup_key", "missing or blank"),
    ],
)
def test_what_keeps_an_event_from_becoming_an_alert_is_refused(
    fields: dict[str, Any], field: str, word: str
) -> None:
    refused = refusal(**fields)

    assert refused.field == field
    assert refused.message.startswith(f"'{field}' ")
    assert word in refused.message


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"a":NaN}', b"\xff", b"{}x"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(body)
    assert refused.value.code == "NOT_JSON"


def test_a_body_may_be_large_but_not_too_large() -> None:
    shell = json.dumps(
        {"routing_key": KEY, "event_action": "trigger", "payload": {"summary": "s"}}
    ).encode()
    most = 512 * 1024

    assert read(shell + b" " * (most - len(shell)))[1].summary == "s"
    with pytest.raises(TooLarge):
        read(shell + b" " * (most + 1 - len(shell)))


@pytest.mark.parametrize(
    ("action", "type_"), [("acknowledge", EventType.ACCEPT), ("resolve", EventType.RESOLVE)]
)
def test_an_answer_needs_no_payload(action: str, type_: EventType) -> None:
    body = {"routing_key": KEY, "event_action": action, "dedup_key": "k"}

    found = read(json.dumps(body).encode())[1]

    assert (found.type, found.alert_key, found.summary) == (type_, "k", "")
    assert found.repairs == ()


@pytest.mark.parametrize("dedup_key", [None, "", "  ", [], {"a": 1}])
def test_a_trigger_without_a_key_gets_one(dedup_key: Any) -> None:
    assert said(dedup_key=dedup_key).alert_key == "made-up"


def test_a_key_that_is_a_number_is_a_key() -> None:
    assert said(dedup_key=4293868629).alert_key == "4293868629"


@pytest.mark.parametrize(
    ("payload", "fields", "attribute", "value", "repair"),
    [
        ({"source": 5}, {}, "details", "source: 5", "payload.source: was no text"),
        ({"source": ["a"]}, {}, "details", "", "payload.source: dropped"),
        ({"source": "a\nb"}, {}, "details", "source: a b", ""),
        ({"summary": "x" * 300}, {}, "summary", "x" * 254 + "…", "summary: shortened"),
        ({"summary": "a\x00b"}, {}, "summary", "ab", "payload.summary: control"),
        ({}, {"links": "text"}, "links", (), "links: dropped"),
        ({}, {"links": [{"href": "/a"}]}, "links", (), "links[0].href: dropped"),
        ({}, {"images": [5]}, "images", (), "images[0]: dropped"),
        ({}, {"client_url": "javascript:alert(1)"}, "links", (), "client_url: dropped"),
        ({}, {"client": ["a"], "client_url": ADDRESS}, "links", (Link(href=ADDRESS),), "client"),
        ({"custom_details": "text"}, {}, "custom_details", b'{"custom_details":"text"}', ""),
        ({"custom_details": [1]}, {}, "custom_details", b'{"custom_details":[1]}', ""),
        ({"custom_details": {}}, {}, "custom_details", b"", ""),
    ],
)
def test_the_rest_is_repaired_and_listed(
    payload: dict[str, Any], fields: dict[str, Any], attribute: str, value: Any, repair: str
) -> None:
    found = said(payload, **fields)

    assert getattr(found, attribute) == value
    assert any(repair in told for told in found.repairs) == bool(repair)


def test_deep_details_cost_nothing_else() -> None:
    deep = "[" * 5000 + "]" * 5000
    body = (
        f'{{"routing_key":"{KEY}","event_action":"trigger","payload":'
        f'{{"summary":"disk full","severity":"error","custom_details":{{"a":{deep}}}}}}}'
    )

    found = read(body.encode())[1]

    assert (found.summary, found.severity) == ("disk full", 2)
    assert deep in json.loads(found.custom_details)["custom_details"]


def test_the_key_may_come_in_a_header_and_is_never_kept() -> None:
    body = json.dumps({"event_action": "resolve", "dedup_key": "k"}).encode()
    assert read(body, header=f" {KEY} ")[0] == KEY

    for routing_key in (KEY, "own" + KEY):
        whole = json.dumps(
            {"routing_key": routing_key, "event_action": "resolve", "dedup_key": "k"}
        )
        key, _, kept = read(whole.encode(), header="other")
        assert key == routing_key
        assert KEY.encode() not in kept
        assert len(kept) == len(whole)


def test_a_change_is_kept_and_concerns_no_alert() -> None:
    body = {
        "routing_key": KEY,
        "payload": {"summary": "deployed", "source": "ci", "custom_details": {"build": 7}},
        "links": [{"href": ADDRESS, "text": "build"}],
    }

    key, found, kept = pagerduty.read_change(json.dumps(body).encode(), JSON, "")

    assert key == KEY
    assert (found.type, found.alert_key, found.summary) == (EventType.COMMENT, "", "deployed")
    assert KEY.encode() not in kept
    with pytest.raises(InvalidRequest) as refused:
        pagerduty.read_change(b'{"routing_key":"%b"}' % KEY.encode(), JSON, "")
    assert refused.value.field == "payload.summary"


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(pagerduty.FIELDS), ANYTHING))
def test_wrong_types_anywhere_are_repaired_or_refused(fields: dict[str, Any]) -> None:
    whole = {**fields, "routing_key": KEY, "event_action": "trigger"}
    payload = dict.fromkeys(("source", "severity", "custom_details"), fields.get("client"))
    assert fault(fields) is not None or fields.keys() >= {"routing_key", "event_action"}
    assert fault({**whole, "payload": {**payload, "summary": "s"}}) is None


def fault(fields: dict[str, Any]) -> str | None:
    """Returns what a body is refused for."""
    try:
        assert read(json.dumps(fields).encode())[1].alert_key.strip()
    except InvalidRequest as refused:
        return str(refused.field)
    return None
