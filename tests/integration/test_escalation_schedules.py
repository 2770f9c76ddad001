"""What an alert's versions make of its runs: sleep, calls by hand, pushes, other policies."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Connection, select

from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.timers import Timers
from services.escalation import consumer, timer
from services.escalation.domain.policies import Level, Policy
from services.escalation.domain.runs import Run, State
from services.escalation.store import policies, runs, schedules, users
from tests.parts.people import person
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged, Call
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy

ADA, BOB, EVE = 1, 2, 3
POLICY, OTHER, NIGHT = 7, 8, 10
MINUTE = timedelta(minutes=1)


@dataclass
class House:
    """Runs with a clock that can be turned, and alerts that are told by hand."""

    db: Database
    clock: Clock = field(default_factory=Clock)

    async def hears(self, *events: AlertChanged) -> None:
        def react(connection: Connection) -> None:
            for event in events:
                consumer.alert_changed(connection, self.clock.now(connection), event)

        await self.db.write(react)

    async def goes_on(self, minutes: int = 0) -> None:
        self.clock.turn(minutes * MINUTE)
        timers = Timers(self.db, self.clock, timer.DUE)
        while await timers.step():
            pass

    async def told(self, message: Any) -> list[Any]:
        name = message.DESCRIPTOR.full_name
        query = select(OUTBOX.c.payload).where(OUTBOX.c.type == name).order_by(OUTBOX.c.id)
        payloads = await self.db.read(lambda c: c.execute(query).scalars().all())
        return [message.FromString(payload) for payload in payloads]

    async def pages(self) -> list[tuple[str, int, list[int]]]:
        told = await self.told(PageRequested)
        return [(page.escalation_key, page.level, list(page.user_ids)) for page in told]

    async def runs(self) -> list[Run]:
        found = await self.db.read(runs.of_subject, "alert", "7")
        return sorted(found, key=lambda run: run.subject.episode)

    def now(self) -> datetime:
        return self.clock.wall()


def _prepare(connection: Connection, now: datetime) -> None:
    for user_id in (ADA, BOB, EVE):
        users.add(connection, person(user_id, now, name=str(user_id)))
    levels = (Level((ADA,), 5 * MINUTE), Level((BOB,), 5 * MINUTE))
    policies.add(connection, Policy(id=POLICY, name="Night", levels=levels))
    policies.add(connection, Policy(id=OTHER, name="Other", levels=levels[1:]))
    layer = Layer(name="", starts_on="2026-01-01T00:00", users=(EVE,), rotation="P1D")
    schedules.add(
        connection,
        Schedule(id=NIGHT, name="N", timezone="UTC", kind=Kind.RECURRING, layers=(layer,)),
    )


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    migrate(any_database_url, "escalation")
    async with database(any_database_url, "escalation") as opened:
        made = House(opened)
        await opened.write(_prepare, made.now())
        yield made


def alert(version: int, status: str = "PENDING", episode: int = 1, **more: Any) -> AlertChanged:
    """Returns an alert along the policy; `policy=0` for one that follows none."""
    policy_id = more.pop("policy", POLICY)
    asleep = more.pop("asleep", None)
    told = Alert(
        id=7,
        summary="disk full",
        priority="HIGH",
        status=status,
        escalation_policy=EscalationPolicy(id=policy_id) if policy_id else None,
        snoozed_until=asleep,
    )
    return AlertChanged(alert=told, version=version, episode=episode, **more)


def calls(*targets: int) -> list[Call]:
    """Returns calls numbered from 1: of people, or of whoever is on call where it is 10."""
    return [
        Call(number=number, schedule_id=target)
        if target == NIGHT
        else Call(number=number, user_id=target)
        for number, target in enumerate(targets, start=1)
    ]


async def test_an_alert_that_sleeps_pages_nobody_until_it_wakes_up(house: House) -> None:
    until = house.now() + 60 * MINUTE
    await house.hears(alert(1))
    await house.goes_on()
    await house.hears(alert(2, episode=2, asleep=until))
    await house.goes_on(59)
    assert [run.state for run in await house.runs()] == [State.STOPPED, State.STOPPED]
    assert [level for _, level, _ in await house.pages()] == [1]

    await house.goes_on(2)
    await house.hears(alert(3, episode=3))
    await house.goes_on()

    assert [key for key, _, _ in await house.pages()] == ["alert:7:1", "alert:7:3"]


async def test_any_order_of_sleeping_and_waking_pages_once_for_the_last_episode(
    house: House,
) -> None:
    until = house.now() + 60 * MINUTE
    history = [alert(1), alert(2, episode=2, asleep=until), alert(3, episode=3)]
    wanted = {1: {1}, 2: set(), 3: {3}}
    for length, episodes in wanted.items():
        for order in permutations(history[:length]):
            await house.hears(*order)
            left = {run.subject.episode for run in await house.runs() if run.pending}
            assert left == episodes, [event.version for event in order]
            await _forget(house)


async def _forget(house: House) -> None:
    await house.db.write(lambda c: [c.execute(t.delete()) for t in (runs.RUN, OUTBOX)])


async def test_a_push_pages_the_next_level_at_once_and_only_once(house: House) -> None:
    await house.hears(alert(1))
    await house.goes_on()

    await house.hears(alert(2, pushes=1, cause="ESCALATED"))
    await house.hears(alert(2, pushes=1), alert(3, pushes=1, cause="COMMENTED"))
    await house.goes_on()

    assert await house.pages() == [("alert:7:1", 1, [ADA]), ("alert:7:1", 2, [BOB])]
    assert (await house.runs())[0].pushes == 1


async def test_a_push_that_comes_before_the_beginning_reaches_both_levels(house: House) -> None:
    await house.hears(alert(2, pushes=1), alert(1))
    await house.goes_on()

    assert [users for _, _, users in await house.pages()] == [[ADA], [BOB]]


async def test_somebody_who_is_called_is_paged_once_beside_the_levels(house: House) -> None:
    await house.hears(alert(1))
    await house.goes_on()

    await house.hears(alert(2, calls=calls(EVE)))
    await house.hears(alert(3, calls=calls(EVE)), alert(4, calls=calls(EVE, NIGHT)))
    await house.goes_on(5)

    assert await house.pages() == [
        ("alert:7:1", 1, [ADA]),
        ("alert:7:1", 1001, [EVE]),
        ("alert:7:1", 1002, [EVE]),
        ("alert:7:1", 2, [BOB]),
    ]
    (run,) = await house.runs()
    assert (run.paged, run.calls, run.level) == ((ADA, EVE, BOB), 2, 2)


async def test_any_order_of_calls_pages_everybody_once(house: House) -> None:
    history = [alert(n, policy=0, calls=calls(*(ADA, BOB, EVE)[:n])) for n in (1, 2, 3)]
    history.append(alert(4, "ACCEPTED", policy=0, calls=calls(ADA, BOB, EVE)))
    for order in permutations(history):
        await house.hears(*order, *order)
        people = [users for _, _, users in await house.pages()]
        assert people == [[ADA], [BOB], [EVE]], [event.version for event in order]
        assert [run.state for run in await house.runs()] == [State.ACKNOWLEDGED]
        await _forget(house)


async def test_a_call_of_whom_nobody_knows_is_seen_to(house: House) -> None:
    await house.hears(alert(1, policy=0, calls=[Call(number=1, user_id=99)]))
    await house.hears(alert(2, policy=0, calls=[Call(number=2, schedule_id=99)]))

    assert await house.pages() == []
    assert (await house.runs())[0].calls == 2


async def test_an_override_says_who_is_called(house: House) -> None:
    now = house.now()
    shift = Shift(BOB, now - MINUTE, now + MINUTE)
    await house.db.write(schedules.add_override, 1, NIGHT, shift)

    await house.hears(alert(1, policy=0, calls=calls(NIGHT)))

    assert await house.pages() == [("alert:7:1", 1001, [BOB])]


async def test_an_alert_whose_policy_is_gone_reaches_nobody_and_says_so(house: House) -> None:
    await house.hears(alert(1, policy=99))
    await house.goes_on(0)

    (run,) = await house.runs()
    assert (run.state, run.paged) == (State.EXHAUSTED, ())
    (raised,) = await house.told(SuiteAlertRaised)
    assert "7" in raised.details


async def test_an_alert_with_responders_only_waits_for_them_and_alarms_nobody(
    house: House,
) -> None:
    await house.hears(alert(1, policy=0, calls=calls(ADA, BOB)))
    await house.goes_on(10_000)

    (run,) = await house.runs()
    assert (run.state, run.due, run.paged) == (State.RUNNING, None, (ADA, BOB))
    assert await house.told(SuiteAlertRaised) == []
    await house.hears(alert(2, "ACCEPTED", policy=0, calls=calls(ADA, BOB)))
    (run,) = await house.runs()
    assert run.state is State.ACKNOWLEDGED
    assert len(await house.pages()) == 2


async def test_somebody_is_called_to_an_accepted_alert(house: House) -> None:
    await house.hears(alert(1), alert(2, "ACCEPTED"))

    await house.hears(alert(3, "ACCEPTED", calls=calls(EVE)))

    assert await house.pages() == [("alert:7:1:call:1", 1001, [EVE])]
    last = (await house.told(EscalationChanged))[-1].escalation
    assert (list(last.paged_user_ids), last.state) == ([EVE], last.ACKNOWLEDGED)


async def test_nobody_is_called_to_what_is_over(house: House) -> None:
    await house.hears(alert(1), alert(2, "RESOLVED", calls=calls(EVE)))

    assert await house.pages() == []


async def test_another_policy_begins_at_its_first_level_and_calls_nobody_again(
    house: House,
) -> None:
    await house.hears(alert(1), alert(2, calls=calls(EVE)))
    await house.goes_on()

    await house.hears(alert(3, episode=2, policy=OTHER, calls=calls(EVE), cause="REASSIGNED"))
    await house.goes_on()

    assert await house.pages() == [
        ("alert:7:1", 1001, [EVE]),
        ("alert:7:1", 1, [ADA]),
        ("alert:7:2", 1, [BOB]),
    ]
    assert [run.plan.policy_id for run in await house.runs()] == [POLICY, OTHER]


async def test_who_was_called_is_called_again_when_a_sleep_ends_without_a_policy(
    house: House,
) -> None:
    await house.hears(alert(1, policy=0, calls=calls(EVE)))
    until = house.now() + 60 * MINUTE
    await house.hears(alert(2, episode=2, policy=0, asleep=until, calls=calls(EVE)))
    await house.hears(alert(3, episode=3, policy=0, calls=calls(EVE)))

    assert [key for key, _, _ in await house.pages()] == ["alert:7:1", "alert:7:3"]


@pytest.mark.parametrize("cause", ["ESCALATION_CHANGED", "COMMENTED"])
async def test_words_change_no_run_but_count(house: House, cause: str) -> None:
    await house.hears(alert(1))
    await house.goes_on()
    (before,) = await house.runs()

    await house.hears(alert(2, cause=cause))

    (after,) = await house.runs()
    assert (after.version, after.due, after.subject_version) == (before.version, before.due, 2)
    await house.hears(alert(1, "ACCEPTED"))
    assert (await house.runs())[0].state is State.RUNNING


async def test_times_are_aware(house: House) -> None:
    known = await house.db.read(schedules.get, NIGHT)
    shift = Shift(ADA, datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC))
    await house.db.write(schedules.add_override, 1, NIGHT, shift)

    found = await house.db.read(schedules.overrides, [NIGHT], shift.start)

    assert found == {NIGHT: [shift]}
    assert known.layers[0].users == (EVE,)
