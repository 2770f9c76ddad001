"""What the other services report about an alert: how its escalation goes, and who was told."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.alertstate.domain.alerts import Alert, Responder, Status, joined
from services.alertstate.domain.entries import Entry, EntryType


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


def escalated(alert: Alert, run: Run, now: datetime) -> tuple[Alert, Entry | None]:
    """Returns the alert as its escalation's newest report leaves it, and what to log."""
    for user_id in run.paged:
        if not alert.has(user_id) and user_id not in alert.removed:
            alert = joined(alert, Responder(user_id))
    if run.episode == alert.episode:
        waits = alert.status is Status.PENDING
        alert = replace(alert, next_escalation=run.next_step if waits else None, level=run.level)
    return alert, _of_run(run, now)


def notified(notice: Notice, now: datetime) -> Entry:
    """Returns what to log of a notification."""
    told = {"person": notice.person, "method": notice.method}
    outcome = "sent" if notice.failure is None else "failed"
    sentence = "notified" if notice.failure is None else "not_notified"
    if notice.failure:
        sentence, told["reason"] = "not_notified_because", notice.failure
    origin = f"notification:{notice.id}:{outcome}"
    type_ = EntryType.NO_CONTACT if notice.nowhere else EntryType.NOTIFICATION
    return Entry(type_, sentence, now, told, origin)


def unheard(episode: int) -> tuple[str, ...]:
    """Returns the origins of the entries that say that nobody took the alert in an episode."""
    return f"exhausted:{episode}", f"nobody:{episode}"


def _of_run(run: Run, now: datetime) -> Entry | None:
    if run.reached_nobody:
        return Entry(EntryType.NOBODY_ON_CALL, "nobody", now, {}, f"nobody:{run.episode}")
    if run.called:
        people, origin = {"people": ", ".join(run.called)}, f"call:{run.episode}:{run.call}"
        return Entry(EntryType.ASSIGNED_BY_SYSTEM, "called", now, people, origin)
    if run.stepped:
        told = {"level": str(run.level)} | ({"round": str(run.cycle + 1)} if run.cycle else {})
        origin = f"level:{run.episode}:{run.cycle}:{run.level}"
        sentence = "level_again" if run.cycle else "level"
        return Entry(EntryType.ESCALATED, sentence, now, told, origin)
    if run.exhausted:
        return Entry(EntryType.ESCALATED, "exhausted", now, {}, f"exhausted:{run.episode}")
    return None
