"""Does as people answered from a message about another program's subject.

Notification tells. Answers about alerts are AlertState's, which tells Escalation of the alert.
An answer is for the run that its message was about: what an accept that expired has begun since
pages on, as newer messages are about that.
"""

from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import Connection

from services.chassis import audit, inbox
from services.chassis.errors import InvalidRequest, Unavailable, WrongState
from services.escalation import running
from services.escalation.domain.runs import ALERT, Run
from services.escalation.store import runs
from services.escalation.store.alone import alone
from services.escalation.wire.runs import actor_value
from tocsin.notification.v1.notification_events_pb2 import AnswerGiven

#: What somebody did to a run, as the audit trail calls it.
ACTIONS = {
    AnswerGiven.ACCEPT: "escalation.acknowledge",
    AnswerGiven.RESOLVE: "escalation.stop",
    AnswerGiven.ESCALATE: "escalation.escalate",
}


def answer_given(connection: Connection, now: datetime, event: AnswerGiven) -> None:
    """Does as somebody answered; nothing about a run that is over.

    Raises InvalidRequest for an unknown verb, and Unavailable if the run is not here yet:
    Escalation was restored.
    """
    if event.subject_kind == ALERT:
        return
    if event.verb not in ACTIONS:
        raise InvalidRequest(f"answer {event.id} says what nobody here knows")
    subject = f"{event.subject_kind}:{event.subject_id}"
    alone(connection, subject)
    key = f"{subject}:{event.episode}"
    run = runs.by_keys(connection, [key]).get(key)
    if run is None:
        raise Unavailable(f"there is no escalation {key} yet")
    with suppress(WrongState):  # it was stopped
        after = _done(connection, now, event, run)
        if after.version != run.version:
            told = {"key": key, "state": after.state.value}
            action, target = ACTIONS[event.verb], f"escalation:{run.id}"
            audit.record(connection, now, event.actor, action, target, after=told)


def _done(connection: Connection, now: datetime, event: AnswerGiven, run: Run) -> Run:
    """Returns the run after an answer. Raises WrongState."""
    by = actor_value(event.actor)
    since = min(event.answer_time.ToDatetime(UTC), now)
    match event.verb:
        case AnswerGiven.ACCEPT:
            return running.acknowledge(connection, now, run.id, by, subject_end_time=since)
        case AnswerGiven.RESOLVE:
            return running.stop(connection, now, run.id, by, subject_end_time=since, over=True)
        case _:
            return running.push(connection, now, run.id, run.pushes + 1, by)


REACTIONS = inbox.on(AnswerGiven, answer_given)
