"""The chassis's pure parts."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import outbox, tokens, tracing
from services.chassis.config import Config
from services.chassis.errors import InvalidRequest
from services.chassis.paging import Page, page
from services.chassis.principal import ADMIN, INTERNAL, Principal
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_service_pb2 import ListAlertsRequest
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised


def test_a_token_reads_back() -> None:
    token = tokens.new_token()

    again = tokens.parse(str(token))

    assert again == token
    assert tokens.same(token, token.sha256())
    assert not tokens.same(tokens.new_token(), token.sha256())


def test_a_token_never_shows_its_secret_by_accident() -> None:
    token = tokens.new_token()
    assert token.secret not in repr(token)


@given(st.text())
def test_a_text_that_is_no_token_is_no_token(text: str) -> None:
    assert tokens.parse(text) is None


def test_a_token_with_a_typing_error_is_no_token() -> None:
    text = str(tokens.new_token())
    wrong = ("a" if text[20] != "a" else "b").join((text[:20], text[21:]))
    assert tokens.parse(wrong) is None


def test_a_trace_goes_on_with_a_new_step() -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    step = tracing.follow(parent)

    assert step.split("-")[1] == parent.split("-")[1]
    assert step.split("-")[2] != parent.split("-")[2]
    assert tracing.current() == step


@pytest.mark.parametrize(
    "parent", [None, "", "junk", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", "00-4bf9-00f0-01"]
)
def test_a_trace_that_is_none_begins_anew(parent: str | None) -> None:
    assert len(tracing.follow(parent).split("-")[1]) == 32


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (ListAlertsRequest(), Page(0, 50)),
        (ListAlertsRequest(start_index=100, max_results=100), Page(100, 100)),
        (ListAlertsRequest(max_results=0), Page(0, 0)),
    ],
)
def test_a_page(request_: ListAlertsRequest, expected: Page) -> None:
    assert page(request_, default=50, most=100) == expected


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ListAlertsRequest(start_index=-1), "start-index"),
        (ListAlertsRequest(max_results=101), "max-results"),
        (ListAlertsRequest(max_results=-1), "max-results"),
    ],
)
def test_a_page_out_of_bounds_is_refused_by_name(request_: ListAlertsRequest, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        page(request_, default=50, most=100)
    assert refused.value.field == field


def test_a_message_is_published_under_its_own_name_in_its_publishers_stream() -> None:
    assert outbox.subject_of("alertstate", AlertChanged()) == "tocsin.alertstate.v1.AlertChanged"
    assert (
        outbox.subject_of("ingest", SuiteAlertRaised())
        == "tocsin.ingest.shared.tocsin.chassis.internal.v1.SuiteAlertRaised"
    )


def test_an_admin_may_everything_but_what_is_internal() -> None:
    admin = Principal(kind="USER", id="1", name="Ada", scopes=frozenset({ADMIN}))
    assert admin.may("alerts:write")
    assert not admin.may(INTERNAL)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in list(os.environ):
        if name.startswith("TOCSIN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TOCSIN_X_DATABASE_URL", "sqlite:///x.db")
    monkeypatch.setenv("TOCSIN_X_NATS_URL", "nats://localhost")
    monkeypatch.setenv("TOCSIN_X_LISTEN", "127.0.0.1:1")
    return monkeypatch


def test_a_configuration_comes_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TOCSIN_X_STREAM_REPLICAS", "3")
    assert Config.from_env("TOCSIN_X_").stream_replicas == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [("TOCSIN_X_LISTENN", "1"), ("TOCSIN_X_STREAM_REPLICAS", "many")],
)
def test_a_misspelt_name_or_value_stops_the_start_and_is_named(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(SystemExit, match=name):
        Config.from_env("TOCSIN_X_")
