"""ttyops' dialect: what is refused, what is repaired, and what comes of it."""

import json
from typing import Any

import pytest

from services.chassis.errors import InvalidRequest, TooLarge
from services.ingest.dialects import ttyops
from services.ingest.dialects.ttyops import Told
from services.ingest.domain.events import Event, EventType, Link, Repeat
from tests.parts.careless import assert_listed, careless

JSON = "application/json"
MADE_UP = "made up"
WHOLE = {"fingerprint": "k", "status": "firing", "service": "default", "title": "disk full"}
ADDRESS = "http://prometheus.example.com/graph"
ODD: list[Any] = [None, "", "  ", 5, 1.5, True, [], ["firing"], {}, {"a": 1}]


def read(body: bytes, content_type: str = JSON) -> list[Told]:
    return ttyops.read(body, content_type, lambda: MADE_UP)


def one(alert: Any) -> Told:
    (told,) = read(json.dumps({"alerts": [alert]}).encode())
    return told


def event(alert: Any) -> Event:
    told = one(alert)
    assert told.event is not None, told.refusal
    return told.event


def refused(alert: Any) -> str:
    told = one(alert)
    assert told.refusal is not None
    assert told.event is None
    assert told.refusal.field is not None
    assert told.refusal.message.startswith(told.refusal.field)
    return told.refusal.message


def without(*names: str, **fields: Any) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name not in names} | fields


def test_the_documents_sample() -> None:
    labels = {"service": "default", "alertname": "InstanceDown", "severity": "critical"}
    title = " is HighMemory (95.04%)"
    sample = {
        "fingerprint": "highmem-net004",
        "status": "firing",
        "labels": labels,
        "annotations": {"title": title},
    }
    body = json.dumps({"alerts": [sample]}).encode()

    (told,) = read(body)

    assert (told.index, told.service, told.raw) == (0, "default", body)
    assert told.event == Event(
        type=EventType.ALERT,
        summary="is HighMemory (95.04%)",
        alert_key="highmem-net004",
        severity=1,
        labels=labels,
        custom_details=b'{"title":" is HighMemory (95.04%)"}',
        repeat=Repeat.UPDATE,
    )


def test_alertmanagers_alert() -> None:
    found = event(
        {
            "status": "resolved",
            "labels": {"alertname": "Down", "service": "web", "severity": "warning"},
            "annotations": {"title": "down", "description": "**down**"},
            "startsAt": "2026-11-22T08:00:00.123456789Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": ADDRESS,
            "fingerprint": "c0ffee",
        }
    )

    assert (found.type, found.summary, found.details) == (EventType.RESOLVE, "down", "**down**")
    assert (found.alert_key, found.links) == ("c0ffee", (Link(href=ADDRESS),))
    assert (found.silent, found.severity, found.repairs) == (True, 3, ())


@pytest.mark.parametrize(
    ("alert", "message"),
    [
        *((each, "alerts[0] must be an object") for each in (None, 5, "firing", [], [WHOLE])),
        ({}, "alerts[0].service is required"),
        *((without(service=each), "alerts[0].service is required") for each in ODD[:3]),
        *((without(title=each), "alerts[0].title is required") for each in ODD[:3]),
        (without(title=[]), "alerts[0].title is required"),
        (without("status"), "alerts[0].status is required"),
        (without("fingerprint"), "alerts[0].fingerprint is required"),
        (without(fingerprint={"a": 1}), "alerts[0].fingerprint is required"),
        (without("fingerprint", status={}), "alerts[0].status is required"),
        (without("status", fingerprint=[]), "alerts[0].status is required"),
        (without(status="FIRING"), "alerts[0].status must be one of firing, resolved"),
        (without(status="acknowledged"), "alerts[0].status must be one of firing, resolved"),
        (without(status=1), "alerts[0].status must be one of firing, resolved"),
        (without(labels={"title": {"a": 1}}, title=None), "alerts[0].title is required"),
        ({"annotations": {"service": "web"}}, "alerts[0].service is required"),
    ],
)
def test_what_keeps_an_alert_from_being_one(alert: Any, message: str) -> None:
    assert refused(alert) == message


@pytest.mark.parametrize("name", [*WHOLE, "severity", "labels", "annotations", "generatorURL", "x"])
@pytest.mark.parametrize("value", ODD)
def test_no_type_is_beyond_the_dialect(name: str, value: Any) -> None:
    told = one(without(**{name: value}))

    assert (told.event is None) is (told.refusal is not None)
    if name not in WHOLE:
        assert told.event is not None
    if name == "severity":  # rather a page too many
        assert told.event is not None
        assert (told.event.silent, told.event.severity) == (False, 1)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ({"labels": {"title": "in labels"}, "annotations": {"title": "no"}}, "in labels"),
        ({"annotations": {"title": "in annotations"}}, "in annotations"),
        ({"title": " ", "labels": {"title": ""}, "annotations": {"title": "last"}}, "last"),
        ({"title": "at root", "labels": {"title": "no"}}, "at root"),
        ({"title": 7, "labels": {"title": "no"}}, "7"),
        ({"title": None, "labels": {"title": 7}}, "7"),
    ],
)
def test_the_first_place_that_has_a_text_counts(place: dict[str, Any], found: str) -> None:
    assert event(without("title") | place).summary == found


def test_root_is_before_labels_for_every_field() -> None:
    labels = {"fingerprint": "no", "status": "resolved", "service": "no", "severity": "warning"}
    told = one(without(labels=labels, severity="critical"))

    assert (told.service, told.event and told.event.type) == ("default", EventType.ALERT)
    assert told.event is not None
    assert (told.event.alert_key, told.event.silent) == ("k", False)


def test_without_fingerprint_and_status_somebody_raises_it_by_hand() -> None:
    found = event(without("fingerprint", "status"))

    assert (found.type, found.alert_key, found.silent) == (EventType.ALERT, MADE_UP, False)


@pytest.mark.parametrize("status", ["resolved"])
def test_what_is_over_needs_no_title(status: str) -> None:
    assert event(without("title", status=status)).type is EventType.RESOLVE


@pytest.mark.parametrize(
    ("said", "silent", "severity"),
    [
        ({}, False, 1),
        ({"severity": "critical"}, False, 1),
        ({"severity": "warning"}, True, 3),
        ({"severity": " Warning "}, True, 3),
        ({"labels": {"severity": "warning"}}, True, 3),
        ({"severity": "info"}, False, 1),
        ({"severity": "page"}, False, 1),
    ],
)
def test_only_a_warning_is_silent(said: dict[str, Any], silent: bool, severity: int) -> None:
    found = event(without(**said))

    assert (found.silent, found.severity) == (silent, severity)


def test_each_repair_is_listed() -> None:
    found = event(
        without(
            title="disk\x00 full " + "x" * 300,
            fingerprint="k" * 300,
            severity="info",
            labels={f"l{n}": "v" for n in range(101)},
            annotations=["deep"],
            generatorURL="javascript:alert(1)",
        )
    )

    assert (len(found.summary), len(found.alert_key), len(found.labels)) == (255, 255, 100)
    assert found.details.startswith("disk full x")
    assert found.custom_details == b'{"value":["deep"]}'
    assert found.links == ()
    for field in ("title", "fingerprint", "severity", "labels", "annotations", "generatorURL"):
        assert any(repair.startswith(f"{field}: ") for repair in found.repairs), field


def test_a_deep_alert_is_read_all_the_same() -> None:
    deep = "[" * 200 + "]" * 200
    whole = json.dumps(WHOLE)[:-1]
    body = f'{{"alerts":[{whole},"annotations":{{"x":{deep}}}}}, 5, {json.dumps(WHOLE)}]}}'

    first, second, third = read(body.encode())

    assert first.event is not None
    assert deep.encode() in first.event.custom_details
    assert second.refusal is not None
    assert third.event is not None


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"a"', b"\xff", b'{"alerts":[}', b'{"alerts":[NaN]}']
)
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as fault:
        read(body)

    assert fault.value.code == "NOT_JSON"


@pytest.mark.parametrize("told", [b"{}", *(b'{"alerts":%b}' % each for each in (b"1", b"{}"))])
def test_alerts_must_be_a_list(told: bytes) -> None:
    with pytest.raises(InvalidRequest) as fault:
        read(told)

    assert fault.value.field == "alerts"


def test_the_last_of_several_lists_counts() -> None:
    body = b'{"alerts":[1],"alerts":[%b]}' % json.dumps(WHOLE).encode()

    assert [told.event is not None for told in read(body)] == [True]


def test_bounds() -> None:
    with pytest.raises(TooLarge):
        read(b'{"alerts":[' + b" " * 512 * 1024 + b"]}")
    with pytest.raises(TooLarge):
        read(json.dumps({"alerts": [1] * 2001}).encode())
    with pytest.raises(TooLarge):
        read(b'{"alerts":[%b%b]}' % (b"[" * 40 + b"]" * 40, b",1" * 2000))
    with pytest.raises(InvalidRequest) as fault:
        read(b"{}", "text/plain")
    assert fault.value.http_status == 415
    assert read(b'{"alerts":[]}') == []


def test_an_unknown_service_names_the_known_ones() -> None:
    refusal = ttyops.unknown_service(one(WHOLE), ["web", "x" * 300])

    assert refusal.message.startswith("alerts[0].service: there is no service default; those known")
    assert "are web, xxx" in refusal.message
    assert len(refusal.message) < 200


def test_repairs_of_the_whole_body_are_listed_with_each_event() -> None:
    found = read(careless(json.dumps([WHOLE, {**WHOLE, "severity": "info"}])))

    first, second = (told.event.repairs for told in found if told.event)
    assert_listed(first)
    assert second == (second[0], *first)
    assert second[0].startswith("severity: ")
