"""What the other services report about an alert: how its escalation goes, and who was told."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.alertstate.domain.alerts import Alert, Entry, EntryType, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How an escalation stands. Of two reports the one with the higher version is newer."""

    episode: int
    version: int
    next_step: datetime | None = None  # None when no level is paged any more
    paged: tuple[int, ...] = ()
    level: int = 0
    cycle: int = 0
    stepped: bool = False  # the level was just paged
    exhausted: bool = False  # it just ended, and nobody took the alert
    reached_nobody: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How a notification ended."""

    id: int
    person: str
    method: str
    failure: str | None = None  # None when it was sent


def escalated(alert: Alert, run: Run, now: datetime) -> tuple[Alert, Entry | None]:
    """Returns the alert as its escalation's newest report leaves it, and what to log."""
    if run.episode == alert.episode:
        waits = alert.status is Status.PENDING
        alert = replace(alert, next_escalation=run.next_step if waits else None)
    return alert, _of_run(run, now)


def notified(notice: Notice, now: datetime) -> Entry:
    """Returns what to log of a notification."""
    if notice.failure is None:
        text = f"{notice.person} was notified by {notice.method}"
    else:
        text = f"{notice.person} was not notified by {notice.method}"
        text += f": {notice.failure}" if notice.failure else ""
    outcome = "sent" if notice.failure is None else "failed"
    return Entry(EntryType.NOTIFICATION, text, now, f"notification:{notice.id}:{outcome}")


def _of_run(run: Run, now: datetime) -> Entry | None:
    if run.reached_nobody:
        text = "nobody can be paged on any level of the policy"
        return Entry(EntryType.NOBODY_ON_CALL, text, now, f"nobody:{run.episode}")
    if run.stepped:
        text = f"the alert was escalated to level {run.level}"
        text += f", round {run.cycle + 1}" if run.cycle else ""
        origin = f"level:{run.episode}:{run.cycle}:{run.level}"
        return Entry(EntryType.ESCALATED, text, now, origin)
    if run.exhausted:
        text = "the escalation ended after its last level: nobody accepted the alert"
        return Entry(EntryType.ESCALATED, text, now, f"exhausted:{run.episode}")
    return None
