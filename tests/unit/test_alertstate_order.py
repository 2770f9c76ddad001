"""Any order and duplication of a history opens the same keys, and never pages too few."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alertstate.domain.alerts import Actor, Alert, Content, Status
from services.alertstate.domain.cases import Event, Repeat
from services.alertstate.domain.grouping import Creation
from services.alertstate.domain.keys import EventType
from tests.parts.desk import NOW, Desk

SOURCE = Actor(kind="SOURCE", id="3", name="Grafana")
ALERT, ACCEPT, RESOLVE = EventType.ALERT, EventType.ACCEPT, EventType.RESOLVE
PENDING, ACCEPTED = Status.PENDING, Status.ACCEPTED
KEYLESS = ""
TYPES = [ALERT, ALERT, ACCEPT, RESOLVE]
KEYS = ["a", "b", "c"]
SUMMARIES = ["disk full", "cpu hot"]
MANY = 40_000


@dataclass(frozen=True, kw_only=True)
class Told:
    """An event of a history; without a key it is nobody's."""

    seq: int
    type: EventType
    key: str
    summary: str = "disk full"
    silent: bool = False
    repeat: Repeat = Repeat.APPEND


@dataclass
class Expected:
    """An alert as somebody would keep it who sees everything in order."""

    summary: str
    accepted: bool = False
    silent: bool = True
    holds: set[str] = field(default_factory=set)
    loud: set[str] = field(default_factory=set)  # of what it holds, what wants somebody notified


def in_order(history: Sequence[Told], creation: Creation) -> list[Expected]:
    """Returns the open alerts after a history, by the words of the grouping modes alone."""
    alerts: list[Expected] = []
    for told in history:
        holders = [each for each in alerts if told.key and told.key in each.holds]
        if told.type is ALERT and not holders:
            groups = [each for each in alerts if takes_in(each, told, creation)]
            if not groups:
                groups = [Expected(told.summary)]
                alerts += groups
            groups[-1].holds.add(told.key)
            holders = groups[-1:]
        for each in holders:
            if told.type is ALERT and not told.silent:
                each.silent = False
                each.loud.add(told.key)
            elif told.type is ACCEPT:
                each.accepted = True
            elif told.type is RESOLVE:
                each.holds.remove(told.key)
                each.loud.discard(told.key)
        alerts = [each for each in alerts if each.holds]
    return alerts


def takes_in(alert: Expected, told: Told, creation: Creation) -> bool:
    return {
        Creation.EACH: False,
        Creation.SUBJECT: alert.summary == told.summary,
        Creation.ONE_PENDING: not alert.accepted,
        Creation.ONE_OPEN: True,
    }[creation]


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    keys = st.sampled_from([*KEYS, KEYLESS] if draw(st.booleans()) else KEYS)
    drawn = st.tuples(st.sampled_from(TYPES), keys, st.sampled_from(SUMMARIES), st.booleans())
    told = draw(st.lists(drawn, max_size=10))
    return [
        Told(seq=seq, type=type_, key=key, summary=summary, silent=silent)
        for seq, (type_, key, summary, silent) in enumerate(told, 1)
    ]


@pytest.mark.parametrize("creation", list(Creation))
@settings(max_examples=200, deadline=None)
@given(history=histories(), data=st.data())
def test_any_order_opens_the_same_keys_and_pages_nobody_less(
    creation: Creation, history: list[Told], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=3)) if history else []
    delivered = data.draw(st.permutations(history + again))

    assert_as_in_order(history, delivered, creation, data.draw(st.integers(1, 3)))


@pytest.mark.long
@pytest.mark.parametrize("creation", list(Creation))
def test_many_orders_of_many_histories_page_nobody_less(creation: Creation) -> None:
    chance = Random(3)
    for _ in range(MANY):
        keys = [*KEYS, KEYLESS][: chance.randint(1, 4)]
        history = [
            Told(
                seq=seq,
                type=chance.choice(TYPES),
                key=chance.choice(keys),
                summary=chance.choice(SUMMARIES),
                silent=chance.random() < 0.5,
            )
            for seq in range(1, chance.randint(2, 12))
        ]
        apart = chance.choice([2, 4, 12])  # how far a later event may overtake an earlier one
        delivered = sorted(history * 2, key=lambda told: told.seq + apart * chance.random())
        assert_as_in_order(history, delivered, creation, chance.randint(1, 3))


@pytest.mark.parametrize(
    "delivered",
    [
        "b1! a2! c3! a4+ c5- a6! a3!",
        "b6! a8- b3- c6+ a1! c4- b5! c2!",
        "b1+ b2! a3! b4+ b5+ a8! a6- b7- b9!",
        "a7! b2+ b1! a9+ b4! b6! b3- a5+ a8-",
        "a1! a2+ a5! a7+ a3- b4! a6-",
    ],
)
@pytest.mark.parametrize("creation", list(Creation))
def test_orders_that_once_paged_too_few(creation: Creation, delivered: str) -> None:
    types = {"!": ALERT, "+": ACCEPT, "-": RESOLVE}
    told = [
        Told(seq=int(each[1:-1]), type=types[each[-1]], key=each[0]) for each in delivered.split()
    ]
    for size in (1, 2, 3):
        history = sorted(told, key=lambda each: each.seq)
        assert_as_in_order(history, told, creation, size)


@pytest.mark.parametrize("creation", list(Creation))
@settings(max_examples=200, deadline=None)
@given(history=histories(), size=st.integers(1, 4))
def test_in_order_the_alerts_are_what_the_mode_says(
    creation: Creation, history: list[Told], size: int
) -> None:
    desk = delivered_to_desk(history, creation, size)

    found = [(each.status is ACCEPTED, each.silent, held(desk, each)) for each in desk.open]
    expected = in_order(history, creation)
    assert found == [(each.accepted, each.silent, each.holds) for each in expected]


@settings(max_examples=300, deadline=None)
@given(history=histories(), data=st.data())
def test_in_any_order_the_newest_event_tells_what_an_updated_alert_tells(
    history: list[Told], data: st.DataObject
) -> None:
    history = [replace(told, repeat=Repeat.UPDATE) for told in history if told.key]
    delivered = data.draw(st.permutations(history))

    desk = delivered_to_desk(delivered, Creation.EACH, data.draw(st.integers(1, 3)))

    for each in desk.open:
        alerts = [
            told for told in history if (told.type, told.key) == (ALERT, each.content.alert_key)
        ]
        assert each.content == event(alerts[-1], Creation.EACH).content
        assert each.told_seq == alerts[-1].seq


@settings(max_examples=100, deadline=None)
@given(history=histories(), data=st.data())
def test_in_any_order_the_oldest_event_tells_what_a_kept_alert_tells(
    history: list[Told], data: st.DataObject
) -> None:
    fired = [replace(told, repeat=Repeat.KEEP, type=ALERT) for told in history if told.key]
    delivered = data.draw(st.permutations(fired))

    desk = delivered_to_desk(delivered, Creation.EACH, data.draw(st.integers(1, 3)))

    for each in desk.open:
        alerts = [told for told in fired if told.key == each.content.alert_key]
        assert each.content == event(alerts[0], Creation.EACH).content
        assert each.event_count == len(alerts)


@settings(max_examples=200, deadline=None)
@given(history=histories(), data=st.data())
def test_an_alert_starts_its_policy_once_when_it_is_not_silent_any_more(
    history: list[Told], data: st.DataObject
) -> None:
    desk = Desk()
    for told in data.draw(st.permutations(history)):
        before = dict(desk.alerts)
        desk.take(event(told, Creation.EACH))
        for id_, alert in desk.alerts.items():
            was = before.get(id_, alert)
            sounded = was.silent and not alert.silent
            assert not alert.silent or was.silent
            assert alert.episode == was.episode + (sounded and alert.status is PENDING)


def assert_as_in_order(
    history: Sequence[Told], delivered: Sequence[Told], creation: Creation, size: int
) -> None:
    desk = delivered_to_desk(delivered, creation, size)
    expected = in_order(history, creation)
    waiting = [each for each in expected if not each.accepted]
    missing = {key for each in waiting for key in each.holds}
    loud = {key for each in waiting for key in each.loud}
    heard = [each for each in desk.open if each.status is PENDING and not each.silent]

    assert holding(desk, PENDING, ACCEPTED) == {key for each in expected for key in each.holds}
    assert missing <= holding(desk, PENDING), (delivered, size)
    assert loud <= {key for each in heard for key in held(desk, each)}, (delivered, size)
    for each in desk.alerts.values():
        assert len(desk.held(each)) == (each.held if each.status is not Status.RESOLVED else 0)


def delivered_to_desk(delivered: Sequence[Told], creation: Creation, size: int) -> Desk:
    desk = Desk()
    for at in range(0, len(delivered), size):
        desk.take(*(event(told, creation) for told in delivered[at : at + size]))
    return desk


def held(desk: Desk, alert: Alert) -> set[str]:
    return desk.held(alert) | ({KEYLESS} if alert.keyless_seq is not None else set())


def holding(desk: Desk, *statuses: Status) -> set[str]:
    return {key for each in desk.open if each.status in statuses for key in held(desk, each)}


def event(told: Told, creation: Creation) -> Event:
    content = Content(
        alert_key=told.key,
        match_key=told.key,
        summary=told.summary,
        details=str(told.seq),
        labels=(("seq", str(told.seq)),),
        severity=told.seq % 5,
        policy_id=4,
    )
    return Event(
        seq=told.seq,
        type=told.type,
        actor=SOURCE,
        source_id=3,
        content=content,
        accept_time=NOW,
        creation=creation,
        repeat=told.repeat,
        silent=told.silent,
    )
