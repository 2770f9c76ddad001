"""What providers say later of the messages they took: delivered, read, or lost."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from services.notification import changes
from services.notification.domain.values import Receipt, State
from services.notification.store import notifications
from services.notification.store.notifications import NOTIFICATION


def record(
    connection: Connection,
    now: datetime,
    provider: str,
    provider_id: str,
    what: Receipt,
    why: str = "",
) -> None:
    """Writes down what a provider says of a message; one that is lost has failed.

    `provider` is what the channel's `provider` returned for it, `provider_id` what `Sent` told,
    and `why` a short reason that people may read.
    """
    mine = (NOTIFICATION.c.provider_id == provider_id) & (NOTIFICATION.c.method == provider.upper())
    ids = list(connection.execute(select(NOTIFICATION.c.id).where(mine)).scalars())
    for notification in notifications.lock(connection, ids):
        if what is Receipt.FAILED and notification.state is State.SENT:
            version = notification.version + 1
            lost = replace(notification, state=State.FAILED, error=why, version=version)
            changes.settle(connection, now, lost, ending=None)
