"""What the other services report about an alert: how its escalation goes, and who was told."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.alertstate.domain.alerts import Alert, Responder, Status, joined
from services.alertstate.domain.entries import Entry, EntryType


class Happened(StrEnum):
    """What just happened to an escalation."""

    BEGUN = "BEGUN"
    STEPPED = "STEPPED"  # a level was paged
    SKIPPED = "SKIPPED"  # a level had nobody who can be paged
    FALLEN_BACK = "FALLEN_BACK"  # the policy that follows is gone through now
    CALLED = "CALLED"  # people are paged by hand
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Because:
    """Why somebody was paged, or why somebody or something reached nobody, by their names."""

    why: str
    person: str = ""
    schedule: str = ""
    team: str = ""

    @property
    def of_anybody(self) -> "Because":
        """The same without whom it is about."""
        return replace(self, person="")

    @property
    def place(self) -> dict[str, str]:
        """The schedule or the team, by what a sentence calls it."""
        places = {"schedule": self.schedule, "team": self.team}
        return {name: told for name, told in places.items() if told}


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it was, where people take turns; by their names."""

    person: str
    place: int
    count: int
    passed: tuple[str, ...] = ()  # whose it was before, and who cannot be paged


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How an escalation stands. Of two reports the one with the higher version is newer."""

    episode: int
    version: int
    next_step: datetime | None = None  # None when no level is paged any more
    next_level: int = 0  # 0 when none is paged any more, or that isn't told
    paged: tuple[int, ...] = ()
    level: int = 0
    cycle: int = 0  # of all rounds
    round: int = 1  # of the policy that is followed
    policy_id: int = 0  # the one that is followed
    policy: str = ""  # what to call that; empty when it follows none
    policy_version: int = 0
    exhausted_at: datetime | None = None  # when it ended and nobody had taken the alert
    acknowledged: bool = False  # it ended because somebody took the alert
    happened: Happened | None = None
    actor: str = ""  # whose doing that was
    because: tuple[Because, ...] = ()
    turn: Turn | None = None
    reached_nobody: bool = False
    was_running: bool = False  # before it just ended
    called: tuple[str, ...] = ()  # who was just paged by hand, by name
    call: int = 0  # the number of that call


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How a notification ended."""

    id: int
    person: str
    method: str
    failure: str | None = None  # None when it was sent
    nowhere: bool = False  # there is no contact that it could have gone to
    receipt: str = ""  # "delivered" or "read", as the provider said later


def escalated(alert: Alert, run: Run) -> Alert:
    """Returns the alert as its escalation's newest report leaves it."""
    for user_id in run.paged:
        if not alert.has(user_id) and user_id not in alert.removed:
            alert = joined(alert, Responder(user_id))
    if run.episode != alert.episode:
        return alert
    waits = alert.status is Status.PENDING
    return replace(
        alert,
        next_escalation=run.next_step if waits else None,
        next_level=run.next_level if waits else 0,
        exhausted_at=run.exhausted_at if waits else None,
        level=run.level,
    )


def notified(notice: Notice, now: datetime) -> Entry:
    """Returns what to log of a notification."""
    told = {"person": notice.person, "method": notice.method}
    outcome = notice.receipt or "sent" if notice.failure is None else "failed"
    sentence = "notified" if notice.failure is None else "not_notified"
    if notice.receipt:
        sentence = f"notice_{notice.receipt}"
    if notice.failure:
        sentence, told["reason"] = "not_notified_because", notice.failure
    origin = f"notification:{notice.id}:{outcome}"
    type_ = EntryType.NO_CONTACT if notice.nowhere else EntryType.NOTIFICATION
    return Entry(type_, sentence, now, told, origin)
