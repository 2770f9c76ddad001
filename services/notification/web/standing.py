"""How a subject stands, and what happens next, in a few words for whoever looks at its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.notification.answering import About
from services.notification.domain.answers import Stand, Standing, Verb
from services.notification.domain.values import Intent
from services.notification.web.owners import Known
from services.notification.web.times import Times
from tocsin.alertstate.v1.alert_pb2 import Alert, Responder


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Who is paged next, and when."""

    at: datetime
    names: Sequence[str]
    level: int = 0  # 0: nobody can tell which
    level_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a subject stands."""

    state: str  # PENDING, ACCEPTED, RESOLVED, OVER or SUPERSEDED
    sentences: Sequence[str]
    next: Next | None = None
    verbs: Sequence[Verb] = ()


def of_message(about: About, known: Known, times: Times) -> Shown:
    """Returns how what a message is about stands: by what was answered here, and by its owner."""
    alert = known.alert.alert if known.alert else None
    state = state_of(about.stand, alert)
    verbs = [verb for verb in about.part().verbs if _makes_sense(verb, state)]
    if state == "PENDING":
        next_ = _next(about, known, alert)
        return Shown(state=state, sentences=_pending(alert, next_, times), next=next_, verbs=verbs)
    return Shown(state=state, sentences=_ended(state, about.stand, alert, times), verbs=verbs)


def of_alert(alert: Alert, newest: Intent | None, times: Times) -> Shown:
    """Returns how an alert stands; `newest` is the last level that was paged, if any was."""
    stand = Stand(Standing.WANTED)
    state = state_of(stand, alert)
    match state:
        case "PENDING":
            next_ = _next_of_alert(alert, newest)
            verbs = list(Verb) if next_ else [Verb.ACCEPT, Verb.RESOLVE]
            sentences = _pending(alert, next_, times)
            return Shown(state=state, sentences=sentences, next=next_, verbs=verbs)
        case "ACCEPTED":
            verbs = [Verb.ACCEPT, Verb.RESOLVE]
        case _:
            verbs = []
    return Shown(state=state, sentences=_ended(state, stand, alert, times), verbs=verbs)


def state_of(stand: Stand, alert: Alert | None) -> str:
    """Returns in which state a subject is: the further of what is known here and there."""
    if alert is not None and alert.status == Alert.RESOLVED:
        return "RESOLVED"
    if stand.standing in (Standing.OVER, Standing.SUPERSEDED):
        return stand.standing.value
    taken = alert is not None and alert.status == Alert.ACCEPTED
    return "ACCEPTED" if taken or stand.standing is Standing.ACCEPTED else "PENDING"


def utc(time: Timestamp) -> datetime:
    """Returns a time."""
    return time.ToDatetime(UTC)


def _makes_sense(verb: Verb, state: str) -> bool:
    return state == "PENDING" or (state == "ACCEPTED" and verb is Verb.RESOLVE)


def _pending(alert: Alert | None, next_: Next | None, times: Times) -> list[str]:
    words = times.words
    found = [words("wanted")]
    if alert is not None and alert.HasField("snoozed_until"):
        found.append(words("asleep", when=times.clock(utc(alert.snoozed_until))))
    elif alert is not None and alert.silent:
        found.append(words("silent"))
    elif alert is not None and alert.HasField("escalation_exhausted"):
        found.append(words("exhausted", ago=times.ago(utc(alert.escalation_exhausted))))
    elif next_ is None:
        found.append(words("nobody_next"))
    return found


def _ended(state: str, stand: Stand, alert: Alert | None, times: Times) -> list[str]:
    words = times.words
    if state == "SUPERSEDED":
        return [words("superseded")]
    if state == "RESOLVED" and alert is not None:
        return [words("resolved", ago=times.ago(utc(alert.resolved_on)))]
    if state == "OVER":
        if not stand.by or stand.at is None:
            return [words("over")]
        return [words("over_by", name=stand.by, ago=times.ago(stand.at))]
    found = [_taken(stand, alert, times), words("nobody_next")]
    if alert is not None and alert.HasField("accept_expires"):
        found.append(words("expires", when=times.clock(utc(alert.accept_expires))))
    return found


def _taken(stand: Stand, alert: Alert | None, times: Times) -> str:
    name, at = stand.by, stand.at
    if alert is not None and not name:
        took = [r for r in alert.responders if r.status == Responder.ACCEPTED]
        name = ", ".join(f"{r.user.first_name} {r.user.last_name}".strip() for r in took)
        at = utc(took[0].accepted_at) if took and took[0].HasField("accepted_at") else at
    if at is None:
        return times.words("taken_somehow")
    if not name:
        return times.words("taken", ago=times.ago(at))
    return times.words("taken_by", name=name, ago=times.ago(at))


def _next(about: About, known: Known, alert: Alert | None) -> Next | None:
    newest = about.newest
    if alert is not None:
        at = utc(alert.next_escalation) if alert.HasField("next_escalation") else None
    else:
        at = newest.next_step_time if newest else None
    return None if at is None else _at_level(at, known.next_names, newest)


def _next_of_alert(alert: Alert, newest: Intent | None) -> Next | None:
    if not alert.HasField("next_escalation"):
        return None
    user = alert.next_escalation_user
    names = [f"{user.first_name} {user.last_name}".strip()] if user.id else []
    return _at_level(utc(alert.next_escalation), names, newest)


def _at_level(at: datetime, names: Sequence[str], newest: Intent | None) -> Next:
    if newest is None or newest.level >= newest.level_count:
        return Next(at=at, names=names)  # the first one, again, or another policy's
    return Next(at=at, names=names, level=newest.level + 1, level_count=newest.level_count)
