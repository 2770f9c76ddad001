"""ilert's dialect: refused is only what can't become an alert; the rest is repaired and listed."""

import json
import time
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest, TocsinError, TooLarge
from services.ingest.dialects import ilert, json_text
from services.ingest.domain.events import Comment, Event, EventType, Image, Link, Priority

KEY = "il1" + "k" * 40
START = f'"apiKey":"{KEY}","eventType":"ALERT","summary":"disk full"'


def event(more: str = "") -> Event:
    return ilert.read(f"{{{START}{more}}}".encode())[0].event


def said(**fields: Any) -> Event:
    body = {"apiKey": KEY, "eventType": "ALERT", "summary": "disk full", **fields}
    return ilert.read(json.dumps(body).encode())[0].event


def refusal(body: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        ilert.read(body)
    assert refused.value.code.isupper()
    assert KEY not in str(refused.value)
    return refused.value


def test_a_whole_event() -> None:
    found = said(
        details="**full**",
        alertKey=" Disk-7 ",
        priority="LOW",
        images=[{"src": "https://...jpeg", "href": None, "alt": "graph"}],
        links=[{"href": "https://...", "text": "A link"}],
        customDetails={"some": {"more": "fields"}},
        routingKey="night, day",
        severity=2,
        comments=[{"creator": "Ada", "content": "again"}, {"content": "**and** again"}],
        labels={"env": "prod", "empty": ""},
        services=[{"alias": "shop"}],
        logs=[{"level": "ERROR", "body": "boom"}],
    )

    assert found == Event(
        type=EventType.ALERT,
        summary="disk full",
        details="**full**",
        alert_key=" Disk-7 ",
        priority=Priority.LOW,
        images=(Image(src="https://...jpeg", alt="graph"),),
        links=(Link(href="https://...", text="A link"),),
        custom_details=b'{"some":{"more":"fields"}}',
        routing_keys=("night", "day"),
        severity=2,
        comments=(Comment(creator="Ada", content="again"), Comment(content="**and** again")),
        labels={"env": "prod", "empty": ""},
    )


@pytest.mark.parametrize("type_", ["ACCEPT", "RESOLVE"])
@pytest.mark.parametrize("summary", ["absent", None, "", " ", 5])
def test_only_an_alert_needs_a_summary(type_: str, summary: Any) -> None:
    fields = {} if summary == "absent" else {"summary": summary}
    body = json.dumps({"integrationKey": KEY, "eventType": type_, **fields}).encode()

    assert ilert.read(body)[0].event.type is EventType(type_)


NOT_JSON = [
    b"",
    b" ",
    b"hello",
    b'"',
    b'{"',
    b"{",
    b"[1]",
    b"5",
    b"null",
    b'{"a"}',
    b'{"a":}',
    b'{"a":1,}',
    b'{"a":1 "b":2}',
    b'{"a":1}}',
    b'{"a":1} x',
    b'{"a":[}',
    b'{"a":[1}',
    b'{"a":tru}',
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":-Infinity}',
    b'{"a":"\xff"}',
    b'{"a":"\\x"}',
    b"{1:2}",
    b"{,}",
    b'{"a":"\x01" b}',
    b'{"a":"' + b'\\"' * 200_000,
    b"[" * 300_000,
    b'{"a":' * 100_000,
]


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_not_json_is_refused_at_once(body: bytes) -> None:
    started = time.monotonic()

    assert refusal(body).code == "NOT_JSON"

    assert time.monotonic() - started < 2  # quadratic time would take minutes


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"apiKey": None}, "apiKey"),
    ({"apiKey": ""}, "apiKey"),
    ({"apiKey": 5}, "apiKey"),
    ({"apiKey": None, "integrationKey": [KEY]}, "integrationKey"),
    ({"eventType": None}, "eventType"),
    ({"eventType": ""}, "eventType"),
    ({"eventType": "EXPLODE"}, "eventType"),
    ({"eventType": "comment"}, "eventType"),
    ({"eventType": 7}, "eventType"),
    ({"summary": None}, "summary"),
    ({"summary": "  "}, "summary"),
    ({"summary": "\x07"}, "summary"),
    ({"summary": 5}, "summary"),
    ({"priority": "MEDIUM"}, "priority"),
    ({"priority": 1}, "priority"),
    ({"severity": "3"}, "severity"),
    ({"severity": 0}, "severity"),
    ({"severity": 6}, "severity"),
    ({"severity": -1}, "severity"),
    ({"severity": 2.5}, "severity"),
    ({"severity": True}, "severity"),
    ({"severity": [3]}, "severity"),
    ({"severity": 10**30}, "severity"),
]


@pytest.mark.parametrize(("fields", "field"), REFUSED)
def test_what_cannot_become_an_alert_is_refused_by_its_field(
    fields: dict[str, Any], field: str
) -> None:
    body = {"apiKey": KEY, "eventType": "ALERT", "summary": "disk full", **fields}

    assert refusal(json.dumps(body).encode()).field == field


def test_nothing_is_said_about_what_needs_no_repair() -> None:
    optional = "details alertKey priority severity images links comments labels customDetails"
    nulls = dict.fromkeys([*optional.split(), "routingKey", "services", "logs"])
    empties: dict[str, Any] = {
        "details": "",
        "images": [],
        "links": [],
        "routingKey": "",
        "priority": "",
    }
    empties |= {"comments": [], "labels": {}, "severity": ""}

    assert said(**nulls, integrationKey=None, flavour="salty").repairs == ()
    assert said(severity=3, labels={"a": None}).repairs == ()
    assert said(**empties, customDetails={}).custom_details == b"{}"
    assert said(**empties).repairs == ()


REPAIRED: list[tuple[str, dict[str, Any], str]] = [
    (',"details":"a\x01b"', {"details": "ab"}, "details: raw control characters in a string"),
    (',"details":"a\\u0000b"', {"details": "ab"}, "details: control characters stripped"),
    (',"details":"a\\nb"', {"details": "a\nb"}, ""),
    (',"summary":"a\\nb"', {"summary": "a b"}, "summary: said more than once"),
    (',"details":5', {"details": "5"}, "details: was no text, read as one"),
    (',"details":["a"]', {"details": ""}, "details: dropped, because it is no text"),
    (',"alertKey":7', {"alert_key": "7"}, "alertKey: was no text, read as one"),
    (',"alertKey":{}', {"alert_key": ""}, "alertKey: dropped, because it is no text"),
    (',"details":"\\ud800!"', {"details": "\ufffd!"}, "details: half surrogate pairs replaced"),
    (',"details":"\\ud83d\\ude00"', {"details": "😀"}, ""),
    (',"images":5', {"images": ()}, "images: dropped, because it is no list"),
    (',"images":["a"]', {"images": ()}, "images[0]: dropped, because it is no object"),
    (',"images":[{}]', {"images": ()}, "images[0].src: missing"),
    (',"images":[{"src":"a.png"}]', {"images": ()}, "images[0].src: dropped"),
    (',"images":[{"src":"http://["}]', {"images": ()}, "images[0].src: dropped"),
    (
        ',"images":[{"src":"http://a/b","href":"javascript:x"}]',
        {"images": (Image(src="http://a/b"),)},
        "images[0].href: dropped",
    ),
    (',"links":[{"href":"javascript:alert(1)"}]', {"links": ()}, "links[0].href: dropped"),
    (',"links":[{"href":"java\\u0000script:x"}]', {"links": ()}, "links[0].href: control"),
    (
        ',"links":[{"href":" https://a ","text":5}]',
        {"links": (Link(href="https://a", text="5"),)},
        "links[0].text: was no text",
    ),
    (',"routingKey":["a","b"]', {"routing_keys": ("a", "b")}, "routingKey: was a list"),
    (',"comments":"hello"', {"comments": ()}, "comments: dropped, because it is no list"),
    (',"comments":["hello"]', {"comments": ()}, "comments[0]: dropped, because it is no object"),
    (',"comments":[{"creator":"Ada"}]', {"comments": ()}, "comments[0].content: missing"),
    (
        ',"comments":[{"creator":7,"content":"a\\u0000b"}]',
        {"comments": (Comment(creator="7", content="ab"),)},
        "comments[0].creator: was no text",
    ),
    (',"labels":["a"]', {"labels": {}}, "labels: dropped, because it is no object"),
    (
        ',"labels":{"n":5,"b":true,"o":{},"l":[1],"t":"x","gone":null}',
        {"labels": {"n": "5", "b": "true", "t": "x"}},
        "labels.o: dropped, because it is no text",
    ),
    (',"labels":{"a\\u0007":"b\\u0000"}', {"labels": {"a": "b"}}, "labels.a"),
    (',"customDetails":[1]', {"custom_details": b'{"value":[1]}'}, "customDetails: was no object"),
    (
        ',"customDetails":{"a":"x\\u0000\\u001by"}',
        {"custom_details": b'{"a":"xy"}'},
        "customDetails: control characters stripped",
    ),
    (
        ',"customDetails":{"a":1e999}',
        {"custom_details": b'{"a":"1e999"}'},
        "customDetails: a number beyond",
    ),
    (f',"customDetails":{{"a":{10**40}}}', {"custom_details": b'{"a":1e+40}'}, ""),
    (
        f',"customDetails":{{"a":{"1" * 5000}}}',
        {"custom_details": b'{"a":"' + b"1" * 5000 + b'"}'},
        "customDetails: a number beyond",
    ),
]


@pytest.mark.parametrize(("more", "found", "repair"), REPAIRED)
def test_all_else_is_repaired_and_listed(more: str, found: dict[str, Any], repair: str) -> None:
    repaired = event(more)

    assert {name: getattr(repaired, name) for name in found} == found
    assert any(entry.startswith(repair) for entry in repaired.repairs) or not repair
    assert bool(repaired.repairs) == bool(repair)


@pytest.mark.parametrize(
    ("fields", "contents"),
    [
        ({"comments": [{"content": "a"}, {"content": "b"}]}, ["a", "b"]),
        ({"comments": [{"content": "a"}], "summary": "s"}, ["a"]),
        ({"summary": "s"}, ["s"]),
        ({"summary": None, "details": "d"}, ["d"]),
        ({"summary": "s", "details": "d"}, ["s\n\nd"]),
        ({"summary": None}, []),
        ({"summary": " ", "details": "", "comments": [{"content": " "}]}, []),
    ],
)
def test_what_a_comment_says(fields: dict[str, Any], contents: list[str]) -> None:
    found = said(eventType="COMMENT", **fields)

    assert found.type is EventType.COMMENT
    assert [comment.content for comment in found.comments] == contents


def test_a_large_comment_is_not_kept_twice() -> None:
    found = said(eventType="COMMENT", details="x" * 500_000)

    assert (found.summary, found.details) == ("", "")
    assert len(found.comments[0].content) > 500_000


def test_more_comments_and_labels_than_anybody_reads_are_cut() -> None:
    found = said(
        comments=[{"content": str(n)} for n in range(60)],
        labels={str(n): "x" for n in range(120)},
    )

    assert [comment.content for comment in found.comments] == [str(n) for n in range(50)]
    assert list(found.labels) == [str(n) for n in range(100)]
    assert found.repairs == (
        "comments: only the first 50 count",
        "labels: only the first 100 count",
    )


def test_the_last_of_a_repeated_key_counts() -> None:
    found = event(',"summary":"second","summary":"third"')

    assert found.summary == "third"
    assert found.repairs == ("summary: said more than once, the last one counts",) * 2


def test_a_byte_order_mark_is_dropped() -> None:
    submission, _ = ilert.read(f"\ufeff{{{START}}}".encode())

    assert submission.event.repairs == ("body: byte order mark dropped",)


def test_an_over_long_summary_is_shortened_and_kept_whole_in_the_details() -> None:
    found = said(summary="é" * 300, details="more")

    assert len(found.summary) == 255
    assert found.summary.endswith("…")
    assert found.details == "é" * 300 + "\n\nmore"
    assert found.repairs == ("summary: shortened to 255 characters, the whole is in details",)
    assert said(summary="é" * 255).repairs == ()


def test_over_long_alert_keys_stay_apart_and_find_themselves_again() -> None:
    start = "k" * 300

    first, again, other = (
        said(alertKey=key).alert_key for key in (start, f" {start}", start + "x")
    )

    assert first == again
    assert first != other
    assert len(first) == 255


@pytest.mark.parametrize("depth", [33, 40, 1000, 1030, 50_000])
def test_over_deep_custom_details_are_kept_as_text(depth: int) -> None:
    nested = '{"a":' * depth + "1" + "}" * depth

    found = event(f',"customDetails": {nested} ,"details":"x"')

    assert json.loads(found.custom_details) == {"raw": nested}
    assert found.details == "x"
    assert found.repairs == ("customDetails: deeper than 32 levels, kept as text in `raw`",)


def test_details_of_32_levels_are_not_over_deep() -> None:
    nested = '{"a":' * 32 + "1" + "}" * 32

    assert event(f',"customDetails":{nested}').custom_details == nested.encode()


@pytest.mark.parametrize("name", ["flavour", "details", "images"])
def test_depth_in_another_field_costs_that_field_only(name: str) -> None:
    found = event(f',"{name}":{"[" * 5000 + "]" * 5000},"alertKey":"a"')

    assert (found.details, found.images, found.alert_key) == ("", (), "a")


def test_custom_details_that_grow_beyond_a_message_stay_in_the_log_only() -> None:
    numbers = ",".join(["1e15"] * 90_000)

    found = event(f',"customDetails":{{"a":[{numbers}]}}')

    assert found.custom_details == b""
    assert found.repairs[0].startswith("customDetails: too large once written out")


def test_many_repairs_are_told_briefly() -> None:
    assert len(said(images=["x"] * 1000).repairs) == 51


@pytest.mark.parametrize(
    "spelled", [KEY, KEY.replace("k", "\\u006b"), KEY.replace("i", "\\u0069", 1)]
)
@pytest.mark.parametrize("name", ["apiKey", "integrationKey"])
def test_the_kept_body_has_no_key(name: str, spelled: str) -> None:
    body = f'{{ "{name}" : "{spelled}", "eventType":"ACCEPT",\n"x":"{name}"}}'

    submission, kept = ilert.read(body.encode())

    assert submission.key == KEY
    assert kept.decode() == body.replace(spelled, "*" * len(KEY))
    assert KEY not in repr(submission)


def test_no_key_is_kept_when_it_is_said_twice() -> None:
    first = "il1" + "f" * 40

    _, kept = ilert.read(f'{{"apiKey":"{first}",{START}}}'.encode())

    assert first.encode() not in kept
    assert KEY.encode() not in kept


def test_a_body_over_512_kib_is_too_large() -> None:
    with pytest.raises(TooLarge) as refused:
        ilert.read(b" " * (512 * 1024 + 1))
    assert refused.value.http_status == 413


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/jsonx"])
def test_only_json_is_read(content_type: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ilert.read(b"a=b", content_type)
    assert (refused.value.http_status, refused.value.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


FINITE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
WHAT_COUNTS = ("apiKey", "integrationKey", "eventType", "summary", "priority", "severity")


def understood(body: bytes) -> Event | TocsinError:
    try:
        return ilert.read(body)[0].event
    except TocsinError as refused:
        return refused


@given(st.dictionaries(st.sampled_from(ilert.FIELDS) | st.text(), FINITE, max_size=6))
def test_an_event_or_a_refusal_comes_of_any_object(fields: dict[str, Any]) -> None:
    body = {"apiKey": KEY, "eventType": "ALERT", "summary": "s", **fields}

    found = understood(json.dumps(body).encode())

    if isinstance(found, TocsinError):
        assert found.field in WHAT_COUNTS
        return
    texts = [found.summary, found.details, found.alert_key, *found.routing_keys]
    texts += [*found.labels, *found.labels.values()]
    texts += [text for comment in found.comments for text in (comment.creator, comment.content)]
    assert not any(character in text for text in texts for character in "\x00\x07\x1b\x7f\ud800")
    assert found.custom_details == b"" or isinstance(orjson.loads(found.custom_details), dict)


@given(st.binary(max_size=60) | st.text('{}[]":,\\u0d8 ae1-.\x01', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    found = understood(body)

    assert isinstance(found, InvalidRequest)
    assert found.code == "NOT_JSON" or found.field in WHAT_COUNTS


@given(st.dictionaries(st.text(), FINITE, max_size=4))
@example({"a": [-(2**63), -(2**63) - 1, 2**64 - 1, 2**64, -(10**18) - 1]})
def test_taking_an_object_apart_finds_what_reading_it_whole_finds(fields: dict[str, Any]) -> None:
    text = json.dumps(fields).encode()

    whole, apart = json_text.read(text), json_text.read(b"\xef\xbb\xbf" + text)

    assert apart.values == whole.values
    assert apart.too_deep == {}
