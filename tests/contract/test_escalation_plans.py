"""Policies that follow one another, turns, versions that runs keep, accepts that expire."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from services.chassis import timers
from services.chassis.principal import Principal
from services.escalation import consumer, plans, running
from services.escalation.domain.policies import BUILT_IN
from services.escalation.store import policies as store
from tests.contract.blocking import ADA, Answer
from tests.contract.escalation_config_house import make_team, policies, schedules, teams
from tests.contract.escalation_house import (
    DEPLOY,
    INVALID,
    NOT_FOUND,
    OK,
    WRONG_STATE,
    House,
    escalation,
    new_policy,
)
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1 import escalation_service_pb2 as calls
from tocsin.escalation.v1 import policy_service_pb2 as pb
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule, PolicyReference
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer, Shift
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

ROUND_ROBIN = EscalationRule.ROUND_ROBIN
READER = Principal(
    kind="TOKEN", id="readread", name="reader", scopes=frozenset({"config:read", "config:write"})
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        for name in ("Ada", "Bob", "Eve"):
            await opened.person(name)  # who get the ids 1, 2, 3
        yield opened


def rule(*users: int, seconds: int = 60, **fields: Any) -> EscalationRule:
    people = [User(id=user) for user in users]
    return EscalationRule(escalation_timeout_seconds=seconds, users=people, **fields)


async def make(house: House, *rules: EscalationRule, **fields: Any) -> int:
    made = await house.policies("CreateEscalationPolicy", new_policy(*rules, **fields))
    assert made.code == OK, made.details
    policy_id: int = made.reply.id
    return policy_id


async def get(house: House, policy_id: int, caller: Principal = ADA) -> EscalationPolicy:
    request = pb.GetEscalationPolicyRequest(id=policy_id)
    found: EscalationPolicy = (await policies(house, "GetEscalationPolicy", request, caller)).reply
    return found


async def update(house: House, policy_id: int, told: EscalationPolicy) -> Answer:
    request = pb.UpdateEscalationPolicyRequest(id=policy_id, escalation_policy=told)
    return await house.policies("UpdateEscalationPolicy", request)


async def follow(house: House, policy_id: int, fallback: int) -> Answer:
    told = await get(house, policy_id)
    told.fallback.id = fallback
    return await update(house, policy_id, told)


async def paged(house: House, key: str) -> list[tuple[int, int, int, list[int]]]:
    told = [page for page in await house.told(PageRequested) if page.escalation_key == key]
    return [(p.cycle, p.level, p.level_count, list(p.user_ids)) for p in told]


async def run(house: House, run_id: int) -> Escalation:
    request = calls.GetEscalationRequest(id=run_id)
    found: Escalation = (await house.escalations("GetEscalation", request)).reply
    return found


async def answer(house: House, method: str, run_id: int) -> Escalation:
    request = {
        "AcknowledgeEscalation": calls.AcknowledgeEscalationRequest,
        "StopEscalation": calls.StopEscalationRequest,
    }[method](id=run_id)
    answered = await house.escalations(method, request)
    assert answered.code == OK, answered.details
    ended: Escalation = answered.reply
    return ended


# what a policy is


async def test_a_policy_has_all_of_its_fields_and_a_version(house: House) -> None:
    last = await make(house, rule(3), name="Last")
    wanted = rule(1, 2, distribution=ROUND_ROBIN)
    fields = {"fallback": PolicyReference(id=last), "accept_expiry_min": 30}
    policy_id = await make(house, wanted, **fields)

    shown = await get(house, policy_id)
    assert (shown.fallback.id, shown.fallback.name) == (last, "Last")
    assert (shown.accept_expiry_min, shown.version) == (30, 1)
    assert shown.escalation_rules[0].distribution == ROUND_ROBIN
    assert (await update(house, policy_id, shown)).reply == shown  # nothing changed
    shown.delay_min = 1
    assert (await update(house, policy_id, shown)).reply.version == 2
    level = pb.UpdateEscalationLevelRequest(id=policy_id, level=0, escalation_rule=rule(1))
    changed = (await house.policies("UpdateEscalationLevel", level)).reply
    assert (changed.version, changed.fallback.id) == (3, last)
    plain = await update(house, policy_id, EscalationPolicy(name="x", escalation_rules=[wanted]))
    assert not plain.reply.HasField("fallback")
    assert not plain.reply.HasField("accept_expiry_min")
    assert not (await get(house, last)).HasField("fallback")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"fallback": PolicyReference(id=99)}, "there is no escalation policy 99"),
        ({"fallback": PolicyReference()}, "there is no escalation policy 0"),
        ({"fallback": PolicyReference(id=BUILT_IN)}, "built in"),
        ({"accept_expiry_min": 0}, "acceptExpiryMin must be 1 to 43200"),
        ({"escalation_rules": [rule(1)] * 1000}, "escalationRules must have 50 at most"),
        ({"escalation_rules": [rule()]}, "escalationRules[0].users"),
        (
            {"escalation_rules": [rule(1, distribution=7)]},
            "escalationRules[0].distribution must be ALL or ROUND_ROBIN",
        ),
    ],
)
async def test_what_a_policy_may_not_be(house: House, told: dict[str, Any], reason: str) -> None:
    answer = await house.policies("CreateEscalationPolicy", new_policy(**told))
    if "escalation_rules" not in told:
        answer = await house.policies("CreateEscalationPolicy", new_policy(rule(1), **told))
    assert answer.code == INVALID
    assert reason in answer.details


async def test_circles_are_refused_with_their_names(house: House) -> None:
    first = await make(house, rule(1), name="First")
    second = await make(house, rule(2), name="Second", fallback=PolicyReference(id=first))
    third = await make(house, rule(3), name="Third", fallback=PolicyReference(id=second))

    for id_ in (first, second, third):
        refused = await follow(house, first, id_)
        assert refused.code == INVALID
        assert f"First ({first})" in refused.details
    assert refused.details == (
        f"fallback would lead in a circle: First ({first}) → Third ({third})"
        f" → Second ({second}) → First ({first})"
    )
    before = first
    for number in range(7):
        before = await make(house, rule(1), name=f"p{number}")
        assert (await follow(house, before, third)).code == OK
        third = before
    assert (await follow(house, first, await make(house, rule(1)))).code == INVALID
    assert "at most 10" in (await follow(house, first, await make(house, rule(1)))).details


async def test_what_another_does_not_see_is_not_told_nor_named(house: House) -> None:
    secret = await make_team(house, "Secret", 1, visibility="PRIVATE")
    hidden = await make(house, rule(1), name="Hidden", teams=[Team(id=secret)])
    policy_id = await make(house, rule(1), fallback=PolicyReference(id=hidden))
    outsider = replace(READER, hidden=frozenset({secret}))

    assert (await get(house, policy_id)).fallback.name == "Hidden"
    shown = await get(house, policy_id, outsider)
    assert (shown.fallback.id, shown.fallback.name) == (hidden, "")

    async def refused(told: EscalationPolicy) -> str:
        request = pb.UpdateEscalationPolicyRequest(id=policy_id, escalation_policy=told)
        answer = await policies(house, "UpdateEscalationPolicy", request, outsider)
        return "" if answer.code == OK else answer.details

    shown.delay_min = 3
    assert await refused(shown) == ""  # what it names already, it keeps
    fresh = new_policy(rule(1), fallback=PolicyReference(id=hidden))
    answer = await policies(house, "CreateEscalationPolicy", fresh, outsider)
    assert "there is no escalation policy" in answer.details
    assert (await follow(house, hidden, await make(house, rule(1), name="Public"))).code == OK
    last = (await get(house, hidden)).fallback.id
    request = new_policy(rule(1)).escalation_policy  # type: ignore[attr-defined] # its field
    request.fallback.id = policy_id
    circle = pb.UpdateEscalationPolicyRequest(id=last, escalation_policy=request)
    details = (await policies(house, "UpdateEscalationPolicy", circle, outsider)).details
    assert "Hidden" not in details
    assert f"({hidden})" in details


async def test_a_policy_that_another_follows_is_not_deleted(house: House) -> None:
    last = await make(house, rule(1), name="Last")
    policy_id = await make(house, rule(1), fallback=PolicyReference(id=last))
    delete = pb.DeleteEscalationPolicyRequest(id=last)

    refused = await house.policies("DeleteEscalationPolicy", delete)
    assert refused.code == WRONG_STATE
    assert f"escalation policy {policy_id} (Night)" in refused.details
    own = pb.DeleteEscalationPolicyRequest(id=policy_id)
    assert (await house.policies("DeleteEscalationPolicy", own)).code == OK
    assert (await house.policies("DeleteEscalationPolicy", delete)).code == OK


# levels that reach nobody


async def schedule(house: House, **fields: Any) -> int:
    told = Schedule(**{"name": "Night", "timezone": "UTC", "type": "STATIC", **fields})
    made = await schedules(
        house, "CreateSchedule", schedule_calls.CreateScheduleRequest(schedule=told)
    )
    assert made.code == OK, made.details
    schedule_id: int = made.reply.id
    return schedule_id


def shift(user: int, start: int, end: int) -> Shift:
    now, hour = datetime.now(UTC), timedelta(hours=1)
    return Shift(user=User(id=user), start=now + start * hour, end=now + end * hour)


async def test_a_level_that_can_never_reach_anybody_is_refused(house: House) -> None:
    empty = await make_team(house, "Empty")
    over = await schedule(house, shifts=[shift(1, -9, -8)])
    layer = ScheduleLayer(
        name="l",
        starts_on="2020-01-01T00:00",
        ends_on="2021-01-01T00:00",
        users=[User(id=1)],
        rotation="P7D",
    )
    ended = await schedule(house, type="RECURRING", schedule_layers=[layer])

    async def refused(**targets: Any) -> str:
        made = await house.policies(
            "CreateEscalationPolicy", new_policy(rule(1), EscalationRule(**targets))
        )
        return "" if made.code == OK else made.details

    assert await refused(teams=[Team(id=empty)], schedules=[Schedule(id=over)]) == (
        "escalationRules[1] can never reach anybody:"
        f" schedule {over} has nobody from now on, team {empty} has no members"
    )
    assert "can never" in await refused(schedules=[Schedule(id=ended)])
    assert await refused(schedules=[Schedule(id=ended)], users=[User(id=1)]) == ""
    later = await schedule(house, shifts=[shift(1, 99_999, 100_000)])
    assert await refused(schedules=[Schedule(id=later)]) == ""
    override = schedule_calls.AddOverrideRequest(id=ended, shift=shift(2, 1, 2))
    assert (await schedules(house, "AddOverride", override)).code == OK
    assert await refused(schedules=[Schedule(id=ended)]) == ""


async def test_a_team_that_is_emptied_later_is_passed_over_and_stays_named(house: House) -> None:
    ops = await make_team(house, "Ops", 2)
    by_team = EscalationRule(escalation_timeout_seconds=60, teams=[Team(id=ops)])
    policy_id = await make(house, by_team, rule(1))
    empty = team_calls.UpdateTeamRequest(id=ops, team=Team(name="Ops"))
    assert (await teams(house, "UpdateTeam", empty)).code == OK

    told = await get(house, policy_id)
    told.delay_min = 0
    told.name = "renamed"
    assert (await update(house, policy_id, told)).code == OK
    begun = (await house.start(policy_id=policy_id)).reply
    await house.goes_on()
    changes = [c for c in await house.told(EscalationChanged) if c.escalation.id == begun.id]
    skipped, stepped = changes[1:]
    assert skipped.cause == EscalationChanged.LEVEL_SKIPPED
    assert [(r.kind, r.team_id) for r in skipped.reasons] == [
        (EscalationChanged.Reason.TEAM_EMPTY, ops)
    ]
    assert [(r.kind, r.user_id) for r in stepped.reasons] == [(EscalationChanged.Reason.NAMED, 1)]


async def test_whoever_is_named_or_on_call_is_not_deleted(house: House) -> None:
    night = await schedule(house, shifts=[shift(3, -1, 1)])
    day = await schedule(house, name="Day")
    override = schedule_calls.AddOverrideRequest(id=day, shift=shift(3, 5, 6))
    assert (await schedules(house, "AddOverride", override)).code == OK
    ops = await make_team(house, "Ops", 3)
    policy_id = await make(house, rule(3))

    refused = await house.users("DeleteUser", user_calls.DeleteUserRequest(id=3))
    assert refused.code == WRONG_STATE
    for place in (
        f"escalation policy {policy_id} (Night)",
        f"schedule {night} (Night)",
        f"schedule {day} (Day)",
        f"team {ops} (Ops)",
    ):
        assert place in refused.details


# whose turn it is, and what follows


async def test_runs_take_turns_and_a_preview_takes_none(house: House) -> None:
    policy_id = await make(house, rule(1, 2, 3, distribution=ROUND_ROBIN, seconds=600))
    policy = await house.db.read(store.get, policy_id)

    for number in range(4):
        for _ in range(2):
            plan = await house.db.read(plans.plan, policy)
            assert (await house.db.read(plans.next_turn, plan)).turn == number
        begun = await house.start(Subject(kind="deploy", id=str(number), title="x"), policy_id)
        await house.goes_on()
        assert (await paged(house, begun.reply.key))[0][3] == [number % 3 + 1]
    told = (await house.told(EscalationChanged))[-1]
    assert (told.turn.user_id, told.turn.place, told.turn.count) == (1, 1, 3)


async def test_what_follows_is_pinned_and_gone_through(house: House) -> None:
    last = await make(house, rule(3), name="Last", repeating=True)
    policy_id = await make(house, rule(1), rule(2), fallback=PolicyReference(id=last))
    begun = (await house.start(policy_id=policy_id)).reply
    await house.goes_on()
    changed = await get(house, last)
    changed.escalation_rules[0].users[0].id = 1
    assert (await update(house, last, changed)).code == OK
    for _ in range(4):
        await house.goes_on(seconds=61)

    assert await paged(house, begun.key) == [
        (0, 1, 2, [1]),
        (0, 2, 2, [2]),
        (1, 1, 1, [3]),
        (2, 1, 1, [3]),
    ]
    ended = await run(house, begun.id)
    assert (ended.state, ended.escalation_policy_id) == (Escalation.EXHAUSTED, policy_id)
    assert (ended.followed_policy_id, ended.followed_policy_version, ended.round) == (last, 1, 2)
    causes = [c.cause for c in await house.told(EscalationChanged)]
    assert causes.count(EscalationChanged.FALLEN_BACK) == 1
    (raised,) = await house.told(SuiteAlertRaised)
    assert f"(and after it {last})" in raised.details
    await answer(house, "AcknowledgeEscalation", begun.id)
    over = (await house.told(SuiteAlertRaised))[-1]
    assert (over.over, over.alert_key) == (True, raised.alert_key)
    await answer(house, "StopEscalation", begun.id)
    assert len(await house.told(SuiteAlertRaised)) == 2


async def test_a_run_keeps_the_version_that_it_began_with(house: House) -> None:
    policy_id = await make(house, rule(1), rule(2))
    begun = (await house.start(policy_id=policy_id)).reply
    await house.goes_on()
    policy = EscalationPolicy(name="Other", escalation_rules=[rule(3, seconds=5)])
    assert (await update(house, policy_id, policy)).reply.version == 2
    again = await house.start(Subject(kind="deploy", id="42", title="x", episode=2), policy_id)
    other = (await house.start(Subject(kind="deploy", id="43", title="x"), policy_id)).reply
    await house.goes_on(seconds=61)

    assert begun.escalation_policy_version == 1
    assert (await paged(house, begun.key))[0][3] == [1]  # and another episode ended it
    assert again.reply.escalation_policy_version == other.escalation_policy_version == 2
    for each in (again.reply, other):
        assert (await paged(house, each.key))[0][3] == [3]


async def test_an_edit_in_flight_changes_nothing_for_what_runs(house: House) -> None:
    policy_id = await make(house, rule(1), rule(2))
    begun = (await house.start(policy_id=policy_id)).reply
    await house.goes_on()
    policy = EscalationPolicy(name="Other", escalation_rules=[rule(3, seconds=5)])
    assert (await update(house, policy_id, policy)).code == OK
    await house.goes_on(seconds=61)

    assert [users for *_, users in await paged(house, begun.key)] == [[1], [2]]


def changed(policy_id: int, version: int, episode: int, source_id: int = 3) -> AlertChanged:
    alert = Alert(
        id=7,
        summary="disk full",
        status=Alert.PENDING,
        priority=Alert.HIGH,
        escalation_policy=EscalationPolicy(id=policy_id),
        alert_source=AlertSource(id=source_id),
    )
    return AlertChanged(alert=alert, version=version, episode=episode)


async def hear(house: House, event: AlertChanged) -> None:
    def react(connection: Any) -> None:
        consumer.alert_changed(connection, house.clock.now(connection), event)

    await house.db.write(react)


async def test_another_episode_of_an_alert_takes_the_policy_as_it_is_now(house: House) -> None:
    policy_id = await make(house, rule(1))
    await hear(house, changed(policy_id, 1, 1))
    policy = EscalationPolicy(name="Other", escalation_rules=[rule(3)])
    assert (await update(house, policy_id, policy)).code == OK
    await hear(house, changed(policy_id, 2, 2))
    await house.goes_on()

    assert [users for *_, users in await paged(house, "alert:7:2")] == [[3]]
    begun = [c for c in await house.told(EscalationChanged) if c.cause == EscalationChanged.BEGUN]
    assert [c.escalation.escalation_policy_version for c in begun] == [1, 2]
    stopped = [c for c in await house.told(EscalationChanged) if c.cause == EscalationChanged.ENDED]
    assert [c.state_before for c in stopped] == [Escalation.RUNNING]


@pytest.mark.parametrize(("source_id", "told"), [(3, 1), (1, 0)])
async def test_the_suite_is_never_told_of_its_own_alerts(
    house: House, source_id: int, told: int
) -> None:
    policy_id = await make(house, rule(1))
    await hear(house, changed(policy_id, 1, 1, source_id))
    await house.goes_on()
    await house.goes_on(seconds=61)

    assert (await house.told(EscalationChanged))[-1].escalation.state == Escalation.EXHAUSTED
    assert len(await house.told(SuiteAlertRaised)) == told


# accepts that expire


async def expiring(house: House) -> Escalation:
    policy_id = await make(house, rule(1, seconds=600), accept_expiry_min=5)
    begun: Escalation = (await house.start(policy_id=policy_id)).reply
    await house.goes_on()
    taken = await answer(house, "AcknowledgeEscalation", begun.id)
    assert taken.accept_expire_time.seconds == taken.end_time.seconds + 300
    return taken


async def listed(house: House) -> list[tuple[int, int, int]]:
    request = calls.ListEscalationsRequest(kind="deploy", subject_id="42")
    found = (await house.escalations("ListEscalations", request)).reply.escalations
    return [(each.subject.episode, each.state, each.continued_id) for each in found]


async def test_an_acknowledged_subject_is_paged_anew_unless_it_is_stopped(house: House) -> None:
    taken = await expiring(house)
    await house.goes_on(seconds=299)
    assert len(await listed(house)) == 1
    await house.goes_on(seconds=2)

    assert await listed(house) == [
        (2, Escalation.RUNNING, taken.id),
        (1, Escalation.ACKNOWLEDGED, 0),
    ]
    assert [users for *_, users in await paged(house, "deploy:42:2")] == [[1]]
    retaken = await answer(house, "AcknowledgeEscalation", taken.id)  # it knows of no other
    assert (retaken.key, retaken.state) == ("deploy:42:2", Escalation.ACKNOWLEDGED)
    await house.goes_on(seconds=301)
    assert len(await listed(house)) == 3
    stopped = await answer(house, "StopEscalation", taken.id)
    assert (stopped.key, stopped.state) == ("deploy:42:3", Escalation.STOPPED)
    await house.goes_on(seconds=100_000)
    assert len(await listed(house)) == 3


async def test_a_retried_accept_leaves_the_timer_to_whoever_has_it(house: House) -> None:
    taken = await expiring(house)
    key = str(taken.id)
    await house.db.write(timers.clear_timer, running.ACCEPT_EXPIRY, key)

    await answer(house, "AcknowledgeEscalation", taken.id)

    later = datetime.max.replace(tzinfo=UTC)
    assert await house.db.read(timers.due_keys, running.ACCEPT_EXPIRY, later, 9) == []


async def test_a_stopped_subject_is_never_paged_anew(house: House) -> None:
    taken = await expiring(house)
    await answer(house, "StopEscalation", taken.id)
    await house.goes_on(seconds=1000)

    assert await listed(house) == [(1, Escalation.STOPPED, 0)]
    assert not (await run(house, taken.id)).HasField("accept_expire_time")


async def test_a_program_s_next_episode_pages_whatever_expired_meanwhile(house: House) -> None:
    taken = await expiring(house)
    await house.goes_on(seconds=301)
    again = Subject(kind="deploy", id="42", title="x", episode=2)

    pending = (await house.start(again, taken.escalation_policy_id)).reply
    assert (pending.subject.episode, pending.continued_id) == (2, taken.id)  # is paged now
    await answer(house, "StopEscalation", pending.id)
    begun = (await house.start(again, taken.escalation_policy_id)).reply
    assert (begun.subject.episode, begun.state) == (3, Escalation.RUNNING)
    retried = (await house.start(again, taken.escalation_policy_id)).reply
    assert retried.id == begun.id


async def test_a_newer_episode_is_not_put_off_by_an_accept_that_expires(house: House) -> None:
    taken = await expiring(house)
    newer = replace_episode(DEPLOY, 2)
    await house.start(newer, taken.escalation_policy_id)
    await house.goes_on(seconds=301)

    assert [episode for episode, *_ in await listed(house)] == [2, 1]


def replace_episode(subject: Subject, episode: int) -> Subject:
    told = Subject()
    told.CopyFrom(subject)
    told.episode = episode
    return told


async def test_an_accept_that_expires_takes_the_policy_as_it_is_now(house: House) -> None:
    taken = await expiring(house)
    policy_id = taken.escalation_policy_id
    changed = EscalationPolicy(name="Other", escalation_rules=[rule(2)], accept_expiry_min=9)
    assert (await update(house, policy_id, changed)).code == OK
    await house.goes_on(seconds=301)

    assert [users for *_, users in await paged(house, "deploy:42:2")] == [[2]]


async def test_an_unknown_run_is_not_answered(house: House) -> None:
    for method, request in (
        ("AcknowledgeEscalation", calls.AcknowledgeEscalationRequest(id=99)),
        ("StopEscalation", calls.StopEscalationRequest(id=99)),
    ):
        sent: Message = request
        assert (await house.escalations(method, sent)).code == NOT_FOUND
