"""What AlertState makes of an escalation: its log, its end in vain, accepts that expire."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from services.alertstate import consumer, timer
from services.alertstate.timer_kinds import ACCEPT_EXPIRY
from services.chassis import facts
from services.chassis.tables import TimerRow
from tests.contract.alertstate_house import ADA, BOB, NOON, House, accepted, running_house
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.ingest.v1.event_pb2 import Event

Reason = EscalationChanged.Reason
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as running:
        await running.db.write(_expire_accepts)
        yield running


def _expire_accepts(connection: Connection) -> None:
    policy = EscalationPolicy(id=4, name="on-call", version=3, accept_expiry_min=30)
    facts.publish(connection, "policy", 4, policy)
    secret = Team(id=9, name="Secret", visibility="PRIVATE")
    facts.publish(connection, "team", 9, secret)
    facts.publish(connection, "team", 8, Team(id=8, name="SRE", visibility="PUBLIC"))
    hidden = Schedule(id=7, name="hidden nights", teams=[secret])
    facts.publish(connection, "schedule", 7, hidden)


async def hear(house: House, version: int, cause: EscalationChanged.Cause, **more: Any) -> None:
    """Hears how the escalation of the first alert goes."""
    run = Escalation(
        key="alert:1:1",
        subject=Subject(kind="alert", id="1", episode=1),
        **{
            "state": Escalation.RUNNING,
            "level": 1,
            "followed_policy_id": 4,
            "followed_policy_version": 3,
            "round": 1,
            "version": version,
            **more.pop("run", {}),
        },
    )
    told = EscalationChanged(escalation=run, cause=cause, **more)

    def react(connection: Connection) -> None:
        name = EscalationChanged.DESCRIPTOR.full_name
        consumer.of_escalation()[name](connection, NOON, told.SerializeToString())

    await house.db.write(react)


async def texts(house: House) -> list[str]:
    found = (await house.call("ListLogEntries", pb.ListLogEntriesRequest(id=1))).reply
    return [each.text for each in found.log_entries]


async def due(house: House) -> list[tuple[str, Any]]:
    table = TimerRow.__table__

    def read(connection: Connection) -> list[tuple[str, Any]]:
        rows = connection.execute(select(table).where(table.c.kind == ACCEPT_EXPIRY))
        return [(row.key, row.due_at) for row in rows]

    return await house.db.read(read)


async def test_the_log_names_whom_and_what_it_is_about_but_nothing_private(house: House) -> None:
    await house.take(accepted(1))
    await hear(house, 1, EscalationChanged.BEGUN)
    reasons = [
        Reason(kind=Reason.ON_CALL, user_id=1, schedule_id=6),
        Reason(kind=Reason.ON_CALL, user_id=2, schedule_id=7),
        Reason(kind=Reason.MEMBER, user_id=77, team_id=9),
        Reason(kind=Reason.MEMBER, user_id=2, team_id=8),
    ]
    await hear(house, 2, EscalationChanged.STEPPED, reasons=reasons)

    assert (await texts(house))[1:] == [
        "the escalation began along the policy on-call (version 3), which the alert source has",
        "the alert was escalated to level 1; on call in the schedule nights: Ada Lovelace",
        "the alert was escalated to level 1; on call in the schedule 7: Bob Noyce",
        "the alert was escalated to level 1; members of the team 9: user 77",
        "the alert was escalated to level 1; members of the team SRE: Bob Noyce",
    ]


async def test_what_comes_late_is_logged_and_changes_nothing(house: House) -> None:
    await house.take(accepted(1))
    ended = {"state": Escalation.EXHAUSTED, "end_time": NOON}
    await hear(house, 4, EscalationChanged.ENDED, run=ended)
    skipped = [Reason(kind=Reason.NOBODY_ON_CALL, schedule_id=6)]
    for _ in range(2):
        await hear(house, 2, EscalationChanged.LEVEL_SKIPPED, reasons=skipped)
        await hear(house, 1, EscalationChanged.BEGUN)

    told = await texts(house)
    assert len(told) == 4
    assert "level 1 was passed over; nobody is on call in the schedule nights" in told
    alert = await house.get(1)
    assert alert.escalation_exhausted.ToDatetime() == NOON.replace(tzinfo=None)
    assert (await house.changes())[-1].alert.HasField("escalation_exhausted")
    await house.accept(1, ADA)
    assert not (await house.get(1)).HasField("escalation_exhausted")


async def test_the_index_of_the_next_level_is_the_run_s(house: House) -> None:
    await house.take(accepted(1))
    step = {"next_level": 3, "level": 2, "next_step_time": NOON}
    await hear(house, 2, EscalationChanged.STEPPED, run=step)

    assert (await house.get(1)).next_escalation_rule_index == 2


async def test_an_accept_expires_once_and_a_later_one_again(house: House) -> None:
    await house.take(accepted(1))
    await house.accept(1, ADA)
    ((key, at),) = await due(house)
    assert (await house.get(1)).accept_expires.ToDatetime() == at.replace(tzinfo=None)

    await house.db.write(timer.expire_accept, at - timedelta(seconds=1), key)
    assert (await house.get(1)).status == Alert.ACCEPTED
    for _ in range(2):
        await house.db.write(timer.expire_accept, at, key)
    alert = await house.get(1)
    assert (alert.status, alert.HasField("accept_expires")) == (Alert.PENDING, False)
    assert [each.status for each in alert.responders] == [1]  # PENDING again
    told = [(each.cause, each.episode) for each in await house.changes()]
    assert told[-2:] == [(AlertChanged.ACCEPTED, 1), (AlertChanged.ACCEPT_EXPIRED, 2)]
    assert "not resolved in time" in (await texts(house))[-1]

    await house.accept(1, BOB)
    ((key, again),) = await due(house)
    assert again > at - HALF_AN_HOUR
    await house.resolve(1, BOB)
    await house.db.write(timer.expire_accept, again, key)
    assert (await house.get(1)).status == Alert.RESOLVED
    assert not (await house.get(1)).HasField("accept_expires")


async def test_an_event_s_accept_expires_too(house: House) -> None:
    await house.take(accepted(1), accepted(2, Event.ACCEPT))

    ((key, at),) = await due(house)
    assert at == NOON + HALF_AN_HOUR
    await house.db.write(timer.expire_accept, at, key)
    assert (await house.get(1)).status == Alert.PENDING
    await house.take(accepted(3, Event.ACCEPT))
    assert (await house.get(1)).status == Alert.ACCEPTED
    await house.take(accepted(4, Event.RESOLVE))
    await house.db.write(timer.expire_accept, at, key)
    assert (await house.get(1)).status == Alert.RESOLVED


async def test_accepts_last_under_other_policies(house: House) -> None:
    await house.take(accepted(1, policy=5), accepted(2, Event.ACCEPT, policy=5))
    await house.take(accepted(3, key="b", policy=5))
    await house.accept(2, replace(ADA, user_id=0))

    assert await due(house) == []
    assert not (await house.get(2)).HasField("accept_expires")
