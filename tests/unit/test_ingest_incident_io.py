"""incident.io's dialect: what is refused, what is repaired, and what comes of it."""

import json
from typing import Any

import pytest

from services.chassis.errors import InvalidRequest, TooLarge
from services.ingest.dialects import incident_io
from services.ingest.domain.events import Event, EventType, Link, Repeat

JSON = "application/json"
ADDRESS = "https://www.my-alerting-platform.com/alerts/my-alert-123"


def read(body: bytes, *, made_up: str | None = None, content_type: str = JSON) -> Event:
    return incident_io.read(body, content_type, (lambda: made_up) if made_up else None)


def said(**fields: Any) -> Event:
    told = {"title": "disk full", "status": "firing", "deduplication_key": "k", **fields}
    return read(json.dumps(told).encode())


def test_a_whole_event() -> None:
    found = said(
        deduplication_key=" Disk-7 ",
        description="**full**",
        metadata={"service": "hello.world.com", "team": ["my-team"]},
        source_url=ADDRESS,
        alert_source_config_id="ignored, as gatus sends it",
    )

    assert found == Event(
        type=EventType.ALERT,
        summary="disk full",
        details="**full**",
        alert_key=" Disk-7 ",
        links=(Link(href=ADDRESS),),
        custom_details=b'{"service":"hello.world.com","team":["my-team"]}',
        repeat=Repeat.KEEP,
    )


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"title": None}, "title", "IS_REQUIRED"),
        ({"title": ""}, "title", "IS_REQUIRED"),
        ({"title": " \n"}, "title", "IS_REQUIRED"),
        ({"title": 5}, "title", "IS_INVALID"),
        ({"title": {}}, "title", "IS_INVALID"),
        ({"status": None}, "status", "IS_REQUIRED"),
        ({"status": ""}, "status", "IS_INVALID"),
        ({"status": "FIRING"}, "status", "IS_INVALID"),
        ({"status": "acknowledged"}, "status", "IS_INVALID"),
        ({"status": ["firing"]}, "status", "IS_INVALID"),
        ({"deduplication_key": None}, "deduplication_key", "IS_REQUIRED"),
        ({"deduplication_key": "  "}, "deduplication_key", "IS_REQUIRED"),
        ({"deduplication_key": ["a"]}, "deduplication_key", "IS_INVALID"),
        ({"deduplication_key": True}, "deduplication_key", "IS_INVALID"),
    ],
)
def test_what_keeps_an_event_from_becoming_an_alert_is_refused(
    fields: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        said(**fields)

    assert (refused.value.field, refused.value.code) == (field, code)
    assert refused.value.http_status == 422


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"title":NaN}', b"\xff", b'{"title":"a"}x', b'"a"']
)
def test_what_is_no_json_is_another_fault(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(body)

    assert (refused.value.code, refused.value.field) == ("NOT_JSON", None)


def test_a_body_may_be_large_but_not_too_large() -> None:
    shell = json.dumps({"title": "t", "status": "firing", "deduplication_key": "k"}).encode()
    most = 512 * 1024

    assert read(shell + b" " * (most - len(shell))).summary == "t"
    with pytest.raises(TooLarge) as refused:
        read(shell + b" " * (most + 1 - len(shell)))
    assert refused.value.http_status == 413


def test_another_content_type_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(b"a=b", content_type="application/x-www-form-urlencoded")
    assert refused.value.http_status == 415


def test_a_resolved_event_needs_no_title() -> None:
    found = said(title=None, status="resolved")

    assert (found.type, found.summary, found.alert_key) == (EventType.RESOLVE, "", "k")


def test_an_event_without_a_key_gets_one_where_none_is_required() -> None:
    body = b'{"title":"t","status":"firing"}'

    assert read(body, made_up="fresh").alert_key == "fresh"
    assert read(body[:-1] + b',"deduplication_key":"own"}', made_up="fresh").alert_key == "own"


@pytest.mark.parametrize(
    ("fields", "attribute", "value", "repair"),
    [
        ({"metadata": [1, "a"]}, "custom_details", b'{"value":[1,"a"]}', "metadata: was no object"),
        ({"metadata": "text"}, "custom_details", b'{"value":"text"}', "metadata: was no object"),
        ({"metadata": None}, "custom_details", b"", ""),
        ({"metadata": {}}, "custom_details", b"{}", ""),
        ({"metadata": {"a": "\x00b"}}, "custom_details", b'{"a":"b"}', "metadata: control"),
        ({"description": 7}, "details", "7", "description: was no text"),
        ({"description": ["a"]}, "details", "", "description: dropped"),
        ({"source_url": ""}, "links", (), ""),
        ({"source_url": "/relative"}, "links", (), "source_url: dropped"),
        ({"source_url": "javascript:alert(1)"}, "links", (), "source_url: dropped"),
        ({"deduplication_key": 4293868629}, "alert_key", "4293868629", "deduplication_key: was no"),
        ({"title": "a\nb\x1b"}, "summary", "a b", "title: control characters"),
        ({"title": "x" * 256}, "details", "x" * 256, "title: shortened"),
    ],
)
def test_the_rest_is_repaired_and_listed(
    fields: dict[str, Any], attribute: str, value: object, repair: str
) -> None:
    found = said(**fields)

    assert getattr(found, attribute) == value
    assert [told[: len(repair)] for told in found.repairs] == ([repair] if repair else [])


def test_the_last_of_several_members_counts() -> None:
    found = read(
        b'{"title":"a","title":"b","status":"resolved","status":"firing",'
        b'"deduplication_key":"k","metadata":{"x":1,"x":2}}'
    )

    assert (found.summary, found.type) == ("b", EventType.ALERT)
    assert found.custom_details == b'{"x":2}'
    assert any("title: said more than once" in repair for repair in found.repairs)


def test_a_long_key_stays_the_same_key() -> None:
    one, again = (said(deduplication_key="k" * 300).alert_key for _ in range(2))

    assert one == again
    assert len(one) == 255
    assert said(deduplication_key="k" * 301).alert_key != one


def test_metadata_of_any_depth_are_kept() -> None:
    deep = "[" * 5000 + "]" * 5000
    body = f'{{"title":"t","status":"firing","deduplication_key":"k","metadata":{{"a":{deep}}}}}'

    found = read(body.encode())

    assert deep in json.loads(found.custom_details)["raw"]
