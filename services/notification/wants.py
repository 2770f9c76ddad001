"""Finds what people want to be told besides pages, and by which contacts."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.notification.domain.hearing import Wish
from services.notification.domain.news import What
from services.notification.domain.preferences import Preference, Topic
from services.notification.domain.values import WAYS, Method
from services.notification.domain.ways import usable
from services.notification.reaching import Reach, reach_of
from services.notification.store import preferences


def preferences_of(
    connection: Connection,
    now: datetime,
    user_ids: Collection[int] | None,
    whats: Collection[What],
    *,
    offered: Collection[Method] = WAYS,
) -> Sequence[Wish]:
    """Returns what those people, or everybody if it is None, want to be told, by which contacts.

    `offered` are the ways that this deployment has. Who is muted wants nothing, and in quiet
    hours nobody wants updates; when a shift begins they want to know then, too.
    """
    if user_ids is None:
        known = preferences.every(connection)
    else:
        known = preferences.of_users(connection, sorted(user_ids))
    rules = [rule for rule in known if rule.topic is not Topic.ALERT and rule.type in whats]
    reaches = reach_of(connection, now, sorted({rule.user_id for rule in rules}))
    return [
        wish
        for rule in rules
        if rule.user_id in reaches
        for wish in _wishes(rule, reaches[rule.user_id], now, offered)
    ]


def _wishes(
    rule: Preference, reach: Reach, now: datetime, offered: Collection[Method]
) -> Iterator[Wish]:
    muted = reach.muted is not None and reach.muted > now
    quiet = reach.quiet is not None and reach.quiet.until(now) is not None
    if muted or (quiet and rule.topic is Topic.UPDATE) or rule.method not in offered:
        return
    for contact in usable(reach.contacts, reach.own_address, offered):
        if rule.means(contact):
            yield Wish(
                rule_id=rule.id,
                user_id=rule.user_id,
                what=What(rule.type),
                method=rule.method,
                contact_id=contact.id,
                target=contact.target,
                minutes=rule.minutes,
            )
