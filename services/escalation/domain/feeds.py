"""Calendar feeds: a schedule's shifts at a URL that is its own credential."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice

from services.calendar.ical import Event
from services.calendar.schedules import Schedule, Shift

BACK, AHEAD = timedelta(days=30), timedelta(days=90)
MOST_EVENTS = 10_000
MOST_FEEDS = 100  # of a schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Who reads which schedule's shifts without any other credential."""

    id: int
    schedule_id: int
    user_id: int  # whose shifts alone; 0: everybody's
    token_sha256: bytes
    created_at: datetime
    creator: str


def midnight(now: datetime) -> datetime:
    """Returns when the day began, so that a feed is the same all day unless shifts change."""
    return datetime.combine(now.astimezone(UTC).date(), time(), UTC)


def events(
    feed: Feed, schedule: Schedule, shifts: Iterable[Shift], names: Mapping[int, str]
) -> Iterator[Event]:
    """Yields the events of a feed, of MOST_EVENTS shifts at most."""
    wanted = (shift for shift in shifts if feed.user_id in (0, shift.user))
    told: Counter[str] = Counter()
    for shift in islice(wanted, MOST_EVENTS):
        uid = f"{feed.schedule_id}-{shift.user}-{shift.start:%Y%m%dT%H%M%SZ}"
        told[uid] += 1
        number = f"-{told[uid]}" if told[uid] > 1 else ""  # two turns that begin at once
        name = names.get(shift.user, f"user {shift.user}")
        summary = f"{name} on call: {schedule.name}"
        yield Event(f"{uid}{number}@tocsin", shift.start, shift.end, summary)
