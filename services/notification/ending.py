"""What follows when a run wants nobody any more, whoever told it: its owner, or an answer."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.notification import changes
from services.notification.domain import life
from services.notification.domain.values import Ending
from services.notification.store import notifications


def end(connection: Connection, now: datetime, ending: Ending) -> bool:
    """Ends what waits for a run; takes back what went too far. Tells whether the end is news."""
    closed = False
    if not ending.taken:
        _end_calls(connection, now, ending)
        closed = notifications.close_run(connection, ending)
    if not notifications.end_run(connection, ending):
        return closed
    for notification in notifications.lock_run(connection, ending.escalation_key):
        after = life.end_run(notification, now)
        if after is not notification:
            changes.settle(connection, now, after, ending=ending)
        elif life.wants_stand_down(notification, crossed=life.crossed(notification, ending)):
            changes.take_back(connection, notification, ending)
    return True


def _end_calls(connection: Connection, now: datetime, ending: Ending) -> None:
    """Ends what waits for those who were called to a subject that is over by now."""
    for notification in notifications.lock_calls(connection, ending.escalation_key):
        call = replace(ending, escalation_key=notification.escalation_key)
        notifications.end_run(connection, call)  # what is under way is judged by that
        after = life.end_run(notification, now)
        if after is not notification:
            changes.settle(connection, now, after, ending=call)
