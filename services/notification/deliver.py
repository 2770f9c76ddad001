"""Sends what is due.

Due messages are claimed in one transaction, no more than there is room for with their
providers, so that a claim never runs out in a queue and no provider holds up another's. The
owners of the subjects are asked once per claim, the rest is sent, and every outcome is
recorded. What dies in between is claimed again later. A channel that hangs or fails in a way
that nobody foresaw costs its own message a retry, nothing else.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Concatenate, ParamSpec

from sqlalchemy import Connection

from services.chassis import timers
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.pausing import pause
from services.chassis.sealing import Sealer
from services.notification import bundling, claims, metrics, pages
from services.notification.channels.channel import Channel
from services.notification.config import Config
from services.notification.domain import caps
from services.notification.domain.values import Failed, Outcome, Page, Retry, Sent
from services.notification.lanes import Lanes
from services.notification.links import Links
from services.notification.peers import Subjects

log = logging.getLogger(__name__)

P = ParamSpec("P")

LONGEST_ATTEMPT_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 1.0
LEAST_WAIT_SECONDS = 0.02
#: How long the loop lets a cancelled attempt put its things away.
TIDY_SECONDS = 1.0


class Deliverer:
    """Takes due messages to their channels."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        config: Config,
        subjects: Subjects,
        channels: Mapping[str, Channel],
        sealer: Sealer,
        links: Links | None = None,
    ) -> None:
        """Takes the way to people's answers; without it, they log in to answer."""
        self._database = database
        self._clock = clock
        self._subjects = subjects
        self._channels = channels
        self._sealer = sealer
        self._links = links
        self.lanes = Lanes(
            total=config.send_concurrency,
            each=config.provider_concurrency,
            limit=config.provider_failures,
        )
        self._patience = config.patience
        self._claim_seconds = config.claim_seconds
        self._limits = caps.limits(config.message_caps)
        # Half a claim at most, so that a whole attempt and its record fit into one.
        self._attempt_seconds = min(LONGEST_ATTEMPT_SECONDS, config.claim_seconds / 2)
        self._due = asyncio.Event()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._failure: BaseException | None = None

    async def run(self) -> None:
        """Sends for as long as the service runs; in the end, finishes what is under way."""
        self._database.wake(timers.TOPIC, self._due.set)
        try:
            while self._failure is None:
                wait = await self._claim_or_wait()
                if wait:
                    await pause(wait, self._due)
            raise self._failure
        finally:
            await self._finish()

    async def step(self) -> int:
        """Sends what is due now, up to one claim, and returns how much that was."""
        taken, until = await self._claim()
        await self._deliver(taken.pages, until)
        return len(taken.pages)

    async def _claim_or_wait(self) -> float:
        """Starts on what is due; returns how long to wait for more."""
        if self.lanes.full:
            return LONGEST_WAIT_SECONDS
        try:
            # What is claimed is delivered, even if the service ends meanwhile.
            if await asyncio.shield(self._start(self._claim_and_start())):
                return 0.0
            left = await self._database.read(claims.next_due, self._clock)
        except Unavailable:
            log.warning("the database is away: what is due waits")
            return LONGEST_WAIT_SECONDS
        if left is None:
            return LONGEST_WAIT_SECONDS
        return min(max(left, LEAST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)

    async def _claim_and_start(self) -> bool:
        taken, until = await self._claim()
        if taken.pages:
            self._start(self._deliver(taken.pages, until))
        return taken.more

    async def _claim(self) -> tuple[claims.Taken, float]:
        until = asyncio.get_running_loop().time() + self._claim_seconds
        terms = claims.Terms(
            self.lanes.admission(),
            self._provider_of,
            partial(pages.of, links=self._links),
            self._sealer,
            self._patience,
            self._claim_seconds,
            self._limits,
        )
        taken = await self._database.write(claims.take, self._clock, terms)
        for page in taken.pages:
            self.lanes.enter(page.notification.provider)
        return taken, until

    def _provider_of(self, page: Page) -> str:
        channel = self._channels.get(page.notification.method)
        try:
            return channel.provider(page) if channel else ""
        except Exception:  # one message must not stop everybody's
            log.exception("%s cannot name its provider", page.notification.method)
            return page.notification.method.lower()

    async def _deliver(self, pages: Sequence[Page], until: float) -> None:
        over = await self._subjects.over(pages)
        if over:
            await self._write(until, claims.call_off, self._clock, over)
        for page in pages:
            if page.notification.id in over:
                self._leave(page)
        wanted = [bundling.only(page, over) for page in pages if page.notification.id not in over]
        await asyncio.gather(*(self._attempt(page, until) for page in wanted))

    async def _attempt(self, page: Page, until: float) -> None:
        try:
            if asyncio.get_running_loop().time() + self._attempt_seconds > until:
                return  # this process stood still: the claim may be another's by now
            self._observe(page)
            outcome = await self._send(page)
            self._hear(page, outcome, until)
            chance = random.random()
            await self._write(until, claims.record, self._clock, page, outcome, chance)
        finally:
            self._leave(page)

    def _leave(self, page: Page) -> None:
        self.lanes.leave(page.notification.provider)
        self._due.set()

    def _hear(self, page: Page, outcome: Outcome, until: float) -> None:
        """Learns what an outcome says of the provider."""
        notification = page.notification
        since_claim = asyncio.get_running_loop().time() - until + self._claim_seconds
        now = page.attempt_time + timedelta(seconds=since_claim)  # by the database's clock
        self.lanes.hear(notification.provider, outcome, now)
        metrics.tell_attempt(notification, outcome)
        _log(page, outcome)

    async def _send(self, page: Page) -> Outcome:
        channel = self._channels.get(page.notification.method)
        if channel is None:
            return Failed(f"this deployment cannot send {page.notification.method}")
        sending = asyncio.create_task(channel.send(page))
        with metrics.provider_seconds(page.notification.provider):
            done, _ = await asyncio.wait({sending}, timeout=self._attempt_seconds)
        if not done:
            sending.cancel()
            await asyncio.wait({sending}, timeout=TIDY_SECONDS)
            return Retry(f"no answer within {self._attempt_seconds:g} s", unknown=True)
        fault = sending.exception()
        if fault is not None:
            log.error("%s failed", page.notification.method, exc_info=fault)
            return Retry(f"internal error: {type(fault).__name__}", unknown=True, theirs=True)
        return sending.result()

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
                    log.error("the database is away: an outcome is lost, a message will repeat")
                    return None
            await asyncio.sleep(LONGEST_WAIT_SECONDS)

    def _observe(self, page: Page) -> None:
        intent = page.intent
        first = (intent.level, intent.cycle, page.notification.attempt) == (1, 0, 1)
        if not first or not page.is_page or intent.accept_time is None:
            return
        seconds = (self._clock.wall() - intent.accept_time).total_seconds()
        told = metrics.PAGE_LATENCY.labels(intent.priority, page.notification.method)
        told.observe(max(seconds, 0.0))

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and not isinstance(task.exception(), Unavailable | None):
            self._failure = task.exception()
            self._due.set()

    async def _finish(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._attempt_seconds + TIDY_SECONDS * 2):
                while self._under_way:
                    await asyncio.wait(self._under_way)
        for task in tuple(self._under_way):
            task.cancel()


def _log(page: Page, outcome: Outcome) -> None:
    notification = page.notification
    what = f"{notification.method} {notification.id}, attempt {notification.attempt}"
    match outcome:
        case Sent():
            log.info("%s: sent", what)
        case Retry(why) | Failed(why):
            log.warning("%s: %s: %s", what, type(outcome).__name__.lower(), why)
