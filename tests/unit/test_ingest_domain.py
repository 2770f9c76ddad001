"""What an event and its source alone decide."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest, WrongState
from services.ingest.config import Config
from services.ingest.domain.arrivals import GROUP_BYTES, GROUP_EVENTS, Arrival, Note, groups
from services.ingest.domain.events import Event, EventType, Priority, match_key, routing_keys
from services.ingest.domain.integrations import ILERT, INTEGRATION_TYPES
from services.ingest.domain.sources import (
    AUTO_RESOLUTIONS,
    SUITE_SOURCE_ID,
    Creation,
    Open,
    Source,
    Status,
    check_changeable,
    check_source,
    match_name,
    status,
)
from tocsin.ingest.v1 import event_pb2
from tocsin.ingest.v1.alert_source_pb2 import AlertSource


def test_every_word_has_its_name_on_the_wire() -> None:
    assert {"TYPE_UNSPECIFIED", *EventType.__members__} == set(event_pb2.Event.Type.keys())
    assert {"PRIORITY_UNSPECIFIED", *Priority.__members__} == set(event_pb2.Event.Priority.keys())
    creations = {AlertSource.Creation.Name(number) for number in AlertSource.Creation.values()}
    assert {"CREATION_UNSPECIFIED", *Creation.__members__} == creations
    for word in Creation.__members__:
        older = word.replace("ALERT", "INCIDENT")
        assert AlertSource.Creation.Value(older) == AlertSource.Creation.Value(word)
    assert set(Status.__members__) <= set(AlertSource.Status.keys())
    assert {"PRIORITY_RULE_UNSPECIFIED", *Priority.__members__} == set(
        AlertSource.PriorityRule.keys()
    )


@pytest.mark.parametrize(
    ("alert_key", "compared"),
    [("abc", "abc"), ("  Abc ", "abc"), ("STRASSE", "straße".casefold()), ("", ""), (" ", "")],
)
def test_alert_keys_are_compared_trimmed_and_without_case(alert_key: str, compared: str) -> None:
    assert match_key(alert_key) == compared


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ()),
        ("night", ("night",)),
        (" night , day,,", ("night", "day")),
        (",", ()),
        ("b,a,b", ("b", "a", "b")),
    ],
)
def test_routing_keys_keep_their_order(text: str, keys: tuple[str, ...]) -> None:
    assert routing_keys(text) == keys


SOURCE = Source(id=7, name="Prometheus", integration_type="API", policy_id=1)


def arrival(source: Source, said: Priority | None = None) -> Arrival:
    event = Event(type=EventType.ALERT, priority=said)
    return Arrival(event_id="", source=source, event=event, raw=b"", content_type="", trace="")


@pytest.mark.parametrize(
    ("type_", "rule", "said", "found"),
    [
        ("API", Priority.HIGH, None, Priority.HIGH),
        ("API", Priority.HIGH, Priority.HIGH, Priority.HIGH),
        ("API", Priority.HIGH, Priority.LOW, Priority.LOW),
        ("API", Priority.LOW, None, Priority.LOW),
        ("API", Priority.LOW, Priority.HIGH, Priority.LOW),
        ("API", Priority.LOW, Priority.LOW, Priority.LOW),
        ("GRAFANA", Priority.LOW, Priority.HIGH, Priority.HIGH),
        ("GRAFANA", Priority.LOW, None, Priority.LOW),
        ("SERVICENOW", Priority.LOW, Priority.HIGH, Priority.HIGH),
        ("SERVICENOW", Priority.HIGH, Priority.LOW, Priority.LOW),
        ("PAGERDUTY", Priority.LOW, Priority.HIGH, Priority.HIGH),
        ("PAGERDUTY", Priority.LOW, None, Priority.LOW),
        ("OPSGENIE", Priority.LOW, Priority.HIGH, Priority.HIGH),
        ("OPSGENIE", Priority.HIGH, Priority.LOW, Priority.LOW),
        ("PROMETHEUS", Priority.LOW, Priority.HIGH, Priority.LOW),
    ],
)
def test_priority(type_: str, rule: Priority, said: Priority | None, found: Priority) -> None:
    source = replace(SOURCE, integration_type=type_, priority_rule=rule)

    assert arrival(source, said).priority is found


def test_only_what_may_page_has_the_rest_of_a_limit() -> None:
    loud = arrival(SOURCE)
    assert loud.may_page
    for event in (
        replace(loud.event, priority=Priority.LOW),
        replace(loud.event, silent=True),
        *(replace(loud.event, type=type_) for type_ in EventType if type_ is not EventType.ALERT),
    ):
        assert not replace(loud, event=event).may_page
    assert not arrival(replace(SOURCE, priority_rule=Priority.LOW)).may_page
    assert not arrival(replace(SOURCE, active=False)).may_page


def test_limits_by_type_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "NATS_URL", "LISTEN"):
        monkeypatch.setenv(f"TOCSIN_INGEST_{name}", "x")
    types = "TOCSIN_INGEST_EVENTS_PER_MINUTE_OF_TYPES"
    monkeypatch.setenv(types, "API=50, INCIDENT_IO_HTTP=120")

    limits = Config.from_env("TOCSIN_INGEST_").limits()

    assert [limits.of(None, type_) for type_ in ("API", "INCIDENT_IO_HTTP", "GRAFANA")] == [
        50, 120, 1200,
    ]  # fmt: skip
    for wrong in ("API", "API=0", "API=1000001", "NOBODY=5", "API=x"):
        monkeypatch.setenv(types, wrong)
        with pytest.raises(SystemExit, match=f"{types}: .*{wrong} is no type of source"):
            Config.from_env("TOCSIN_INGEST_")


def test_events_of_an_inactive_source_go_no_further() -> None:
    assert arrival(SOURCE).note is Note.NONE
    assert arrival(replace(SOURCE, active=False)).note is Note.SOURCE_INACTIVE


@pytest.mark.parametrize(
    ("active", "alerts", "found"),
    [
        (True, Open(), Status.ALL_RESOLVED),
        (True, Open(accepted=True), Status.ALL_ACCEPTED),
        (True, Open(pending=True), Status.PENDING),
        (True, Open(pending=True, accepted=True), Status.PENDING),
        (False, Open(pending=True, accepted=True), Status.DISABLED),
        (False, Open(), Status.DISABLED),
    ],
)
def test_how_a_source_stands(active: bool, alerts: Open, found: Status) -> None:
    assert status(replace(SOURCE, active=active), alerts) is found


@pytest.mark.parametrize(
    ("said", "seconds"), [(None, 0), ("PT10M", 600), ("PT90M", 5400), ("PT24H", 86_400)]
)
def test_alerts_resolve_by_themselves_after(said: str | None, seconds: int) -> None:
    assert replace(SOURCE, auto_resolution=said).auto_resolution_seconds == seconds


def test_the_contract_names_fourteen_auto_resolutions() -> None:
    words = "PT10M PT20M PT30M PT40M PT50M PT60M PT90M PT2H PT3H PT4H PT5H PT6H PT12H PT24H"
    assert list(AUTO_RESOLUTIONS) == words.split(" ")


def test_names_are_compared_trimmed_and_without_case() -> None:
    assert match_name(" Straße ") == match_name("STRASSE")


def test_the_built_in_source_is_nobodys_to_change() -> None:
    check_changeable(SUITE_SOURCE_ID + 1)
    with pytest.raises(WrongState):
        check_changeable(SUITE_SOURCE_ID)


@given(st.lists(st.integers(min_value=0, max_value=2 * GROUP_BYTES), max_size=50))
def test_groups_keep_everything_in_order_and_within_bounds(sizes: list[int]) -> None:
    found = list(groups(sizes))

    assert [index for group in found for index in group] == list(range(len(sizes)))
    for group in found:
        assert len(group) == 1 or sum(sizes[index] for index in group) <= GROUP_BYTES


def test_groups_have_500_at_most() -> None:
    assert [len(group) for group in groups([1] * 1001)] == [GROUP_EVENTS, GROUP_EVENTS, 1]


def test_all_of_ilerts_words_are_known() -> None:
    assert len(ILERT) == 144 + 3
    assert {"API", "EMAIL2", "GRAFANA", "GOOGLECHAT", "CRN", "HEARTBEAT"} <= ILERT


@pytest.mark.parametrize("word", sorted(INTEGRATION_TYPES))
def test_a_source_may_be_of_any_known_type(word: str) -> None:
    check_source(replace(SOURCE, integration_type=word))


def test_a_source_may_have_everything() -> None:
    check_source(
        replace(
            SOURCE,
            name="n" * 255,
            auto_resolution="PT10M",
            icon_url="https://example.com/icon.png?size=2",
            support_hours_id=3,
            team_ids=tuple(range(1, 101)),
        )
    )


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "x" * 256}),
        ("name", {"name": "a\x00b"}),
        ("name", {"name": "a\nb"}),
        ("integrationType", {"integration_type": ""}),
        ("integrationType", {"integration_type": "api"}),
        ("integrationType", {"integration_type": "A B"}),
        ("integrationType", {"integration_type": "NO_SUCH_TOOL"}),
        ("integrationType", {"integration_type": "TOCSIN"}),
        ("escalationPolicy", {"policy_id": 0}),
        ("escalationPolicy", {"policy_id": -1}),
        ("autoResolutionTimeout", {"auto_resolution": "PT11M"}),
        ("autoResolutionTimeout", {"auto_resolution": "pt10m"}),
        ("iconUrl", {"icon_url": "icon.png"}),
        ("iconUrl", {"icon_url": "javascript:alert(1)"}),
        ("iconUrl", {"icon_url": "https://"}),
        ("iconUrl", {"icon_url": "https://a/ b"}),
        ("iconUrl", {"icon_url": "https://a/\x00b"}),
        ("iconUrl", {"icon_url": "https://a/" + "x" * 2040}),
        ("supportHours", {"support_hours_id": 0}),
        ("supportHours", {"support_hours_id": -1}),
        ("teams", {"team_ids": (0,)}),
        ("teams", {"team_ids": tuple(range(1, 102))}),
    ],
)
def test_a_source_must_not_look_like_this(field: str, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=f"^{field} ") as refusal:
        check_source(replace(SOURCE, **fields))

    assert refusal.value.field == field
