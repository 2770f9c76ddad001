"""Accepts that expire: an alert that is not resolved in time wants somebody anew.

What counts is the policy that the alert follows when it is accepted; each later accept gives it
as long again. An alert that notifies nobody never expires.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from services.alertstate.domain.actions import Done, done
from services.alertstate.domain.alerts import Alert, Cause, Status, anew
from services.alertstate.domain.entries import Entry, EntryType


def armed(alert: Alert, expiry: timedelta | None, now: datetime) -> Alert:
    """Returns an alert that was accepted just now, with when that expires; None for never."""
    if expiry is None or alert.silent or alert.status is not Status.ACCEPTED:
        return alert
    return replace(alert, accept_expires=now + expiry)


def expire(alert: Alert, now: datetime) -> Done:
    """Lets the accept of an alert expire, if that is due: nobody has taken it any more."""
    due = alert.accept_expires
    if alert.status is not Status.ACCEPTED or due is None or due > now:
        return Done(alert)
    after = replace(
        alert,
        status=Status.PENDING,
        accept_expires=None,
        settled_seq=0,
        responders=tuple(replace(each, accepted_at=None) for each in alert.responders),
    )
    entry = Entry(EntryType.RAISED_BY_SYSTEM, "accept_expired", now)
    return done(anew(after), Cause.ACCEPT_EXPIRED, entry)
