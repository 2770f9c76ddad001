"""What the other services report about alerts, read with the names that the log tells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Connection

from services.alertstate import known, wire
from services.alertstate.domain.answers import Given, Verb
from services.alertstate.domain.reports import Because, Happened, Notice, Run, Turn
from services.chassis.errors import InvalidRequest
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.notification_events_pb2 import AnswerGiven
from tocsin.notification.v1.notification_pb2 import Notification

METHODS = {number: name for name, number in Contact.Method.items()}
HAPPENED: Mapping[int, Happened] = {
    EscalationChanged.BEGUN: Happened.BEGUN,
    EscalationChanged.STEPPED: Happened.STEPPED,
    EscalationChanged.LEVEL_SKIPPED: Happened.SKIPPED,
    EscalationChanged.FALLEN_BACK: Happened.FALLEN_BACK,
    EscalationChanged.CALLED: Happened.CALLED,
    EscalationChanged.ENDED: Happened.ENDED,
}
_REASONS = EscalationChanged.Reason.Kind


@dataclass(frozen=True, slots=True)
class Names:
    """What to call whom and what a report is about; what is missing goes by its number."""

    users: Mapping[int, str]
    schedules: Mapping[int, str]
    teams: Mapping[int, str]
    policies: Mapping[int, str]


def names(connection: Connection, event: EscalationChanged) -> Names:
    """Returns what to call all that a report is about, as everybody may read it."""
    users = {*event.called_user_ids, event.turn.user_id, *event.turn.passed_user_ids}
    users |= {reason.user_id for reason in event.reasons}
    schedules = {reason.schedule_id for reason in event.reasons}
    teams = {reason.team_id for reason in event.reasons}
    return Names(
        known.user_names(connection, users - {0}),
        known.public_names(connection, known.SCHEDULE, schedules - {0}),
        known.public_names(connection, known.TEAM, teams - {0}),
        known.public_names(connection, known.POLICY, {event.escalation.followed_policy_id} - {0}),
    )


def run_changed(event: EscalationChanged, names: Names) -> Run:
    """Reads how an escalation stands, and what just happened to it."""
    actor = event.actor
    policy_id = event.escalation.followed_policy_id
    return replace(
        run(event.escalation),
        happened=HAPPENED.get(event.cause),
        actor=actor.name or f"user {actor.user_id}",
        policy=names.policies.get(policy_id, ""),
        because=tuple(_because(event.reasons, names)),
        turn=_turn(event.turn, names) if event.HasField("turn") else None,
        reached_nobody=event.reached_nobody,
        was_running=event.state_before == Escalation.RUNNING,
        called=tuple(names.users[user] for user in event.called_user_ids),
        call=event.call_number,
    )


def run(escalation: Escalation) -> Run:
    """Reads how an escalation stands."""
    running = escalation.state == Escalation.RUNNING and escalation.HasField("next_step_time")
    exhausted = escalation.state == Escalation.EXHAUSTED and escalation.HasField("end_time")
    return Run(
        episode=escalation.subject.episode or 1,
        version=escalation.version,
        next_step=_time(escalation.next_step_time) if running else None,
        next_level=escalation.next_level if running else 0,
        paged=tuple(escalation.paged_user_ids),
        level=escalation.level,
        cycle=escalation.cycle,
        round=escalation.round or escalation.cycle + 1,
        policy_id=escalation.followed_policy_id,
        policy_version=escalation.followed_policy_version,
        exhausted_at=_time(escalation.end_time) if exhausted else None,
        acknowledged=escalation.state == Escalation.ACKNOWLEDGED,
    )


def notice(notification: Notification) -> Notice | None:
    """Reads how a notification ended; None while it has not."""
    if notification.status not in (Notification.SUCCESS, Notification.ERROR):
        return None
    failed = notification.status == Notification.ERROR
    return Notice(
        id=notification.id,
        person=_told(notification),
        method=METHODS.get(notification.method, "another way"),
        failure=notification.error_message if failed else None,
        nowhere=failed and not (notification.target or notification.HasField("webhook")),
    )


def given(event: AnswerGiven, now: datetime) -> Given:
    """Reads what somebody answered from a message. Raises InvalidRequest for no known verb.

    By the clock of whoever took the answer, it was given at a time; it was not given later than
    now. A restored database numbers its answers anew, so their time tells them apart, too.
    """
    known = {AnswerGiven.Verb.Value(verb): verb for verb in Verb}
    if event.verb not in known:
        raise InvalidRequest(f"answer {event.id} says what nobody here knows")
    at = _time(event.answer_time)
    return Given(
        verb=known[event.verb],
        episode=event.episode,
        actor=wire.actor_value(event.actor),
        method=METHODS.get(event.method, ""),
        at=min(at, now),
        origin=f"answer:{event.id}:{at.isoformat()}",
    )


def _told(notification: Notification) -> str:
    """Returns who or what was told, as a log names it."""
    if notification.HasField("webhook"):
        return f"webhook {notification.webhook.name or notification.webhook.id}"
    user = notification.user
    return f"{user.firstname} {user.lastname}".strip() or f"user {user.id}"


def _because(reasons: Iterable[EscalationChanged.Reason], names: Names) -> Iterable[Because]:
    """Reads reasons; those of a newer version's kind are left out."""
    for reason in reasons:
        if reason.kind in _REASONS.values() and reason.kind:
            yield Because(
                _REASONS.Name(reason.kind),
                names.users.get(reason.user_id, ""),
                names.schedules.get(reason.schedule_id, ""),
                names.teams.get(reason.team_id, ""),
            )


def _turn(turn: EscalationChanged.Turn, names: Names) -> Turn:
    passed = tuple(names.users[user] for user in turn.passed_user_ids)
    return Turn(names.users[turn.user_id], turn.place, turn.count, passed)


def _time(told: Timestamp) -> datetime:
    return told.ToDatetime(UTC)
