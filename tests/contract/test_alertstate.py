"""Every RPC of AlertState: its reply, and its status in each state of the alert."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode
from sqlalchemy import func, select

from services.alertstate import timer
from services.alertstate.store.tables import ALERT_TEAM, KEY_STATE
from services.chassis.audit import AUDIT
from services.chassis.outbox import OUTBOX
from tests.contract.alertstate_house import (
    ADA,
    BOB,
    BOT,
    NOON,
    House,
    State,
    accepted,
    running_house,
)
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert, Responder
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.edge.v1.content_pb2 import Image, Link
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as running:
        yield running


async def test_an_alert_is_rendered_whole(house: House) -> None:
    await house.take(
        accepted(
            1,
            details="**much**",
            images=[Image(src="https://x/a.png", alt="a graph")],
            links=[Link(href="https://x/run")],
            custom_details=b"{}",
        )
    )

    answer = await house.call("GetAlert", pb.GetAlertRequest(id=1))

    alert = answer.reply
    assert isinstance(alert, Alert)
    assert (alert.summary, alert.details, alert.alert_key) == ("disk full", "**much**", "Disk")
    assert (alert.status, alert.priority) == (Alert.PENDING, Alert.HIGH)
    assert alert.report_time.ToDatetime(UTC) == NOON
    assert not alert.HasField("resolved_on")
    assert not alert.HasField("next_escalation")
    assert alert.alert_source.name == "Grafana"
    assert alert.alert_source.integration_type == "API"
    assert not alert.alert_source.HasField("integration_key")
    assert alert.escalation_policy.name == "on-call"
    assert len(alert.escalation_policy.escalation_rules) == 1
    assert list(alert.images) == [Image(src="https://x/a.png", alt="a graph")]
    assert list(alert.links) == [Link(href="https://x/run")]
    assert alert.event_count == 1


async def test_an_alert_without_key_policy_or_known_source_says_so(house: House) -> None:
    await house.take(accepted(1, source=77, key="", policy=0))

    alert = (await house.call("GetAlert", pb.GetAlertRequest(id=1))).reply

    assert not alert.HasField("alert_key")
    assert not alert.HasField("escalation_policy")
    assert alert.alert_source == AlertSource(id=77)


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetAlert", pb.GetAlertRequest(id=7)),
        ("AcceptAlert", pb.AcceptAlertRequest(id=7)),
        ("ResolveAlert", pb.ResolveAlertRequest(id=7)),
        ("ListLogEntries", pb.ListLogEntriesRequest(id=7)),
    ],
)
async def test_an_alert_that_is_not_there_is_not_found(
    house: House, method: str, request_: Message
) -> None:
    answer = await house.call(method, request_, ADA)

    assert (answer.code, answer.details) == (StatusCode.NOT_FOUND, "there is no alert 7")


@pytest.mark.parametrize("method", ["ListAlerts", "ListLogEntries"])
@pytest.mark.parametrize("page", [{"start_index": -1}, {"max_results": 101}, {"max_results": -1}])
async def test_a_page_out_of_bounds_is_refused(
    house: House, method: str, page: dict[str, int]
) -> None:
    request = getattr(pb, f"{method}Request")(**page)

    assert (await house.call(method, request)).code is StatusCode.INVALID_ARGUMENT


async def test_states_that_nobody_knows_and_times_that_are_none_are_refused(house: House) -> None:
    for request in (
        pb.ListAlertsRequest(states=[77]),  # type: ignore[list-item] # a newer client's
        pb.ListAlertsRequest(until=Timestamp(seconds=10**15)),
    ):
        answer = await house.call("ListAlerts", request)
        assert answer.code is StatusCode.INVALID_ARGUMENT


async def test_alerts_are_listed_newest_first(house: House) -> None:
    await house.take(*(accepted(seq, key=f"key {seq}") for seq in range(1, 61)))

    assert await house.ids() == list(range(60, 10, -1))
    assert await house.ids(start_index=58, max_results=100) == [2, 1]
    assert await house.ids(max_results=0) == []


async def test_alerts_are_listed_and_counted_by_state_source_and_time(house: House) -> None:
    later = NOON + timedelta(hours=1)
    await house.take(
        accepted(1, key="a"), accepted(2, key="b", source=4), accepted(3, key="c", at=later)
    )
    await house.accept(1, ADA)
    await house.resolve(3, ADA)

    for wanted, ids in (
        ({}, [3, 2, 1]),
        ({"states": [Alert.PENDING, Alert.ACCEPTED]}, [2, 1]),
        ({"states": [Alert.RESOLVED]}, [3]),
        ({"sources": [3]}, [3, 1]),
        ({"sources": [3], "states": [Alert.ACCEPTED]}, [1]),
        ({"from": later}, [3]),
        ({"until": later}, [2, 1]),
        ({"until": later, "sources": [4]}, [2]),
        ({"sources": [99]}, []),
    ):
        assert await house.ids(**wanted) == ids
        assert await house.count(**wanted) == len(ids)


async def test_whoever_accepts_becomes_a_responder_and_the_others_are_told(house: House) -> None:
    await house.take(accepted(1))

    alert = (await house.accept(1, ADA)).reply

    assert alert.status == Alert.ACCEPTED
    (responder,) = alert.responders
    assert (responder.user.first_name, responder.user.last_name) == ("Ada", "Lovelace")
    assert responder.status == Responder.ACCEPTED
    raised, taken = await house.changes()
    assert (raised.cause, raised.version, raised.episode) == (AlertChanged.RAISED, 1, 1)
    assert (taken.cause, taken.version, taken.alert.status) == (
        AlertChanged.ACCEPTED,
        2,
        Alert.ACCEPTED,
    )
    assert taken.actor == Actor(kind=Actor.USER, id="adasadas", user_id=1, name="Ada Lovelace")
    assert taken.alert.alert_source == AlertSource(id=3, name="Grafana")
    assert taken.alert.escalation_policy == EscalationPolicy(id=4, name="on-call")
    assert taken.accept_time.ToDatetime(UTC) == NOON


async def test_accepting_again_changes_nothing_and_a_second_person_joins(house: House) -> None:
    await house.take(accepted(1))
    first = await house.accept(1, ADA)

    assert (await house.accept(1, ADA)).reply == first.reply
    assert (await house.accept(1, BOT)).reply == first.reply
    assert len(await house.changes()) == 2
    second = (await house.accept(1, BOB)).reply
    assert [each.user.id for each in second.responders] == [1, 2]


async def test_a_resolved_alert_cannot_be_accepted(house: House) -> None:
    await house.take(accepted(1))
    await house.resolve(1, ADA)

    answer = await house.accept(1, ADA)

    assert (answer.code, answer.details) == (
        StatusCode.FAILED_PRECONDITION,
        "alert 1 is resolved",
    )


async def test_resolving_is_idempotent_and_recorded_once(house: House) -> None:
    await house.take(accepted(1))
    first = (await house.resolve(1, BOT)).reply

    assert first.status == Alert.RESOLVED
    assert first.HasField("resolved_on")
    assert (await house.resolve(1, ADA)).reply == first
    assert [change.cause for change in await house.changes()] == [
        AlertChanged.RAISED,
        AlertChanged.RESOLVED,
    ]
    audit = await house.db.read(lambda connection: connection.execute(select(AUDIT)).all())
    assert [(row.action, row.target, row.actor_id) for row in audit] == [
        ("alert.resolve", "alert:1", "botsbots")
    ]


async def test_after_a_resolve_by_hand_an_older_event_opens_nothing(house: House) -> None:
    await house.take(accepted(5))
    await house.resolve(1, ADA)

    await house.take(accepted(4))
    assert await house.ids() == [1]
    await house.take(accepted(6))
    assert await house.ids() == [2, 1]


async def test_the_log_tells_what_happened_oldest_first(house: House) -> None:
    await house.take(accepted(1))
    await house.accept(1, ADA)
    await house.take(accepted(2, Event.RESOLVE))

    entries = (await house.call("ListLogEntries", pb.ListLogEntriesRequest(id=1))).reply

    told = [(each.id, each.log_entry_type, each.text) for each in entries.log_entries]
    assert told == [
        (1, "AlertReceivedLogEntry", "Grafana raised the alert"),
        (2, "UserResponseLogEntry", "Ada Lovelace accepted the alert"),
        (3, "AlertSourceResponseLogEntry", "Grafana resolved the alert"),
    ]
    assert [list(each.filter_types) for each in entries.log_entries] == [
        ["ALERT_SOURCE_EVENTS"],
        ["ALERT_UPDATES"],
        ["ALERT_SOURCE_EVENTS"],
    ]
    part = pb.ListLogEntriesRequest(id=1, start_index=1, max_results=1)
    assert (await house.call("ListLogEntries", part)).reply.log_entries == [entries.log_entries[1]]


async def test_pages_go_out_while_the_episode_is_pending(house: House) -> None:
    await house.take(accepted(1, key="a"), accepted(2, key="b"), accepted(3, key="c"))
    await house.accept(2, BOT)
    await house.resolve(3, BOT)

    answer = await house.check(
        ("alert", "1", 1),
        ("alert", "1", 2),
        ("alert", "2", 1),
        ("alert", "3", 1),
        ("alert", "4", 1),
        ("alert", "one", 1),
        ("deploy", "1", 1),
    )

    assert list(answer.reply.states) == [
        State.PENDING,
        State.OVER,
        State.OVER,
        State.OVER,
        State.STATE_UNSPECIFIED,
        State.STATE_UNSPECIFIED,
        State.STATE_UNSPECIFIED,
    ]


async def test_too_many_subjects_are_refused(house: House) -> None:
    answer = await house.check(*[("alert", "1", 1)] * 501)

    assert answer.code is StatusCode.INVALID_ARGUMENT


async def test_the_first_routing_key_with_a_policy_chooses_it(house: House) -> None:
    await house.take(accepted(1, routing_keys=["nobody's", "db"]))

    alert = (await house.call("GetAlert", pb.GetAlertRequest(id=1))).reply

    assert alert.escalation_policy.name == "databases"


async def test_an_alert_belongs_to_its_sources_teams(house: House) -> None:
    await house.take(accepted(1))

    links = await house.db.read(lambda connection: connection.execute(select(ALERT_TEAM)).all())
    assert [tuple(row) for row in links] == [(1, 8)]


async def test_an_event_of_a_sort_that_is_not_known_here_stops_no_other(house: House) -> None:
    newer = accepted(1, 77)  # type: ignore[arg-type] # a newer Ingest's
    await house.take(newer, accepted(2))

    assert await house.ids() == [1]


async def test_keys_without_an_open_alert_are_forgotten_after_a_week(house: House) -> None:
    await house.take(accepted(1, key="over"), accepted(2, Event.RESOLVE, key="over"))
    await house.take(accepted(3, key="open"))
    week = NOON + timedelta(days=7)

    assert await _keys_after(house, week) == ["open", "over"]
    assert await _keys_after(house, week + timedelta(seconds=1)) == ["open"]


async def _keys_after(house: House, now: datetime) -> list[str]:
    await house.db.write(timer.forget_keys, now, timer.ALL)
    query = select(KEY_STATE.c.match_key).order_by(KEY_STATE.c.match_key)
    return list(await house.db.read(lambda connection: connection.execute(query).scalars().all()))


async def test_no_alert_is_counted_twice(house: House) -> None:
    await house.take(accepted(1))
    await house.take(accepted(1))
    await house.take(accepted(1), accepted(2))

    alert = (await house.call("GetAlert", pb.GetAlertRequest(id=1))).reply
    assert (alert.event_count, await house.count()) == (2, 1)
    total = await house.db.read(
        lambda connection: connection.execute(select(func.count()).select_from(OUTBOX)).scalar()
    )
    assert total == 2
