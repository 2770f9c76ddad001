"""Decides, where messages are claimed, what a contact is told now, later, or by another message.

What a contact was told lately is locked first, so that two replicas do not both think that
there is room. A row that another speaks for is not due any more; what it says goes out with its
carrier, for as long as somebody is still wanted, and comes back if the carrier does not arrive.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import timers
from services.notification import changes
from services.notification.domain import life, noise
from services.notification.domain.caps import LIMITS, Limits
from services.notification.domain.noise import Due, Lane, Send, ToldBy, Wait
from services.notification.domain.values import (
    Intent,
    Kind,
    Notification,
    Page,
    Share,
    State,
)
from services.notification.store import bundles, notifications, queue
from services.notification.store.bundles import ContactKey

#: What waits at times; a code that somebody looks at their phone for, for example, never does.
PACED = (Kind.PAGE, Kind.STAND_DOWN)


@dataclass(frozen=True, slots=True)
class _Row:
    """A notification beside others for its contact."""

    notification: Notification
    due: Due  # in hand if it was taken to be claimed, not looked up beside that


def judged(
    connection: Connection,
    now: datetime,
    due: Sequence[Notification],
    limits: Mapping[str, Limits] = LIMITS,
) -> list[Notification]:
    """Returns what may be claimed now; what may not waits, or is told by what may.

    All that is due must be locked. What ended, was tried before or is for a program is none of
    this file's business and comes back as it is.
    """
    fresh = _fresh(connection, now, due, limits)
    contacts: defaultdict[ContactKey, list[Notification]] = defaultdict(list)
    for notification in fresh:
        contacts[ContactKey.of(notification)].append(notification)
    paces = bundles.lock_paces(connection, contacts)
    intents = notifications.intents(connection, {notifications.intent_key(n) for n in fresh})
    going = [each for each in due if each not in fresh]
    carriers: set[int] = set()  # of which some are in hand: what is to be tried again
    for key, pace in paces.items():
        rules = limits[key.method]
        rows = [_row(each, intents) for each in contacts[key]]
        pace = _still_true(connection, rules, pace, rows, now)
        rows += _beside(connection, key, rules, pace, rows, now)
        plan = noise.decide(rules, pace, [row.due for row in rows], now, len(contacts[key]))
        bundles.save_pace(connection, key, plan.pace)
        going += _applied(connection, now, rows, plan.verdicts)
        carriers |= {each.carrier_id for each in plan.verdicts.values() if isinstance(each, ToldBy)}
    return [replace(each, share=Share.CARRIER) if each.id in carriers else each for each in going]


def with_members(connection: Connection, now: datetime, pages: Sequence[Page]) -> list[Page]:
    """Adds what pages speak for beside themselves, as far as anybody is still wanted for it."""
    carriers = {page.notification.id: page for page in pages if _speaks(page.notification)}
    if not carriers:
        return list(pages)
    doubtful = [id_ for id_, page in carriers.items() if page.notification.possible_repeat]
    bundles.doubt(connection, doubtful)
    living: defaultdict[int, list[int]] = defaultdict(list)
    for member in _wanted(connection, now, bundles.members(connection, list(carriers))):
        living[member.carrier_id].append(member.id)
    intents = bundles.intents(connection, [id_ for ids in living.values() for id_ in ids])
    return [_with(page, living[page.notification.id], intents) for page in pages]


def only(page: Page, over: set[int]) -> Page:
    """Returns a page without those of its members that are over by now."""
    if over.isdisjoint(page.members):
        return page
    left = [
        (id_, intent)
        for id_, intent in zip(page.members, page.bundled, strict=True)
        if id_ not in over
    ]
    ids, intents = tuple(id_ for id_, _ in left), tuple(intent for _, intent in left)
    return replace(page, members=ids, bundled=intents)


def _wanted(
    connection: Connection, now: datetime, members: Sequence[Notification]
) -> list[Notification]:
    """Returns those whose runs have not ended; the others end."""
    endings = notifications.endings(connection, [each.escalation_key for each in members])
    wanted = []
    for member in members:
        ending = endings.get(member.escalation_key)
        if ending is None or member.kind is not Kind.PAGE:
            wanted.append(member)
        else:
            changes.settle(connection, now, life.call_off(member, now), ending=ending)
    return wanted


def _with(page: Page, ids: Sequence[int], intents: Mapping[int, Intent]) -> Page:
    return replace(page, members=tuple(ids), bundled=tuple(intents[id_] for id_ in ids))


def _speaks(notification: Notification) -> bool:
    return notification.share is Share.CARRIER


def _fresh(
    connection: Connection,
    now: datetime,
    due: Sequence[Notification],
    limits: Mapping[str, Limits],
) -> list[Notification]:
    """Returns what has never been tried, is still wanted and is held back at times."""
    some = [each for each in due if _is_fresh(each, now) and each.method in limits]
    pages = [each.escalation_key for each in some if each.kind is Kind.PAGE]
    endings = notifications.endings(connection, pages) if pages else {}
    return [
        each for each in some if each.kind is not Kind.PAGE or each.escalation_key not in endings
    ]


def _is_fresh(notification: Notification, now: datetime) -> bool:
    return (
        notification.attempt == 0
        and notification.state in (State.PENDING, State.RETRY)
        and not notification.webhook_id
        and notification.kind in PACED
        and notification.expires_at > now
    )


def _row(notification: Notification, intents: Mapping[notifications.IntentKey, Intent]) -> _Row:
    intent = intents[notifications.intent_key(notification)]
    due = _due(notification, intent.priority, _text(notification, intent), mine=True)
    return _Row(notification, due)


def _due(notification: Notification, priority: str, text: str = "", *, mine: bool) -> Due:
    page = Lane.LOW if priority == Lane.LOW else Lane.HIGH
    return Due(
        id=notification.id,
        lane=page if notification.kind is Kind.PAGE else Lane.STAND_DOWN,
        since=notification.expires_at - life.WORTH,
        held=notification.share is Share.HELD,
        text=text,
        in_hand=mine,
    )


def _text(notification: Notification, intent: Intent) -> str:
    """Returns what a page says, as a digest; nothing else is the same twice."""
    if notification.kind is not Kind.PAGE:
        return ""
    said = "\0".join((intent.priority, notification.headline, intent.details))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _still_true(
    connection: Connection,
    rules: Limits,
    pace: noise.Pace,
    rows: Sequence[_Row],
    now: datetime,
) -> noise.Pace:
    """Returns the pace without texts that must be said again.

    What failed was not read, and who has answered since was not told that it came back. What
    somebody is changing may be failing now: a text too many is better than one too few.
    """
    if not rules.same:
        return replace(pace, said=tuple(replace(each, text="") for each in pace.said))
    same = noise.same_texts(rules, pace, [row.due for row in rows], now)
    found = bundles.lock_free(connection, same)
    endings = notifications.endings(connection, [each.escalation_key for each in found])
    standing = {
        each.id
        for each in found
        if each.state in (State.SENT, State.SENDING, State.RETRY)
        and each.escalation_key not in endings
    }
    return noise.forgotten(pace, same - standing)


def _beside(
    connection: Connection,
    key: ContactKey,
    rules: Limits,
    pace: noise.Pace,
    rows: Sequence[_Row],
    now: datetime,
) -> list[_Row]:
    """Returns what else waits for the contact, if anything may go to it now at all."""
    if not any(noise.may_go(rules, pace, row.due, now) for row in rows):
        return []
    known = {row.notification.id for row in rows}
    found = [
        (each, priority)
        for each, priority in bundles.waiting(connection, key, now)
        if each.id not in known and _is_fresh(each, now)
    ]
    pages = [each.escalation_key for each, _ in found if each.kind is Kind.PAGE]
    endings = notifications.endings(connection, pages) if pages else {}
    return [
        _Row(each, _due(each, priority, mine=False))
        for each, priority in found
        if each.kind is not Kind.PAGE or each.escalation_key not in endings
    ]


def _applied(
    connection: Connection,
    now: datetime,
    rows: Sequence[_Row],
    verdicts: Mapping[int, noise.Verdict],
) -> list[Notification]:
    """Writes down who waits and who is told by whom; returns who goes."""
    by_id = {row.notification.id: row.notification for row in rows}
    carried: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        match verdicts.get(row.notification.id):
            case Wait(until, why) if row.due.in_hand:
                _hold(connection, row.notification, until, why)
            case ToldBy(carrier_id):
                carried[carrier_id].append(row.notification.id)
            case None if row.due.in_hand:  # it is taken again
                timers.set_timer(connection, changes.TIMER, str(row.due.id), row.notification.at)
    for carrier_id, ids in carried.items():
        bundles.carry(connection, carrier_id, ids, life.told_by(carrier_id), now)
        bundles.forget_due(connection, changes.TIMER, ids)
        queue.drop_free(connection, ids)
    for carrier_id in carried.keys() - by_id.keys():
        _told_lately(connection, now, carrier_id)
    going = (by_id[id_] for id_, verdict in verdicts.items() if isinstance(verdict, Send))
    return [replace(each, share=Share.ALONE, error="") for each in going]


def _hold(connection: Connection, held: Notification, until: datetime, why: str) -> None:
    after = life.hold(held, until, why)
    notifications.save(connection, after)
    timers.set_timer(connection, changes.TIMER, str(after.id), after.at)


def _told_lately(connection: Connection, now: datetime, carrier_id: int) -> None:
    """Lets a message that said the same text lately speak for others too."""
    (carrier,) = notifications.lock(connection, [carrier_id])
    speaking = replace(carrier, share=Share.CARRIER)
    notifications.save(connection, speaking)
    changes.follow(connection, now, speaking)
