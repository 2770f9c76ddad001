"""How often a contact may be told something: what goes now, what waits, what another tells.

After a call, a text message or an e-mail there is a window of 180 s, in which two more go;
what comes then waits for its end, and goes as one. A push or a chat message has its window
too, with room for twenty, and the same text again within 240 s is not sent. Whatever the way:
when more than five come for a contact within 30 s, those go together, at once if the burst
has had no such message yet. Above all that each contact has a bucket of tokens.

HIGH and LOW are never told together, HIGH goes first, and neither a full window nor the last
token of LOW ones keep the first HIGH one back. Pure functions over frozen values.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.notification.domain.caps import NO_TIME, Limits

#: More than so many within that time are told together.
BURST = 5
BURST_TIME = timedelta(seconds=30)


class Lane(StrEnum):
    """What is told together, and in which order."""

    HIGH = "HIGH"
    LOW = "LOW"
    STAND_DOWN = "STAND_DOWN"  # paced apart from pages, and always told together


@dataclass(frozen=True, slots=True)
class Said:
    """A message that went to a contact."""

    id: int
    at: datetime
    lane: Lane
    text: str = ""  # what it said, as a digest
    count: int = 1  # of how many things it told


@dataclass(frozen=True, slots=True)
class Pace:
    """What a contact was told lately."""

    window: datetime | None = None  # when the newest window began
    said: tuple[Said, ...] = ()  # oldest first
    tokens: float = 0.0  # that were left at that time
    tokens_at: datetime | None = None  # None: the bucket is full
    bursts: Mapping[Lane, datetime] = field(default_factory=dict)  # since when

    def told(self, lane: Lane) -> int:
        """Returns how many things were told in the burst that goes on."""
        since = self.bursts.get(lane)
        return sum(s.count for s in self.said if since and s.lane is lane and s.at >= since)


@dataclass(frozen=True, slots=True)
class Due:
    """A notification that could go now, had it its contact to itself."""

    id: int  # they rise in the order in which things were to be told
    lane: Lane
    since: datetime  # when it was wanted first
    held: bool = False  # it waited for room before
    text: str = ""  # what it says, as a digest; empty where the same text is no matter
    in_hand: bool = True  # it can be sent; otherwise another looks after it, and it has its turn


@dataclass(frozen=True, slots=True)
class Send:
    """It goes now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It may go later."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class ToldBy:
    """Another message tells the person, which went lately or goes now."""

    carrier_id: int


Verdict = Send | Wait | ToldBy


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of what is due; what has no verdict is looked at again."""

    pace: Pace
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)
    kept_free: tuple[int, ...] = ()  # for whose turn it is, who is not in hand


def decide(limits: Limits, pace: Pace, due: Sequence[Due], now: datetime, most: int) -> Plan:
    """Returns what goes now, `most` messages at most, what waits, and what another tells."""
    plan = Plan(_trimmed(limits, pace, now))
    for lane in _order(limits, plan.pace, due, now):
        theirs = sorted((each for each in due if each.lane is lane), key=lambda each: each.id)
        told = sum(isinstance(verdict, Send) for verdict in plan.verdicts.values())
        if not theirs:
            continue
        if _together(plan.pace, theirs, now):
            plan = _bundle(limits, plan, theirs, now, most - told)
        else:
            plan = _each(limits, plan, theirs, now, most - told)
    pace = plan.pace
    for id_ in plan.kept_free:
        pace = without(pace, id_)
    return Plan(pace, plan.verdicts)


def may_go(limits: Limits, pace: Pace, each: Due, now: datetime) -> bool:
    """Tells whether anything may go now of what such a one is among."""
    return _obstacle(limits, _trimmed(limits, pace, now), each, now) is None


def same_texts(limits: Limits, pace: Pace, due: Iterable[Due], now: datetime) -> set[int]:
    """Returns which messages said lately what something that is due would say."""
    texts = {each.text for each in due} - {""}
    return {s.id for s in _trimmed(limits, pace, now).said if s.text in texts}


def without(pace: Pace, id_: int) -> Pace:
    """Returns the pace as if a message had not gone: it never reached the person."""
    said = tuple(each for each in pace.said if each.id != id_)
    if len(said) == len(pace.said):
        return pace
    window = pace.window if any(_is_in(pace.window, each) for each in said) else None
    return replace(pace, said=said, window=window, tokens=pace.tokens + 1)


def forgotten(pace: Pace, ids: Iterable[int]) -> Pace:
    """Returns the pace without what some messages said, which does not hold any more."""
    gone = set(ids)
    said = (replace(each, text="") if each.id in gone else each for each in pace.said)
    return replace(pace, said=tuple(said))


def _trimmed(limits: Limits, pace: Pace, now: datetime) -> Pace:
    """Returns what of a pace still matters, as of now."""
    window = pace.window if pace.window and now < pace.window + limits.window else None
    keep = now - max(limits.window, limits.same)
    left = float(limits.tokens)
    if pace.tokens_at is not None:
        left = min(left, pace.tokens + max(now - pace.tokens_at, NO_TIME) / limits.refill)
    return Pace(
        window=window,
        said=tuple(each for each in pace.said if each.at > keep),
        tokens=left,
        tokens_at=now,
        bursts={lane: since for lane, since in pace.bursts.items() if now < since + BURST_TIME},
    )


def _order(limits: Limits, pace: Pace, due: Sequence[Due], now: datetime) -> tuple[Lane, ...]:
    """Returns who goes first. When tokens are scarce, LOW ones that waited long take turns."""
    last = pace.said[-1].lane if pace.said else None
    waited = any(each.lane is Lane.LOW and _is_old(limits, each, now) for each in due)
    if waited and last is Lane.HIGH and pace.tokens < 2:
        return (Lane.LOW, Lane.HIGH, Lane.STAND_DOWN)
    return (Lane.HIGH, Lane.LOW, Lane.STAND_DOWN)


def _together(pace: Pace, due: Sequence[Due], now: datetime) -> bool:
    lane = due[0].lane
    crowd = pace.told(lane) + len(due) > BURST
    return crowd or lane is Lane.STAND_DOWN or any(each.held for each in due)


def _bundle(limits: Limits, plan: Plan, due: Sequence[Due], now: datetime, most: int) -> Plan:
    """Lets one tell all, or all wait."""
    first = min(due, key=lambda each: each.since)
    obstacle = _obstacle(limits, plan.pace, first, now)
    if obstacle is not None:
        return replace(plan, verdicts={**plan.verdicts, **{each.id: obstacle for each in due}})
    carrier = next((each for each in due if each.in_hand), None)
    if carrier is None:
        pace = _charged(plan.pace, due[0], len(due), now)
        return replace(plan, pace=pace, kept_free=(*plan.kept_free, due[0].id))
    if most < 1:
        return plan
    verdicts: dict[int, Verdict] = {each.id: ToldBy(carrier.id) for each in due}
    verdicts[carrier.id] = Send()
    pace = _charged(plan.pace, carrier, len(due), now)
    return replace(plan, pace=pace, verdicts={**plan.verdicts, **verdicts})


def _each(limits: Limits, plan: Plan, due: Sequence[Due], now: datetime, most: int) -> Plan:
    """Lets each go by itself while there is room; the same text goes once."""
    pace, verdicts, left, kept_free = plan.pace, dict(plan.verdicts), most, plan.kept_free
    for each in due:
        same = _same(pace, each)
        obstacle = _obstacle(limits, pace, each, now)
        if same is not None:
            verdicts[each.id] = ToldBy(same)
        elif obstacle is not None:
            verdicts[each.id] = obstacle
        elif not each.in_hand:
            pace, kept_free = _charged(pace, each, 1, now), (*kept_free, each.id)
        elif left > 0:
            verdicts[each.id] = Send()
            pace, left = _charged(pace, each, 1, now), left - 1
    return Plan(pace, verdicts, kept_free)


def _same(pace: Pace, due: Due) -> int | None:
    """Returns the message that said lately what this one would say."""
    texts = {each.text: each.id for each in pace.said if each.lane is due.lane}
    return texts.get(due.text) if due.text else None


def _obstacle(limits: Limits, pace: Pace, due: Due, now: datetime) -> Wait | None:
    """Returns what keeps something back, the longest of it; None if it may go."""
    waits = [_burst(pace, due.lane), _window(limits, pace, due), _bucket(limits, pace, due)]
    later = [wait for wait in waits if wait is not None and wait.until > now]
    return max(later, key=lambda wait: wait.until, default=None)


def _burst(pace: Pace, lane: Lane) -> Wait | None:
    since = pace.bursts.get(lane)
    if since is None or pace.told(lane) <= BURST:
        return None
    why = f"waits to be told with others: more than {BURST} came within {_seconds(BURST_TIME)}"
    return Wait(since + BURST_TIME, why)


def _window(limits: Limits, pace: Pace, due: Due) -> Wait | None:
    """The first HIGH one has a place beyond; LOW ones leave one to HIGH ones that gather."""
    if pace.window is None:
        return None
    inside = [each for each in pace.said if _is_in(pace.window, each)]
    first_high = due.lane is Lane.HIGH and all(each.lane is not Lane.HIGH for each in inside)
    gathers = due.lane is Lane.LOW and _burst(pace, Lane.HIGH) is not None
    if len(inside) < limits.most + first_high - gathers:
        return None
    why = f"waits for room: {limits.most} messages within {_seconds(limits.window)}"
    return Wait(pace.window + limits.window, why)


def _bucket(limits: Limits, pace: Pace, due: Due) -> Wait | None:
    """The last token is for HIGH ones, or for a LOW one that has waited for a window's time."""
    now = pace.tokens_at
    spare = 1 if due.lane is Lane.LOW and now and not _is_old(limits, due, now) else 0
    missing = 1 + spare - pace.tokens
    if now is None or missing <= 1e-5:  # what a division leaves is not waited for
        return None
    why = f"waits for room: a message per {_seconds(limits.refill)} after {limits.tokens}"
    return Wait(now + missing * limits.refill, why)


def _charged(pace: Pace, sent: Due, count: int, now: datetime) -> Pace:
    """Returns the pace after a message that told so many."""
    return replace(
        pace,
        window=pace.window or now,
        said=(*pace.said, Said(sent.id, now, sent.lane, sent.text, count)),
        tokens=pace.tokens - 1,
        bursts={sent.lane: now, **pace.bursts},
    )


def _is_in(window: datetime | None, said: Said) -> bool:
    return window is not None and said.at >= window


def _is_old(limits: Limits, due: Due, now: datetime) -> bool:
    return due.since + limits.window <= now


def _seconds(time: timedelta) -> str:
    return f"{time / timedelta(seconds=1):g} s"
