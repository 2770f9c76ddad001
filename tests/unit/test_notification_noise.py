"""What a contact is told now, later, or by another message: each rule, and any sequence."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from services.notification.config import Config
from services.notification.domain import caps, noise
from services.notification.domain.caps import LIMITS, Limits
from services.notification.domain.noise import (
    Due,
    Lane,
    Pace,
    Plan,
    Send,
    ToldBy,
    Wait,
)

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
SMS, PUSH = LIMITS["SMS"], LIMITS["PUSH"]
HIGH, LOW, STAND_DOWN = Lane.HIGH, Lane.LOW, Lane.STAND_DOWN


def due(*ids: int, lane: Lane = HIGH, held: bool = False, text: str = "") -> list[Due]:
    return [Due(id_, lane, NOW, held, text) for id_ in ids]


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def decide(
    limits: Limits, pace: Pace, those: Sequence[Due], seconds: float = 0, most: int = 100
) -> Plan:
    return noise.decide(limits, pace, those, after(seconds), most)


def sent(plan: Plan) -> list[int]:
    return [id_ for id_, verdict in plan.verdicts.items() if isinstance(verdict, Send)]


def told_by(plan: Plan) -> dict[int, int]:
    return {i: v.carrier_id for i, v in plan.verdicts.items() if isinstance(v, ToldBy)}


def waiting(plan: Plan) -> dict[int, float]:
    waits = {id_: v for id_, v in plan.verdicts.items() if isinstance(v, Wait)}
    return {id_: (wait.until - NOW) / timedelta(seconds=1) for id_, wait in waits.items()}


@pytest.mark.parametrize("method", ["VOICE", "SMS", "EMAIL"])
def test_after_a_loud_message_two_more_go_and_then_one_for_the_rest(method: str) -> None:
    limits = LIMITS[method]
    first = decide(limits, Pace(), due(1))
    more = decide(limits, first.pace, due(2, 3, 4), 40)
    again = decide(limits, more.pace, due(5), 100)
    last = decide(limits, again.pace, due(4, 5, held=True), 180)

    assert (sent(first), sent(more), sent(again), sent(last)) == ([1], [2, 3], [], [4])
    assert (waiting(more), waiting(again), told_by(last)) == ({4: 180}, {5: 180}, {5: 4})
    two_more = decide(limits, last.pace, due(6, 7, 8), 200)
    assert (sent(two_more), waiting(two_more)) == ([6, 7], {8: 360})


def test_after_a_quiet_window_the_first_goes_at_once() -> None:
    first = decide(SMS, Pace(), due(1, 2, 3))

    assert sent(decide(SMS, first.pace, due(4), 180)) == [4]


def test_more_than_five_at_once_go_together() -> None:
    five, six = decide(PUSH, Pace(), due(*range(1, 6))), decide(PUSH, Pace(), due(*range(1, 7)))

    assert (sent(five), told_by(five)) == ([1, 2, 3, 4, 5], {})
    assert (sent(six), told_by(six)) == ([1], dict.fromkeys(range(2, 7), 1))


@pytest.mark.parametrize("method", LIMITS)
def test_very_many_at_once_are_one_message_by_any_way(method: str) -> None:
    plan = decide(LIMITS[method], Pace(), due(*range(1, 10_001)))

    assert (sent(plan), len(told_by(plan))) == ([1], 9_999)


def test_what_comes_after_five_in_a_burst_goes_together_when_it_is_over() -> None:
    pace = decide(PUSH, Pace(), due(1, 2, 3, 4, 5)).pace
    sixth = decide(PUSH, pace, due(6), 5)
    seventh = decide(PUSH, sixth.pace, due(7), 10)
    rest = decide(PUSH, seventh.pace, due(7, 8, held=True), 30)

    assert (sent(sixth), waiting(seventh)) == ([6], {7: 30})
    assert (sent(rest), told_by(rest)) == ([7], {8: 7})


def test_twenty_push_messages_go_in_a_minute() -> None:
    pace = Pace()
    for number in range(20):
        plan = decide(PUSH, pace, due(number), number * 2.9)
        quiet = number % 10 < 5  # what comes thick is bundled, which is another rule
        pace = plan.pace if quiet else replace(plan.pace, bursts={})
        assert sent(plan) == [number]

    over = decide(PUSH, replace(pace, bursts={}), due(20), 59)
    assert waiting(over) == {20: 60}
    assert "20 messages within 60 s" in str(over.verdicts[20])


def test_the_same_text_is_pushed_once_in_four_minutes() -> None:
    first = decide(PUSH, Pace(), due(1, 2, text="full") + due(3, text="down"))
    again = decide(PUSH, first.pace, due(4, text="full"), 239)
    later = decide(PUSH, first.pace, due(4, text="full"), 240)

    assert (sent(first), told_by(first)) == ([1, 3], {2: 1})
    assert (told_by(again), sent(later)) == ({4: 1}, [4])


def test_a_text_that_does_not_hold_any_more_is_said_again() -> None:
    pace = decide(PUSH, Pace(), due(1, text="full")).pace

    assert noise.same_texts(PUSH, pace, due(2, text="full"), after(5)) == {1}
    plan = decide(PUSH, noise.forgotten(pace, {1}), due(2, text="full"), 5)
    assert sent(plan) == [2]


def test_high_and_low_are_never_told_together_and_high_goes_first() -> None:
    those = due(*range(1, 11), lane=LOW) + due(*range(11, 21))
    plan = decide(SMS, Pace(), those)

    assert sent(plan) == [11, 1]
    assert set(told_by(plan).values()) == {11, 1}
    assert all((member > 10) == (carrier > 10) for member, carrier in told_by(plan).items())


def test_high_goes_where_there_is_room_for_one() -> None:
    pace = decide(SMS, Pace(), due(1, 2)).pace
    plan = decide(SMS, pace, due(3, lane=LOW) + due(4), 10)

    assert (sent(plan), waiting(plan)) == ([4], {3: 180})


def test_low_ones_never_keep_the_first_high_one_back() -> None:
    pace = decide(SMS, Pace(), due(1, 2, 3, lane=LOW)).pace
    first = decide(SMS, pace, due(4), 10)
    second = decide(SMS, first.pace, due(5), 20)

    assert (sent(first), waiting(second)) == ([4], {5: 180})


def test_the_last_token_is_for_high_ones() -> None:
    pace = Pace(tokens=1, tokens_at=NOW)

    assert waiting(decide(SMS, pace, due(1, lane=LOW))) == {1: 90}
    assert sent(decide(SMS, pace, due(1))) == [1]
    empty = decide(SMS, pace, due(1)).pace
    assert waiting(decide(SMS, empty, due(2), 9)) == {2: 90}


def test_stand_downs_go_together_always() -> None:
    plan = decide(SMS, Pace(), due(1, 2, lane=STAND_DOWN))

    assert (sent(plan), told_by(plan)) == ([1], {2: 1})


def test_what_is_not_taken_now_keeps_its_turn() -> None:
    plan = decide(SMS, Pace(), due(1, 2, 3), most=1)

    assert plan.verdicts.keys() == {1}
    assert decide(SMS, Pace(), due(*range(1, 9)), most=0).verdicts == {}


def test_who_is_not_in_hand_has_its_turn_all_the_same() -> None:
    pace = decide(SMS, Pace(), due(1, 2, lane=LOW)).pace
    aside = [replace(each, in_hand=False) for each in due(4)]
    plan = decide(SMS, pace, [*aside, *due(3, lane=LOW)], 10)

    assert waiting(plan) == {3: 180}
    assert sent(decide(SMS, plan.pace, due(4), 10)) == [4]
    crowd = [replace(each, in_hand=False) for each in due(*range(4, 14))]
    together = decide(SMS, pace, [*crowd, *due(20)], 10)
    assert (sent(together), told_by(together)) == ([20], dict.fromkeys(range(4, 14), 20))
    later = decide(SMS, pace, [*crowd, *due(3, lane=LOW)], 10)
    assert waiting(later) == {3: 180}


def test_a_message_that_nobody_got_leaves_its_place() -> None:
    pace = decide(SMS, Pace(), due(1, 2, 3)).pace
    freed = noise.without(pace, 2)

    assert sent(decide(SMS, freed, due(4, 5), 10)) == [4]
    assert noise.without(freed, 2) is freed
    assert noise.without(noise.without(freed, 1), 3).window is None


def test_buckets_can_be_set() -> None:
    found = caps.limits("VOICE=4/60, push=5/30")

    assert (found["VOICE"].tokens, found["VOICE"].refill) == (4, timedelta(seconds=60))
    assert found["PUSH"].tokens == 5
    assert found["SMS"] == LIMITS["SMS"]


@pytest.mark.parametrize(
    "said",
    ["VOICE", "TERMINAL=3/9", "VOICE=1/90", "VOICE=3/91", "VOICE=3/0", "SMS=x/9", "PUSH=9/31"],
)
def test_buckets_that_would_keep_people_from_knowing_are_refused(said: str) -> None:
    with pytest.raises(ValueError, match="message"):
        Config(database_url="", nats_url="", listen="", message_caps=said)


@dataclass
class Desk:
    """One contact, and whoever claims what is due for it, some at a time."""

    limits: Limits
    batch: int
    pace: Pace = field(default_factory=Pace)
    waits: dict[int, Due] = field(default_factory=dict)
    at: dict[int, datetime] = field(default_factory=dict)
    messages: list[tuple[datetime, Lane, int]] = field(default_factory=list)
    told: dict[int, datetime] = field(default_factory=dict)
    carriers: dict[int, int] = field(default_factory=dict)

    def come(self, those: Sequence[Due], now: datetime) -> None:
        for each in those:
            self.waits[each.id], self.at[each.id] = each, now
        self.claim(now)

    def claim(self, now: datetime) -> None:
        while mine := sorted(i for i in self.waits if self.at[i] <= now)[: self.batch]:
            before = dict(self.at), len(self.waits)
            self._decide(mine, now)
            assert (self.at, len(self.waits)) != before, "nobody got anywhere"

    def _decide(self, mine: Sequence[int], now: datetime) -> None:
        beside = [e for e in self.waits.values() if e.held or self.at[e.id] <= now]
        due_now = [replace(self.waits[i], in_hand=True) for i in mine]
        if any(noise.may_go(self.limits, self.pace, each, now) for each in due_now):
            aside = [replace(each, in_hand=False) for each in beside]
            due_now = list({each.id: each for each in [*aside, *due_now]}.values())
        plan = noise.decide(self.limits, self.pace, due_now, now, len(mine))
        self._check_order(due_now, plan, now)
        self.pace = plan.pace
        for id_, verdict in plan.verdicts.items():
            match verdict:
                case Send():
                    self.messages.append((now, self.waits[id_].lane, id_))
                    self._tell(id_, id_, now)
                case ToldBy(carrier_id):
                    self._tell(id_, carrier_id, now)
                case Wait(until, _) if id_ in mine:
                    assert until > now
                    self.at[id_] = until
                    self.waits[id_] = replace(self.waits[id_], held=True)

    def _tell(self, id_: int, carrier_id: int, now: datetime) -> None:
        del self.waits[id_], self.at[id_]
        self.told[id_], self.carriers[id_] = now, carrier_id

    def _check_order(self, those: Sequence[Due], plan: Plan, now: datetime) -> None:
        """HIGH goes first, unless a LOW one has waited for long or leaves a place."""
        went = {each.lane for each in those if isinstance(plan.verdicts.get(each.id), Send)}
        stays = {e.lane for e in those if isinstance(plan.verdicts.get(e.id), Wait)}
        window = plan.pace.window or now
        places = self.limits.most - sum(each.at >= window for each in plan.pace.said)
        if LOW in went and HIGH in stays and not places:
            assert any(e.lane is LOW and now - e.since >= self.limits.window for e in those)


ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.5, 3.0, 20.0, 45.0, 100.0, 400.0]),
        st.integers(1, 9),
        st.sampled_from([HIGH, LOW]),
        st.sampled_from(["", "", "a", "b"]),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(ARRIVALS, st.sampled_from(["VOICE", "SMS", "PUSH"]), st.integers(1, 6), st.booleans())
def test_any_sequence_is_told_within_the_caps_in_order_and_in_time(
    arrivals: list[tuple[float, int, Lane, str]], method: str, batch: int, scarce: bool
) -> None:
    limits = LIMITS[method]
    if scarce:
        limits = replace(limits, tokens=2, refill=limits.window / 2)
    desk, came = Desk(limits, batch), {}
    now, number = NOW, 0
    for pause, count, lane, text in arrivals:
        now = _pass(desk, now, now + timedelta(seconds=pause))
        same = text if limits.same else ""
        those = [Due(number + n, lane, now, text=same) for n in range(1, count + 1)]
        came.update({each.id: each for each in those})
        number += count
        desk.come(those, now)
    _pass(desk, now, now + timedelta(hours=12))

    assert desk.told.keys() == came.keys()  # nothing is lost
    _check_caps(limits, desk)
    for id_, at in desk.told.items():
        waited = at - came[id_].since
        assert came[desk.carriers[id_]].lane is came[id_].lane
        if came[id_].lane is HIGH:
            assert waited <= limits.window, f"{id_} waited {waited}"
        else:
            assert waited <= limits.window * 3, f"LOW {id_} waited {waited}"
    for lane in (HIGH, LOW):
        times = [
            desk.told[each.id] for each in came.values() if each.lane is lane and not each.text
        ]
        assert times == sorted(times)
    event(f"bundles: {len(desk.messages) < len(came)}")


def _pass(desk: Desk, now: datetime, until: datetime) -> datetime:
    """Lets time pass; whoever waits is looked at when they said they would be."""
    while (due_at := min(desk.at.values(), default=until)) < until:
        desk.claim(max(now, due_at))
    return until


def _check_caps(limits: Limits, desk: Desk) -> None:
    times = [at for at, _, _ in desk.messages]
    assert times == sorted(times)
    for first in range(len(times)):
        for last in range(first, len(times)):
            refilled = (times[last] - times[first]) / limits.refill
            assert last - first + 1 <= limits.tokens + refilled + 0.001
    while times:
        inside = [at for at in times if at < times[0] + limits.window]
        lanes = [lane for at, lane, _ in desk.messages if at in inside]
        assert len(inside) <= limits.most + (HIGH in lanes and LOW in lanes)
        times = times[len(inside) :]
