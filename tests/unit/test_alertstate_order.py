"""Any order and duplication of a history opens the same keys, and never pages too few."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alertstate.domain.alerts import Actor, Alert, Content, Status
from services.alertstate.domain.cases import Event
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


@dataclass
class Expected:
    """An alert as somebody would keep it who sees everything in order."""

    summary: str
    accepted: bool = False
    holds: set[str] = field(default_factory=set)


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
        for each in holders:
            if told.type is ACCEPT:
                each.accepted = True
            elif told.type is RESOLVE:
                each.holds.remove(told.key)
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
    drawn = st.tuples(st.sampled_from(TYPES), keys, st.sampled_from(SUMMARIES))
    told = draw(st.lists(drawn, max_size=10))
    return [
        Told(seq=seq, type=type_, key=key, summary=summary)
        for seq, (type_, key, summary) in enumerate(told, 1)
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

    found = [(each.status is ACCEPTED, held(desk, each)) for each in desk.open]
    assert found == [(each.accepted, each.holds) for each in in_order(history, creation)]


def assert_as_in_order(
    history: Sequence[Told], delivered: Sequence[Told], creation: Creation, size: int
) -> None:
    desk = delivered_to_desk(delivered, creation, size)
    expected = in_order(history, creation)
    missing = {key for each in expected if not each.accepted for key in each.holds}

    assert holding(desk, PENDING, ACCEPTED) == {key for each in expected for key in each.holds}
    assert missing <= holding(desk, PENDING), (delivered, size)
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
    content = Content(alert_key=told.key, match_key=told.key, summary=told.summary, policy_id=4)
    return Event(
        seq=told.seq,
        type=told.type,
        actor=SOURCE,
        source_id=3,
        content=content,
        accept_time=NOW,
        creation=creation,
    )
