"""The life of a notification: what may happen to it, and what follows.

    PENDING ──claim──► SENDING ──record──► SENT | FAILED | RETRY ──claim──► SENDING …
    PENDING, RETRY, SENDING ──called off──► SUPPRESSED
    PENDING, RETRY, SENDING ──too late──► EXPIRED
    PENDING, RETRY ──another speaks for it──► SUPPRESSED ──that came to nothing──► PENDING

A claim that ran out hides the outcome of its attempt: the message goes out again under the
same key and says that it may be a repeat, because a doubled page is better than none. An
attempt is recorded only while it is the last one. Pure functions over frozen values: no
clock, no database, no network.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from services.notification.domain.values import (
    FINAL,
    Ending,
    Failed,
    Kind,
    Method,
    Notification,
    Outcome,
    Retry,
    Sent,
    Share,
    State,
)

#: How long after its request a page is still worth sending.
WORTH = timedelta(hours=4)
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(minutes=5)
#: A provider that asks for more patience than this is tried in between.
LONGEST_PATIENCE = timedelta(hours=1)
LEAST_PATIENCE = timedelta(seconds=1)
#: How far the clocks of a subject's owner and of notification may be apart.
CLOCKS_APART = timedelta(seconds=5)
#: What the doublings stop at; more would overflow.
MOST_DOUBLINGS = 16

NOT_NEEDED = "not needed: accepted or resolved"
NO_CONTACT = "no contact"


def page_key(escalation_key: str, cycle: int, level: int, user_id: int, contact_id: int) -> str:
    """Returns what names a page to one contact, whatever happens to its attempts."""
    return f"{escalation_key}:{cycle}:{level}:{user_id}:{contact_id}"


def webhook_key(escalation_key: str, cycle: int, level: int, webhook_id: int) -> str:
    """Returns what names a page to a webhook, as `page_key` does."""
    return f"{escalation_key}:{cycle}:{level}:webhook:{webhook_id}"


def claim(
    notification: Notification, now: datetime, *, until: datetime, ended: bool
) -> Notification:
    """Takes a due notification to be sent, unless it is needless, too late or taken."""
    if notification.state in FINAL:
        return notification
    if notification.state is State.SENDING:
        if notification.claim_until is not None and notification.claim_until > now:
            return notification  # somebody else's
        notification = replace(notification, possible_repeat=True)
    if ended and notification.kind is Kind.PAGE:
        return call_off(notification, now)
    if notification.expires_at <= now:
        return _end(
            notification, State.EXPIRED, now, notification.error or "nobody sent it in time"
        )
    return replace(
        notification,
        state=State.SENDING,
        attempt=notification.attempt + 1,
        claim_until=until,
        version=notification.version + 1,
    )


def call_off(notification: Notification, now: datetime) -> Notification:
    """Ends a notification that is not needed any more."""
    if notification.state in FINAL and notification.share is not Share.CARRIED:
        return notification
    return _end(notification, State.SUPPRESSED, now, NOT_NEEDED)


def hold(notification: Notification, until: datetime, why: str) -> Notification:
    """Lets a notification wait until there is room for it."""
    return replace(
        notification,
        at=until,
        share=Share.HELD,
        error=why,
        version=notification.version + 1,
    )


def told(notification: Notification, now: datetime) -> Notification:
    """Returns a notification of which the person was told by another message."""
    return replace(notification, share=Share.TOLD, at=now, version=notification.version + 1)


def freed(notification: Notification, now: datetime, why: str) -> Notification:
    """Returns a notification that has to be sent after all, as what spoke for it was not."""
    return replace(
        notification,
        state=State.PENDING,
        share=Share.HELD,
        carrier_id=0,
        at=now,
        error=why,
        version=notification.version + 1,
    )


def fail_with(notification: Notification, carrier: Notification, now: datetime) -> Notification:
    """Returns a notification whose way failed when another went it."""
    why = f"{told_by(carrier.id)}, which failed: {carrier.error}"
    return _end(notification, State.FAILED, now, why)


def told_by(carrier_id: int) -> str:
    """Returns why a notification is not sent that another speaks for."""
    return f"told by notification {carrier_id}"


def end_run(notification: Notification, now: datetime) -> Notification:
    """Ends what waits when its run ends; what is under way is judged by its outcome."""
    waits = notification.state in (State.PENDING, State.RETRY)
    if not waits or notification.kind is not Kind.PAGE:
        return notification
    return call_off(notification, now)


def record(
    notification: Notification,
    attempt: int,
    outcome: Outcome,
    now: datetime,
    *,
    chance: float,
    ended: bool,
) -> Notification:
    """Writes down how an attempt went; the outcome of an older attempt changes nothing.

    `chance` (0 to 1) spreads the next attempts of many, `ended` tells that the run ended.
    """
    if notification.state is not State.SENDING or notification.attempt != attempt:
        return notification
    match outcome:
        case Sent(provider_id):
            sent = replace(notification, provider_id=provider_id)
            return _end(sent, State.SENT, now, "")
        case Failed(why):
            return _end(notification, State.FAILED, now, why)
        case Retry(why, after, unknown):
            doubtful = notification.possible_repeat or unknown
            tried = replace(notification, possible_repeat=doubtful, error=why)
            if ended and notification.kind is Kind.PAGE:
                return call_off(tried, now)
            return _try_again(tried, now, now + patience(attempt, after, chance))


def patience(attempt: int, after: timedelta | None, chance: float) -> timedelta:
    """Returns how long to wait after an attempt: what the provider asked for, or ever longer."""
    if after is not None:
        return min(max(after, LEAST_PATIENCE), LONGEST_PATIENCE)
    doubled: timedelta = FIRST_DELAY * 2 ** min(attempt - 1, MOST_DOUBLINGS)
    return min(doubled, LONGEST_DELAY) * (0.5 + chance / 2)


def wants_stand_down(notification: Notification, *, crossed: bool) -> bool:
    """Tells whether a page of an ended run has to be taken back.

    `crossed` tells that the answer came while it was under way. A program that was paged is
    always told, as it cannot look whether it is still needed.
    """
    if notification.kind is not Kind.PAGE or notification.share is Share.CARRIED:
        return False
    if notification.is_told:
        told = notification.method == Method.TERMINAL or bool(notification.webhook_id)
        return crossed or told
    return notification.state is State.SUPPRESSED and notification.possible_repeat


def crossed(notification: Notification, ending: Ending) -> bool:
    """Tells whether a page went out when its subject wanted nobody any more, or nearly so.

    A page that was sent has the time at which its attempt was recorded, so it reached somebody
    before that. Clocks differ: a page too many is taken back rather than one too few.
    """
    if not notification.is_told or ending.subject_end_time is None:
        return False
    return notification.at > ending.subject_end_time - CLOCKS_APART


def stand_down(page: Notification, id_: int, ending: Ending, title: str) -> Notification:
    """Returns the message that takes a page back; it goes the way the page went.

    Its key makes it one for all levels of the run that told the same contact.
    """
    what = "was taken" if ending.taken else "needs nobody any more"
    whom = ":".join(page.key.rsplit(":", 2)[1:])  # a person and their contact, or a webhook
    return replace(
        page,
        id=id_,
        key=f"{page.escalation_key}:stand-down:{whom}",
        kind=Kind.STAND_DOWN,
        headline=f"stood down: {title} {what}",
        state=State.PENDING,
        at=ending.at,
        attempt=0,
        claim_until=None,
        possible_repeat=False,
        provider_id="",
        error="",
        version=1,
        share=Share.ALONE,
        carrier_id=0,
    )


def reason(ending: Ending) -> str:
    """Returns in one word, for programs, why a run wants nobody any more."""
    return "accepted" if ending.taken else "stopped"


def unreachable(notifications: list[Notification]) -> bool:
    """Tells whether every way to tell somebody has failed."""
    failed = (State.FAILED, State.EXPIRED)
    return all(each.state in failed for each in notifications)


def _try_again(notification: Notification, now: datetime, at: datetime) -> Notification:
    if at >= notification.expires_at:
        return _end(notification, State.EXPIRED, now, f"gave up: {notification.error}")
    return replace(
        notification,
        state=State.RETRY,
        at=at,
        claim_until=None,
        version=notification.version + 1,
    )


def _end(notification: Notification, state: State, now: datetime, error: str) -> Notification:
    speaks = notification.share is Share.CARRIER
    return replace(
        notification,
        state=state,
        share=Share.CARRIER if speaks else Share.ALONE,
        carrier_id=0,
        at=now,
        claim_until=None,
        error=error,
        version=notification.version + 1,
    )
