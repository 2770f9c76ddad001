"""What people are told though nobody wants them: what became of what they were paged about, and
that a shift of theirs begins.

They are told what they asked for, once, in time or not at all. Who did it is not told.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notification.domain.news import News, What
from services.notification.domain.values import Intent, Method

#: How long after it happened an update is worth sending.
WORTH = timedelta(hours=1)
#: How late a reminder may be that is for the beginning of a shift itself.
GRACE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
#: The kind of subjects that are tests: who made one knows of it.
TEST = "test"
SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody wants to be told something, by one contact."""

    rule_id: int
    user_id: int
    what: What
    method: Method
    contact_id: int
    target: str  # as everybody may see it
    minutes: int = 0  # before a shift

    @property
    def way(self) -> str:
        """Names the way among those of the person."""
        return f"{self.contact_id}/{self.method.lower()}"

    @property
    def before(self) -> timedelta:
        """How long before a shift."""
        return self.minutes * MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to a run."""

    escalation_key: str
    subject_kind: str
    what: What
    at: datetime
    by: str = ""
    by_user: int = 0  # 0: it was nobody whom one could tell
    cycle: int = 0
    level: int = 0
    paged: frozenset[int] = frozenset()  # the people who are paged by it, and know

    def news(self) -> News:
        """Returns what there is to tell of it."""
        return News(what=self.what, by=self.by, level=self.level)

    def key(self, wish: Wish) -> str:
        """Returns what is the same however often somebody hears of it by one way."""
        step = f":{self.cycle}:{self.level}" if self.what is What.ESCALATED else ""
        return f"{self.escalation_key}:{self.what.lower()}{step}:{wish.user_id}:{wish.way}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Somebody is on call in a schedule."""

    schedule_id: int
    schedule: str  # its name
    user_id: int
    start: datetime
    end: datetime

    @property
    def key(self) -> str:
        """Names it, and the messages about it."""
        return f"{SCHEDULE}:{self.schedule_id}:{self.minute}"

    @property
    def minute(self) -> int:
        """When it begins, in minutes since 1970."""
        return int(self.start.timestamp() // 60)

    def news(self) -> News:
        """Returns what there is to tell of it."""
        return News(what=What.ON_CALL, start=self.start, end=self.end)

    def reminder_key(self, wish: Wish) -> str:
        """Returns what is the same however often a reminder is thought of."""
        start = self.start.isoformat()
        return f"duty:{self.schedule_id}:{start}:{wish.user_id}:{wish.rule_id}:{wish.way}"


def hearers(change: Change, intents: Iterable[Intent], now: datetime) -> Mapping[int, Intent]:
    """Returns who may hear of a change: by person, what they were told last of the run.

    Those who were paged about it, but for whoever did it; of a further level those who were
    paged by an earlier one. Nobody, when it is old.
    """
    if change.subject_kind == TEST or change.at + WORTH <= now:
        return {}
    found: dict[int, Intent] = {}
    for intent in sorted(intents, key=lambda each: (each.request_time, each.cycle, each.level)):
        if intent.user_id and intent.user_id != change.by_user and _concerns(change, intent):
            found[intent.user_id] = intent
    return {user_id: each for user_id, each in found.items() if user_id not in change.paged}


def due(
    wishes: Iterable[Wish], shifts: Sequence[Shift], now: datetime
) -> Sequence[tuple[Wish, Shift]]:
    """Returns which reminders are to be there now.

    Of several rules for one way that would all tell of a shift by now, the last one does.
    """
    begins = [each for each in shifts if not _goes_on(each, shifts)]
    found: dict[tuple[Shift, int, str], Wish] = {}
    for wish in sorted(wishes, key=lambda each: each.minutes, reverse=True):
        for shift in begins:
            if shift.user_id == wish.user_id and _is_due(wish, shift, now):
                found[shift, wish.user_id, wish.way] = wish
    return [(wish, shift) for (shift, _, _), wish in found.items()]


def horizon(wishes: Collection[Wish], now: datetime) -> tuple[datetime, datetime]:
    """Returns between which moments shifts begin that somebody may have to be told of now."""
    return now - GRACE, now + max(wish.before for wish in wishes) + MINUTE


def worth_until(shift: Shift) -> datetime:
    """Returns until when a reminder is worth sending."""
    return shift.start + GRACE


def _concerns(change: Change, intent: Intent) -> bool:
    if change.what is not What.ESCALATED:
        return True
    earlier = (intent.cycle, intent.level) < (change.cycle, change.level)
    return intent.level_told is not None and earlier


def _is_due(wish: Wish, shift: Shift, now: datetime) -> bool:
    late = GRACE if not wish.minutes else timedelta()
    return shift.start - wish.before <= now < shift.start + late


def _goes_on(shift: Shift, shifts: Iterable[Shift]) -> bool:
    """Tells whether somebody is on call already in the schedule when a shift of theirs begins."""
    return any(
        each.start < shift.start <= each.end
        for each in shifts
        if (each.schedule_id, each.user_id) == (shift.schedule_id, shift.user_id)
    )
