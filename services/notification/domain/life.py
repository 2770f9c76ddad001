"""The life of a notification: what may happen to it, and what follows.

    PENDING ──claim──► SENDING ──record──► SENT | FAILED | RETRY ──claim──► SENDING …
    PENDING, RETRY, SENDING ──called off──► SUPPRESSED
    PENDING, RETRY, SENDING ──too late──► EXPIRED
    PENDING, RETRY ──its provider is failing──► RETRY
    SENT ──receipt: failed──► FAILED ──receipt: delivered──► SENT
    PENDING, RETRY ──another speaks for it──► SUPPRESSED ──that came to nothing──► PENDING

A claim that ran out hides the outcome of its attempt: the message goes out again under the
same key and says that it may be a repeat, because a doubled page is better than none. An
attempt is recorded only while it is the last one. Pure functions over frozen values: no
clock, no database, no network.
"""

from collections.abc import Iterable
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
    Receipt,
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
#: Contacts that this deployment has nothing to reach by are none.
NO_PROVIDER = "no contact that this deployment can reach"
CONTACT_GONE = "the contact was deleted"


def page_key(
    escalation_key: str,
    cycle: int,
    level: int,
    user_id: int,
    contact_id: int,
    method: Method = Method.EMAIL,
    again: int = 0,
) -> str:
    """Returns what names a page to one contact, whatever happens to its attempts.

    A phone is told in two ways, and any contact more than once if the person wants that:
    `again` counts from the second time.
    """
    way = f"/{method.lower()}" if method in (Method.SMS, Method.VOICE) else ""
    more = f"+{again}" if again else ""
    return f"{escalation_key}:{cycle}:{level}:{user_id}:{contact_id}{way}{more}"


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
    if notification.delivered_at is not None:
        return _end(notification, State.SENT, now, "")  # an attempt before was certain
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


def wait(notification: Notification, now: datetime, at: datetime, *, ended: bool) -> Notification:
    """Lets a due notification wait for its provider, which is failing."""
    if notification.state in FINAL:
        return notification
    unknown = notification.state is State.SENDING  # a claim that ran out
    doubtful = replace(notification, possible_repeat=notification.possible_repeat or unknown)
    if ended and notification.kind is Kind.PAGE:
        return call_off(doubtful, now)
    if notification.expires_at <= now:
        return _end(doubtful, State.EXPIRED, now, notification.error)
    return replace(
        doubtful,
        state=State.RETRY,
        at=min(at, notification.expires_at),
        claim_until=None,
        error=f"provider {notification.provider} is failing",
        version=notification.version + 1,
    )


def next_way(notifications: Iterable[Notification], now: datetime) -> Notification | None:
    """Returns which of the pages of an intent is the next that nobody has tried; None if none."""
    later = [each for each in notifications if _is_untried(each, now)]
    return min(later, key=lambda each: (each.at, each.id), default=None)


def hurry(notification: Notification, now: datetime) -> Notification:
    """Makes a notification that waits for its time due at once."""
    if not _is_untried(notification, now):
        return notification
    return replace(notification, at=now, version=notification.version + 1)


def _is_untried(notification: Notification, now: datetime) -> bool:
    return _waits_its_time(notification, now) and notification.share is not Share.HELD


def _waits_its_time(notification: Notification, now: datetime) -> bool:
    return notification.state is State.PENDING and notification.at > now < notification.expires_at


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
        case Failed() | Retry() if notification.delivered_at is not None:
            return _end(notification, State.SENT, now, "")  # an attempt before was certain
        case Failed(why):
            return _end(notification, State.FAILED, now, why)
        case Retry(why, after, unknown):
            doubtful = notification.possible_repeat or unknown
            tried = replace(notification, possible_repeat=doubtful, error=why)
            if ended and notification.kind is Kind.PAGE:
                return call_off(tried, now)
            return _try_again(tried, now, now + patience(attempt, after, chance))


def receive(
    notification: Notification, attempt: int, what: Receipt, why: str, now: datetime
) -> Notification:
    """Writes down what a provider says of an attempt, in whatever order it says so.

    Who has the message has it: that it was delivered or read outlasts a failure, told before
    or after. A failure counts while no later attempt has begun.
    """
    if what is Receipt.FAILED:
        lost = notification.state is State.SENT and notification.attempt == attempt
        if not lost or notification.delivered_at is not None:
            return notification
        return _end(notification, State.FAILED, now, why or "not delivered")
    told = replace(notification, delivered_at=notification.delivered_at or now)
    if what is Receipt.READ:
        told = replace(told, read_at=notification.read_at or now)
    if told == notification:
        return notification
    if notification.state in (State.RETRY, State.FAILED, State.EXPIRED):
        return _end(told, State.SENT, now, "")
    return replace(told, version=notification.version + 1)


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
    # A person and their contact, however often it was told, or a webhook.
    whom = ":".join(page.key.rsplit(":", 2)[1:]).partition("+")[0]
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


def unreachable(notifications: Iterable[Notification]) -> bool:
    """Tells whether every way to tell somebody has failed."""
    failed = (State.FAILED, State.EXPIRED)
    return all(each.state in failed for each in notifications)


def unreached(notifications: Iterable[Notification], now: datetime) -> bool:
    """Tells whether every way to tell somebody was tried, and none is certain."""
    certain = (State.SENT, State.SUPPRESSED)
    return not any(each.state in certain or _waits_its_time(each, now) for each in notifications)


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
