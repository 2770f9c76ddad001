"""What may be recorded of people, teams, policies and support hours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendar.wall import DAYS
from services.chassis.errors import InvalidRequest, NotFound, WrongState
from services.escalation.domain import policies, support_hours, teams, users
from services.escalation.domain.checks import folded
from services.escalation.domain.policies import BUILT_IN, Level, Policy
from services.escalation.domain.support_hours import (
    Day,
    ExceptionDays,
    SupportHours,
    SupportStatus,
)
from services.escalation.domain.teams import Member, Team, TeamRole
from services.escalation.store.policies import level_rows, level_values
from services.escalation.wire import policies as wire
from tests.parts.people import person
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.user_pb2 import User as UserMessage

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

PERSON = person(1, NOW, timezone="Europe/London")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"language": "fr"}, "language"),
        ({"language": "EN"}, "language"),
        ({"shift_color": "red"}, "shiftColor"),
        ({"shift_color": "#12345"}, "shiftColor"),
        ({"shift_color": "#1234567"}, "shiftColor"),
        ({"shift_color": "#12345g"}, "shiftColor"),
        ({"avatar_url": "javascript:alert(1)"}, "avatarUrl"),
        ({"avatar_url": "/me.png"}, "avatarUrl"),
        ({"avatar_url": "https://x/" + "a" * 2048}, "avatarUrl"),
        ({"position": "x" * 256}, "position"),
        ({"department": "a\x00b"}, "department"),
        ({"timezone": "Mars/Base"}, "timezone"),
    ],
)
def test_what_a_person_must_not_have(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest, match=field) as refused:
        users.checked(replace(PERSON, **change))
    assert refused.value.field == field


def test_what_a_person_may_have_and_what_says_nothing() -> None:
    told = replace(
        PERSON,
        position="SRE",
        department="",
        avatar_url="https://example.com/a.png",
        language="de",
        shift_color="#1F77B4",
    )
    assert users.checked(told) == replace(told, department=None, shift_color="#1f77b4")


# policies

LEVEL = Level((1,), 5 * MINUTE)
POLICY = Policy(id=7, name="Night", levels=(LEVEL, Level((), MINUTE, schedules=(4,), teams=(5,))))


def check(policy: Policy) -> Policy:
    return policies.checked(policy, users={1, 2}, schedules={4}, teams={5})


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (
            Level((), MINUTE),
            "escalationRules[1].users, schedules, teams and webhooks must have at least",
        ),
        (Level((1, 9), MINUTE), "escalationRules[1].users[1]: there is no user 9"),
        (Level((1,), MINUTE, schedules=(9,)), "escalationRules[1].schedules[0]: there is no sche"),
        (Level((), MINUTE, teams=(5, 9)), "escalationRules[1].teams[1]: there is no team 9"),
        (
            Level(tuple(range(51)), MINUTE),
            "escalationRules[1].users, schedules, teams and webhooks must",
        ),
    ],
)
def test_a_level_names_who_and_what_exists(level: Level, words: str) -> None:
    assert check(POLICY) == POLICY
    with pytest.raises(InvalidRequest) as refused:
        check(replace(POLICY, levels=(LEVEL, level)))
    assert refused.value.message.startswith(words)
    assert refused.value.field
    assert words.startswith(refused.value.field)


@pytest.mark.parametrize("routing_key", ["a,b", " db", "db ", "x" * 256, "a\nb"])
def test_a_routing_key_can_be_named_by_an_event(routing_key: str) -> None:
    with pytest.raises(InvalidRequest, match="routingKey"):
        check(replace(POLICY, routing_key=routing_key))


def test_a_policy_has_so_many_levels_at_most() -> None:
    with pytest.raises(InvalidRequest, match="escalationRules must have 50 at most"):
        check(replace(POLICY, levels=(LEVEL,) * 51))


@pytest.mark.parametrize("index", [-1, 2])
def test_a_level_that_is_not_there(index: int) -> None:
    with pytest.raises(NotFound, match=f"has no level {index}"):
        policies.with_level(POLICY, index, LEVEL)


def test_levels_count_from_0() -> None:
    wanted = replace(LEVEL, timeout=MINUTE)
    assert policies.with_level(POLICY, 0, wanted).levels == (wanted, POLICY.levels[1])
    assert policies.with_level(POLICY, 1, wanted).levels == (LEVEL, wanted)


def test_the_built_in_policy_stays_as_it_is() -> None:
    assert policies.changeable(POLICY) == POLICY
    with pytest.raises(WrongState, match="built in"):
        policies.changeable(replace(POLICY, id=BUILT_IN))


def test_what_older_clients_say_alone_joins_the_lists() -> None:
    rule = EscalationRule(
        users=[UserMessage(id=2), UserMessage(id=2)],
        user=UserMessage(id=1),
        schedule=Schedule(id=4),
        escalation_timeout=5,
    )
    assert wire.new_level(rule, "r") == Level((2, 1), 5 * MINUTE, schedules=(4,))
    rule.user.id = 2
    assert wire.new_level(rule, "r").users == (2,)


IDS = st.lists(st.integers(1, 2**31 - 1), max_size=5).map(tuple)
LEVELS = st.builds(
    Level,
    users=IDS,
    timeout=st.integers(0, 525_600).map(lambda minutes: minutes * MINUTE),
    schedules=IDS,
    teams=IDS,
)


@given(st.lists(LEVELS).map(tuple))
def test_levels_come_back_from_rest_as_they_were(levels: tuple[Level, ...]) -> None:
    assert level_values(level_rows(levels)) == levels


def test_levels_of_before_there_were_schedules_still_load() -> None:
    assert level_values([{"users": [1, 2], "seconds": 60}]) == (Level((1, 2), MINUTE),)


# teams

TEAM = Team(id=3, name="Ops", created_at=NOW, updated_at=NOW, members=(Member(1), Member(2)))


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": " "}, "name", "name must have 1 to 255"),
        ({"name": "x" * 256}, "name", "name must have 1 to 255"),
        ({"members": (Member(1), Member(9))}, "members[1].user", "there is no user 9"),
        ({"members": (Member(1), Member(1))}, "members[1].user", "user 1 is there twice"),
        ({"members": (Member(1),) * 1001}, "members", "1000 at most"),
    ],
)
def test_what_a_team_must_have(change: dict[str, Any], field: str, words: str) -> None:
    assert teams.checked(TEAM, users={1, 2}) == TEAM
    with pytest.raises(InvalidRequest, match=words) as refused:
        teams.checked(replace(TEAM, **change), users={1, 2})
    assert refused.value.field == field


def test_a_team_is_one_whatever_the_case_of_its_name() -> None:
    assert folded(" OPS Straße") == folded("ops STRASSE ")
    assert Member(1).role is TeamRole.RESPONDER


# support hours

HOURS = SupportHours(
    id=2, name="Office", timezone="Europe/Berlin", days={"MONDAY": Day("09:00", "17:00:30")}
)
HOLIDAY = ExceptionDays("Christmas", "2026-12-24", "2026-12-26", SupportStatus.OUTSIDE)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "CEST+1"}, "timezone"),
        ({"days": {}}, "supportDays"),
        ({"days": {"FUNDAY": Day("09:00", "17:00")}}, "supportDays"),
        ({"days": {"monday": Day("09:00", "17:00")}}, "supportDays"),
        ({"days": {"SUNDAY": Day("9:00", "17:00")}}, "supportDays.SUNDAY.start"),
        ({"days": {"SUNDAY": Day("09:00", "24:00")}}, "supportDays.SUNDAY.end"),
        ({"days": {"SUNDAY": Day("09:00", "17:60")}}, "supportDays.SUNDAY.end"),
        ({"days": {"SUNDAY": Day("09:00", "17:00Z")}}, "supportDays.SUNDAY.end"),
        ({"days": {"SUNDAY": Day("٠٩:00", "17:00")}}, "supportDays.SUNDAY.start"),
        ({"days": {"SUNDAY": Day("17:00", "17:00")}}, "supportDays.SUNDAY.end"),
        ({"days": {"SUNDAY": Day("17:00", "09:00")}}, "supportDays.SUNDAY.end"),
        ({"exceptions": (replace(HOLIDAY, start="24.12."),)}, "exceptions[0].start"),
        ({"exceptions": (HOLIDAY, replace(HOLIDAY, end="2026-02-30"))}, "exceptions[1].end"),
        ({"exceptions": (replace(HOLIDAY, end="2026-12-23"),)}, "exceptions[0].end"),
        ({"exceptions": (replace(HOLIDAY, name="x" * 256),)}, "exceptions[0].name"),
        ({"exceptions": (HOLIDAY,) * 501}, "exceptions"),
        ({"teams": (5, 9)}, "teams"),
    ],
)
def test_what_support_hours_must_have(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        support_hours.checked(replace(HOURS, **change), teams={5})
    assert refused.value.field == field
    assert refused.value.message.startswith(field)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2026-12-24T00:00:00", "2026-12-24"),
        ("2026-12-24T23:59", "2026-12-24"),
        ("2026-12-23T23:30:00Z", "2026-12-24"),  # in Berlin
        ("2026-12-24T23:30:00.000Z", "2026-12-25"),
        ("2026-12-25T03:00:00+05:00", "2026-12-24"),
    ],
)
def test_an_exception_that_is_told_by_the_minute_is_its_day(told: str, day: str) -> None:
    days = replace(HOLIDAY, start=told, end=told)
    (found,) = support_hours.checked(replace(HOURS, exceptions=(days,)), teams=()).exceptions
    assert (found.start, found.end) == (day, day)


@pytest.mark.parametrize("told", ["2026-12-24T25:00", "9999-12-31T23:59-12:00", "2026-12-24 10:00"])
def test_what_no_day_can_be_made_of_is_refused(told: str) -> None:
    hours = replace(HOURS, exceptions=(replace(HOLIDAY, start=told),))
    with pytest.raises(InvalidRequest) as refused:
        support_hours.checked(hours, teams=())
    assert refused.value.field == "exceptions[0].start"


TIMES = st.times().map(lambda time: time.isoformat("seconds"))


@given(st.dictionaries(st.sampled_from(DAYS), st.tuples(TIMES, TIMES), min_size=1))
def test_hours_are_refused_only_if_they_end_before_they_begin(
    told: dict[str, tuple[str, str]],
) -> None:
    hours = replace(HOURS, days={name: Day(*day) for name, day in told.items()})
    if all(start < end for start, end in told.values()):
        assert support_hours.checked(hours, teams=()) == hours
    else:
        with pytest.raises(InvalidRequest, match="must be after its start"):
            support_hours.checked(hours, teams=())


@given(st.dates(), st.dates())
def test_exceptions_are_refused_only_if_they_end_before_they_begin(start: Any, end: Any) -> None:
    days = replace(HOLIDAY, name="", start=start.isoformat(), end=end.isoformat())
    hours = replace(HOURS, exceptions=(days,))
    if start <= end:
        assert support_hours.checked(hours, teams=()) == hours
    else:
        with pytest.raises(InvalidRequest, match="must not be before its start"):
            support_hours.checked(hours, teams=())
