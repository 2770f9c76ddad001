"""Sends events to webhooks, beside the pages and never in their way.

Each webhook has lanes of its own: one that hangs keeps nobody waiting but itself. What is under
way when the service dies is due again when its claim runs out, under the same id.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.pausing import pause
from services.notification import deliveries
from services.notification.channels.events import SECONDS, Events
from services.notification.deliveries import Due
from services.notification.domain.values import Outcome, Sent

log = logging.getLogger(__name__)

P = ParamSpec("P")

#: How many events are under way to one webhook.
LANES = 2
LONGEST_WAIT_SECONDS = 1.0
LEAST_WAIT_SECONDS = 0.02
SWEEP_SECONDS = 3600.0
END_SECONDS = 2.0


class Courier:
    """Takes due events to their webhooks."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        events: Events,
        *,
        claim_seconds: float,
        keep_days: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._events = events
        self._claim_seconds = claim_seconds
        # Half a claim at most, so that a whole try and its record fit into one.
        self._try_seconds = min(SECONDS, claim_seconds / 2)
        self._keep = timedelta(days=keep_days)
        self._under_way: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._due = asyncio.Event()

    async def run(self) -> None:
        """Sends for as long as the service runs; in the end, finishes what is under way."""
        self._database.wake(deliveries.TOPIC, self._due.set)
        try:
            while True:
                wait = await self._start_or_wait()
                if wait:
                    await pause(wait, self._due)
        finally:
            await self._finish()

    async def sweep(self) -> None:
        """Forgets what ended long ago, for as long as the service runs."""
        while True:
            try:
                while await self._database.write(deliveries.forget_old, self._clock, self._keep):
                    pass  # part by part: others want to write, too
            except Unavailable:
                log.warning("the database is away: old deliveries stay")
            await asyncio.sleep(SWEEP_SECONDS)

    async def step(self) -> int:
        """Sends what is due now, as much as there are lanes for, and returns how much that was."""
        due, until = await self._claim()
        await asyncio.gather(*(self._try(each, until) for each in due))
        return len(due)

    async def _start_or_wait(self) -> float:
        """Starts on what is due; returns how long to wait for more."""
        try:
            # What is claimed is sent, even if the service ends meanwhile.
            if await asyncio.shield(self._start(self._claim_and_start())):
                return 0.0
            full = [id_ for id_, count in self._under_way.items() if count >= LANES]
            left = await self._database.read(deliveries.next_due, self._clock, full)
        except Unavailable:
            log.warning("the database is away: what webhooks are to be told waits")
            return LONGEST_WAIT_SECONDS
        if left is None:
            return LONGEST_WAIT_SECONDS
        return min(max(left, LEAST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)

    async def _claim_and_start(self) -> int:
        due, until = await self._claim()
        for each in due:
            self._start(self._try(each, until))
        return len(due)

    async def _claim(self) -> tuple[list[Due], float]:
        until = asyncio.get_running_loop().time() + self._claim_seconds
        lanes = dict(self._under_way)
        due = await self._database.write(
            deliveries.take, self._clock, lanes, LANES, self._claim_seconds
        )
        self._under_way.update(each.hook.id for each in due)
        return due, until

    async def _try(self, due: Due, until: float) -> None:
        try:
            if asyncio.get_running_loop().time() + self._try_seconds > until:
                return  # this process stood still: the claim may be another's by now
            sent = due.delivery
            outcome = await self._events.post(
                due.hook, sent.event_id, sent.body, due.at, self._try_seconds
            )
            _log(due, outcome)
            chance = random.random()
            await self._write(until, deliveries.record, self._clock, sent, outcome, chance)
        finally:
            self._under_way[due.hook.id] -= 1
            self._under_way += Counter()  # forgets those with nothing under way
            self._due.set()

    async def _write(
        self,
        until: float,
        fn: Callable[Concatenate[Connection, P], None],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Writes, trying again for as long as the claim lasts if the database is away."""
        while True:
            try:
                return await self._database.write(fn, *args, **kwargs)
            except Unavailable:
                if asyncio.get_running_loop().time() >= until:
                    log.error("the database is away: an outcome is lost, an event will repeat")
                    return None
            await asyncio.sleep(LONGEST_WAIT_SECONDS)

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and not isinstance(task.exception(), Unavailable | None):
            log.error("an event's try failed", exc_info=task.exception())

    async def _finish(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        for task in tuple(self._tasks):
            task.cancel()  # what is not recorded goes out again, under its id


def _log(due: Due, outcome: Outcome) -> None:
    what = f"webhook {due.hook.id}, event {due.delivery.event_id}, try {due.delivery.attempt}"
    if isinstance(outcome, Sent):
        log.info("%s: sent", what)
    else:
        log.warning("%s: %s", what, outcome.why)
