"""By which ways a person is told: tables, and what is true of all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest
from services.notification.domain import life, preferences, quiet
from services.notification.domain.preferences import Preference, Topic
from services.notification.domain.quiet import QuietHours
from services.notification.domain.values import (
    CONTACT_METHODS,
    WAYS,
    Contact,
    Method,
    reached_by,
)
from services.notification.domain.ways import OWN_ADDRESS, Way, usable, ways

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
HIGH, LOW = "HIGH", "LOW"
AT_ONCE = timedelta()
MINUTE = timedelta(minutes=1)


def contact(id_: int, method: Method, *, verified: bool = True) -> Contact:
    return Contact(id_, 1, method, f"{method}-{id_}", NOW, verified=verified)


def rule(method: Method, minutes: int = 0, contact_id: int = 0, type_: str = HIGH) -> Preference:
    return Preference(
        id=1,
        user_id=1,
        topic=Topic.ALERT,
        method=method,
        contact_id=contact_id,
        type=f"{type_}_PRIORITY",
        minutes=minutes,
    )


def found(
    contacts: list[Contact],
    rules: tuple[Preference, ...] = (),
    priority: str = HIGH,
    **more: object,
) -> list[tuple[int, str, int]]:
    values: dict[str, object] = {"quiet": None, "muted": None, "own_address": None, "now": NOW}
    told: tuple[Way, ...] = ways(contacts, rules, priority, **values | more)  # type: ignore[arg-type] # drawn
    return [(way.contact_id, way.method.value, way.delay // MINUTE) for way in told]


MAIL, PHONE, PUSH = (
    contact(1, Method.EMAIL),
    contact(2, Method.PHONE),
    contact(3, Method.PUSH),
)
OWN = contact(OWN_ADDRESS, Method.EMAIL)
ALL = [MAIL, PHONE, PUSH]


@pytest.mark.parametrize(
    ("contacts", "rules", "priority", "expected"),
    [
        (ALL, (), HIGH, [(1, "EMAIL", 0), (2, "SMS", 0), (3, "PUSH", 0), (2, "VOICE", 2)]),
        (ALL, (), LOW, [(1, "EMAIL", 0), (3, "PUSH", 0)]),
        ([PHONE], (), LOW, [(2, "SMS", 0)]),
        ([], (), HIGH, []),
        (
            ALL,
            (rule(Method.PUSH), rule(Method.SMS, 5, 2), rule(Method.SMS, 10, 2)),
            HIGH,
            [(3, "PUSH", 0), (2, "SMS", 5), (2, "SMS", 10)],
        ),
        (ALL, (rule(Method.VOICE, 3),), HIGH, [(2, "VOICE", 3)]),
        (ALL, (rule(Method.PUSH, type_=LOW),), LOW, [(3, "PUSH", 0)]),
        # Rules for one priority say nothing of the other.
        (ALL, (rule(Method.PUSH, type_=LOW),), HIGH, found(ALL)),
        # A rule that says the same by naming the contact, and not.
        (ALL, (rule(Method.PUSH), rule(Method.PUSH, 0, 3)), HIGH, [(3, "PUSH", 0)]),
        # What would have been first leads nowhere: the next need not wait for it.
        (
            ALL,
            (rule(Method.SLACK, 1), rule(Method.PUSH, 60), rule(Method.SMS, 90)),
            HIGH,
            [(3, "PUSH", 1), (2, "SMS", 90)],
        ),
        # Rules that lead nowhere leave what is usual.
        (ALL, (rule(Method.SLACK),), HIGH, found(ALL)),
    ],
)
def test_who_is_told_how(
    contacts: list[Contact],
    rules: tuple[Preference, ...],
    priority: str,
    expected: list[tuple[int, str, int]],
) -> None:
    assert found(contacts, rules, priority) == expected


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ({Method.SMS}, [(2, "VOICE", 0)]),
        ({Method.VOICE}, [(2, "SMS", 0)]),
        ({Method.SMS, Method.VOICE}, [(OWN_ADDRESS, "EMAIL", 0)]),
        ({Method.SMS, Method.VOICE, Method.EMAIL}, []),
    ],
)
def test_what_nothing_reaches_is_not_used(
    without: set[Method], expected: list[tuple[int, str, int]]
) -> None:
    assert found([PHONE], own_address=OWN, offered=set(WAYS) - without) == expected


def test_a_contact_is_used_once_it_is_verified() -> None:
    new = contact(4, Method.EMAIL, verified=False)

    assert found([MAIL, new]) == [(1, "EMAIL", 0)]
    assert found([new], own_address=OWN) == [(OWN_ADDRESS, "EMAIL", 0)]
    assert found([new]) == [(4, "EMAIL", 0)]  # a missing page is the worst
    assert found([MAIL, new], (rule(Method.EMAIL, 5, 4),)) == [(1, "EMAIL", 0)]


def test_who_is_muted_is_told_nothing_and_that_is_said() -> None:
    told = ways(ALL, (), HIGH, quiet=None, muted=NOW + MINUTE, own_address=OWN, now=NOW)

    assert {way.held for way in told} == {"muted until 2026-03-29T00:31Z"}
    assert found(ALL, muted=NOW) == found(ALL)
    over = ways(ALL, (), HIGH, quiet=None, muted=NOW, own_address=OWN, now=NOW)
    assert {way.held for way in over} == {""}


NIGHT = QuietHours(timezone="Europe/Berlin", start="22:00", end="07:00")


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, "2026-03-27T21:59", None),
        (NIGHT, "2026-03-27T22:00", "2026-03-28T07:00"),
        (NIGHT, "2026-03-28T06:59", "2026-03-28T07:00"),
        (NIGHT, "2026-03-28T07:00", None),
        # The clock skips an hour in this night.
        (NIGHT, "2026-03-28T23:00", "2026-03-29T07:00"),
        (replace(NIGHT, days=("FRIDAY",)), "2026-03-28T01:00", "2026-03-28T07:00"),
        (replace(NIGHT, days=("FRIDAY",)), "2026-03-28T23:00", None),
        (replace(NIGHT, start="12:00", end="13:00"), "2026-03-27T12:30", "2026-03-27T13:00"),
        # Whole days that follow one another are one stretch.
        (
            replace(NIGHT, start="00:00", end="00:00", days=("SATURDAY", "SUNDAY")),
            "2026-03-28T10:00",
            "2026-03-30T00:00",
        ),
    ],
)
def test_quiet_hours_end(hours: QuietHours, now: str, end: str | None) -> None:
    assert quiet.checked(hours).until(at(now)) == (None if end is None else at(end))


def test_what_can_wait_waits_for_the_end_of_quiet_hours() -> None:
    now = at("2026-03-27T21:00")
    rules = (rule(Method.PUSH, type_=LOW), rule(Method.EMAIL, 90, type_=LOW))

    told = ways(ALL, rules, LOW, quiet=NIGHT, muted=None, own_address=None, now=now)
    assert [(way.method, now + way.delay) for way in told] == [
        (Method.PUSH, now),
        (Method.EMAIL, at("2026-03-28T07:00")),  # its delay ends in the night
    ]
    drops = replace(NIGHT, drops=True)
    told = ways(ALL, rules, LOW, quiet=drops, muted=None, own_address=None, now=now)
    assert [way.held for way in told] == ["", "quiet hours until 2026-03-28T06:00Z"]
    high = ways(ALL, (), HIGH, quiet=drops, muted=None, own_address=None, now=now)
    assert high == ways(ALL, (), HIGH, quiet=None, muted=None, own_address=None, now=now)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": "Berlin"}, "timezone"),
        ({"start": "24:00"}, "start"),
        ({"end": "7:00"}, "end"),
        ({"start": "07:00"}, "end"),  # for ever
    ],
)
def test_quiet_hours_that_cannot_be_are_refused(changes: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        quiet.checked(replace(NIGHT, **changes))  # type: ignore[arg-type] # texts, all of them
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (rule(Method.PHONE), "method"),
        (rule(Method.EMAIL, 121), "delayMin"),
        (rule(Method.EMAIL, -1), "delayMin"),
        (rule(Method.EMAIL, 0, 9), "contact"),
        (rule(Method.EMAIL, 0, 2), "contact"),
        (rule(Method.EMAIL, type_="MIDDLE"), "type"),
        (replace(rule(Method.VOICE), topic=Topic.DUTY, type="ON_CALL"), "method"),
        (replace(rule(Method.SMS, 20), topic=Topic.DUTY, type="ON_CALL"), "beforeMin"),
        (replace(rule(Method.VOICE), topic=Topic.UPDATE, type="ALERT_RESOLVED"), "method"),
        (replace(rule(Method.SMS), topic=Topic.UPDATE), "type"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(wrong: Preference, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        preferences.checked(wrong, ALL)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "good",
    [
        rule(Method.SMS, 120, 2),
        rule(Method.VOICE, 0, 2),
        replace(rule(Method.SMS, 1440), topic=Topic.DUTY, type="ON_CALL"),
        replace(rule(Method.PUSH), topic=Topic.UPDATE, type="ALERT_ESCALATED"),
    ],
)
def test_a_rule_that_can_be_is_kept(good: Preference) -> None:
    assert preferences.checked(good, ALL) is good


kinds = st.sampled_from(CONTACT_METHODS)
drawn_contacts = st.lists(st.tuples(kinds, st.booleans()), max_size=6).map(
    lambda found: [
        contact(place, kind, verified=good) for place, (kind, good) in enumerate(found, start=1)
    ]
)
drawn_rules = st.lists(
    st.builds(
        rule,
        st.sampled_from(WAYS),
        st.integers(0, 120),
        st.integers(0, 7),
        st.sampled_from([HIGH, LOW]),
    ),
    max_size=6,
)


@given(
    drawn_contacts,
    drawn_rules,
    st.sampled_from([None, NIGHT, replace(NIGHT, drops=True)]),
    st.sampled_from([None, OWN]),
    st.sets(st.sampled_from(WAYS)),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 # drawn in UTC
)
def test_nobody_who_can_be_told_is_not_told_what_is_urgent(
    contacts: list[Contact],
    rules: list[Preference],
    hours: QuietHours | None,
    own: Contact | None,
    offered: set[Method],
    now: datetime,
) -> None:
    moment = now.replace(tzinfo=UTC)
    told = ways(
        contacts,
        rules,
        HIGH,
        quiet=hours,
        muted=None,
        own_address=own,
        now=moment,
        offered=offered,
    )

    able = usable(contacts, own, offered)
    can = any(set(reached_by(each.method)) & offered for each in contacts)
    assert bool(told) == bool(able)
    assert bool(told) == (can or (own is not None and Method.EMAIL in offered))
    assert not any(way.held for way in told)
    assert {way.method for way in told} <= offered
    assert all(AT_ONCE <= way.delay <= 120 * MINUTE for way in told)
    assert list(told) == sorted(told, key=lambda way: way.delay)
    assert len(set(told)) == len(told)
    low = ways(
        contacts, rules, LOW, quiet=hours, muted=None, own_address=own, now=moment, offered=offered
    )
    assert bool(low) == bool(told)  # what waits, or is not sent, is told, too


def test_each_way_has_a_key_of_its_own() -> None:
    keys = {
        life.page_key("alert:7:1", 0, 1, 1, contact_id, method, again)
        for contact_id, method, again in (
            (2, Method.SMS, 0),
            (2, Method.SMS, 1),
            (2, Method.VOICE, 0),
            (3, Method.EMAIL, 0),
        )
    }

    assert len(keys) == 4
    assert "alert:7:1:0:1:1:3" in keys  # as it always was
