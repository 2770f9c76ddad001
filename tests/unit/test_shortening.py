"""Lists stay within the size of a reply, and what is small stays whole."""

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from services.alertstate.shortening import fitting
from services.chassis.errors import InvalidRequest
from services.chassis.replies import MOST_BYTES, TEXT_BYTES, check, json_bytes
from tocsin.alertstate.v1.alert_pb2 import Alert, Comment, LogEntry
from tocsin.alertstate.v1.alert_service_pb2 import ListAlertsResponse
from tocsin.edge.v1.content_pb2 import Image, Link

LARGE = 450_000


def written(alerts: list[Alert]) -> int:
    """Returns about how many bytes the edge writes."""
    text = json_format.MessageToJson(ListAlertsResponse(alerts=alerts), ensure_ascii=False)
    return json_bytes(text) - text.count('"') - text.count("\\") - text.count("\n")


@pytest.mark.parametrize("sign", ["y", "<", "\n", "é", '"', "\U000e0041"])
def test_the_largest_details_are_shortened_and_say_so(sign: str) -> None:
    large = [Alert(id=n, details=sign * LARGE) for n in range(1, 26)]
    small = Alert(id=26, details="small")

    listed = list(fitting([*large, small]))

    assert listed[-1].details == "small"
    for alert in listed[:-1]:
        assert alert.details.startswith(sign * 1000)
        assert alert.details.endswith(f"…\n\n[shortened: /api/alerts/{alert.id} has the whole]")
    assert ListAlertsResponse(alerts=listed).ByteSize() < MOST_BYTES
    assert written(listed) < 8 * 1024 * 1024
    check(ListAlertsResponse(alerts=listed))


def test_what_fits_is_left_alone() -> None:
    alerts = [Alert(id=1, details="y" * LARGE), Alert(id=2, labels={"a": "b"})]
    before = [alert.SerializeToString(deterministic=True) for alert in alerts]

    assert [a.SerializeToString(deterministic=True) for a in fitting(alerts)] == before


def test_everything_large_of_an_alert_is_shortened() -> None:
    alerts = []
    for id_ in range(1, 30):
        alert = Alert(id=id_)
        alert.custom_details.update({"a": {"b": ["<" * LARGE]}})
        alert.links.extend(Link(href="https://a/" + "x" * 1000) for _ in range(400))
        alert.images.extend(Image(src="https://a/" + "x" * 1000) for _ in range(400))
        alert.labels.update({f"{number}": "y" * 1000 for number in range(400)})
        alerts.append(alert)

    listed = list(fitting(alerts))

    check(ListAlertsResponse(alerts=listed))
    for alert in listed:
        assert 0 < len(alert.links) < 400
        assert 0 < len(alert.labels) < 400
        assert alert.custom_details["raw"].startswith('{"a": {"b": ["<<<')  # type: ignore[union-attr] # a text
        assert "shortened" in alert.custom_details["raw"]  # type: ignore[operator] # as above


def test_comments_and_log_entries_are_shortened() -> None:
    comments = fitting([Comment(content="<" * 60_000) for _ in range(100)])
    entries = fitting([LogEntry(text="x" * 60_000, vars={"a": "<" * 60_000}) for _ in range(100)])

    assert sum(json_bytes(each.content) for each in comments) < TEXT_BYTES + 100_000
    assert all(each.content.endswith("max-results]") for each in comments)
    assert sum(json_bytes(each.text + each.vars["a"]) for each in entries) < TEXT_BYTES + 100_000


@given(st.lists(st.text(), max_size=20), st.integers(0, 200))
def test_any_texts_get_within_any_room(texts: list[str], most: int) -> None:
    comments = fitting([Comment(content=text) for text in texts], most)

    kept = [each.content.partition("…\n\n[shortened")[0] for each in comments]
    assert sum(map(json_bytes, kept)) <= most or kept == texts


def test_a_reply_that_is_too_large_is_refused_in_words_that_help() -> None:
    with pytest.raises(InvalidRequest) as refused:
        check(ListAlertsResponse(alerts=[Alert(summary="x" * MOST_BYTES)]))
    assert (refused.value.field, refused.value.code) == ("max-results", "REPLY_TOO_LARGE")
    with pytest.raises(InvalidRequest):
        check(ListAlertsResponse(alerts=[Alert(summary="<" * 1_500_000)]))
