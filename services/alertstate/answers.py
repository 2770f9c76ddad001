"""Does as people answered from a message, which Notification tells.

Whoever answers was paged about the alert, and who was paged may always answer that, also who
only looks on in its teams. Notification has refused whoever was no more by then; one who is no
more by now has stopped the paging all the same, but is no responder.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.alertstate import known, reported, wire
from services.alertstate.changing import change
from services.alertstate.domain.actions import Done
from services.alertstate.domain.alerts import Alert
from services.alertstate.domain.answers import Given, answered
from services.alertstate.store import log
from services.chassis import audit, facts
from services.chassis.errors import NotFound, Unavailable, WrongState
from tocsin.edge.v1 import actor_pb2
from tocsin.notification.v1.notification_events_pb2 import AnswerGiven


def take(connection: Connection, now: datetime, event: AnswerGiven) -> None:
    """Does as somebody answered, once; nothing if their message was about an older episode.

    Raises Unavailable if the alert, or its episode, is not here yet: AlertState was restored.
    """
    alert_id = wire.alert_id(event.subject_kind, event.subject_id)
    if alert_id is None:
        return
    given = _still_there(connection, reported.given(event, now))
    before: list[Alert] = []

    def decide(connection: Connection, alert: Alert, now: datetime) -> Done:
        before.append(alert)
        if given.episode > alert.episode:
            raise Unavailable(f"episode {given.episode} of alert {alert_id} is not known yet")
        done = answered(alert, given)
        return done if len(log.fresh(connection, alert_id, done.entries)) else Done(alert)

    try:
        done = change(connection, now, alert_id, decide, given.actor)
    except NotFound as missing:
        raise Unavailable(f"alert {alert_id} is not known yet") from missing
    except WrongState:  # somebody else was faster
        return
    if done.cause is not None:
        _note(connection, now, event.actor, given, before[0], done.alert)


def _still_there(connection: Connection, given: Given) -> Given:
    """Returns an answer of whom there still is; of somebody without a number otherwise."""
    if not facts.gone(connection, known.USER, [given.actor.user_id]):
        return given
    return replace(given, actor=replace(given.actor, user_id=0))


def _note(
    connection: Connection,
    now: datetime,
    actor: actor_pb2.Actor,
    given: Given,
    before: Alert,
    after: Alert,
) -> None:
    audit.record(
        connection,
        now,
        actor,
        f"alert.{given.verb.lower()}",
        f"alert:{after.id}",
        before=wire.standing(before),
        after=wire.standing(after),
    )
