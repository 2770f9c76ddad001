"""What is due gets in line where its provider's messages wait.

Only the channel knows what a message depends on, so this is asked when it is due, each time
anew: a channel with several providers may choose another. Where a provider is failing, its
messages wait without a place, and other ways to the same people take over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import timers
from services.notification import changes, falling
from services.notification.domain import life
from services.notification.domain.lanes import Admission
from services.notification.domain.values import FINAL, Notification, Page
from services.notification.falling import Patience
from services.notification.store import notifications, queue
from services.notification.store.queue import Place

#: Names what a page depends on.
ProviderOf = Callable[[Page], str]
#: Gathers what a channel needs to know of messages.
PagesOf = Callable[[Connection, datetime, Sequence[Notification]], Sequence[Page]]

#: How many get in line in one transaction, and how many leave a line that does not move.
MOST = 200
HIGH, LOW = 0, 1


@dataclass(frozen=True, slots=True)
class Sorter:
    """How what is due is sorted."""

    admission: Admission
    provider_of: ProviderOf
    pages_of: PagesOf
    patience: Patience

    def sort(self, connection: Connection, now: datetime) -> int:
        """Gets what is due in line; returns how much that was."""
        keys = timers.due_keys(connection, changes.TIMER, now, MOST)
        if not keys:
            return 0
        due = notifications.lock(connection, [int(key) for key in keys])
        waiting = [each for each in due if each.state not in FINAL]
        timers.clear_all(connection, changes.TIMER, keys)
        self._place(connection, now, waiting)
        return len(keys)

    def clear(self, connection: Connection, now: datetime) -> int:
        """Takes those out of line whose provider is failing; returns how many."""
        count = 0
        for provider in sorted(self.admission.failing(now)):
            ids = queue.front(connection, provider, MOST - count)
            queue.drop_all(connection, ids)
            waiting = notifications.lock(connection, ids) if ids else []
            self._place(connection, now, [each for each in waiting if each.state not in FINAL])
            count += len(ids)
        return count

    def _place(self, connection: Connection, now: datetime, due: Sequence[Notification]) -> None:
        failing = self.admission.failing(now)
        asked, places = [], []
        for page in self.pages_of(connection, now, due):
            provider = self.provider_of(replace(page, failing=failing))
            each = replace(page.notification, provider=provider)
            each = replace(each, wanted_at=each.wanted_at or each.at)
            asked.append(each)
            rank = LOW if page.news or page.intent.priority == "LOW" else HIGH
            places.append(Place(each.id, provider, rank, each.wanted_at or each.at))
        known = {each.id for each in due if each.wanted_at is not None}
        falling.watch(connection, self.patience, [each for each in asked if each.id not in known])
        moving = [each for each in asked if each.provider not in failing]
        notifications.save_all(connection, moving)
        queue.put_all(connection, [place for place in places if place.provider not in failing])
        waiting = [each for each in asked if each.provider in failing]
        self._let_wait(connection, now, waiting)

    def _let_wait(
        self, connection: Connection, now: datetime, waiting: Sequence[Notification]
    ) -> None:
        """Lets messages wait until their provider is tried again; the next ways take over."""
        endings = notifications.endings(connection, [each.escalation_key for each in waiting])
        left = []
        for each in waiting:
            ending = endings.get(each.escalation_key)
            retry_at = self.admission.breaker(each.provider).retry_at or now
            after = life.wait(each, now, retry_at, ended=ending is not None)
            if after.state in FINAL:
                changes.settle(connection, now, after, ending=ending)
            else:
                left.append(after)
        left = falling.pass_over(connection, now, left)
        notifications.save_all(connection, left)
        timers.set_all(connection, changes.TIMER, {str(each.id): each.at for each in left})
