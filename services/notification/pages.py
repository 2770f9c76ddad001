"""What channels get of what was claimed: all that they say, put together from what is known."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import facts
from services.notification import changes, company, wire
from services.notification.domain import life
from services.notification.domain.values import Kind, Method, Notification, Page
from services.notification.links import Links
from services.notification.store import news, notifications, webhooks
from tocsin.escalation.v1.user_pb2 import User

#: Whose messages can be changed after they were sent.
CHANGEABLE = (Method.TELEGRAM, Method.SLACK)
#: What tells news.
NEWS = (Kind.UPDATE, Kind.DUTY)


def of(
    connection: Connection, now: datetime, taken: Sequence[Notification], links: Links | None = None
) -> list[Page]:
    """Returns what channels say; by `links`, people answer it."""
    if not taken:
        return []
    intents = notifications.intents(connection, {notifications.intent_key(n) for n in taken})
    users = facts.many(connection, changes.USER, [n.user_id for n in taken], User)
    others = company.others(connection, intents)
    endings = notifications.endings(connection, [n.escalation_key for n in taken])
    told = news.of(connection, [n.id for n in taken if n.kind in NEWS])
    hooks = webhooks.hooks(connection, {n.webhook_id for n in taken} - {0}, now)
    pages = []
    for notification in taken:
        ending = endings.get(notification.escalation_key)
        user = users.get(str(notification.user_id))
        key = notifications.intent_key(notification)
        pages.append(
            Page(
                notification=notification,
                intent=intents[key],
                user_name=wire.user_name(user, notification.user_id),
                attempt_time=now,
                ended_by=ending.by if ending else "",
                reason=life.reason(ending) if ending else "",
                hook=hooks.get(notification.webhook_id),
                language=user.language if user and user.language else "en",
                timezone=user.timezone if user and user.timezone else "UTC",
                others=others[key],
                link=links.url(notification) if links else "",
                taken_back=_taken_back(connection, notification),
                news=told.get(notification.id),
            )
        )
    return pages


def _taken_back(connection: Connection, notification: Notification) -> tuple[str, ...]:
    changeable = notification.kind is Kind.STAND_DOWN and notification.method in CHANGEABLE
    return notifications.sent_before(connection, notification) if changeable else ()
