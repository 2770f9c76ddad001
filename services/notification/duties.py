"""Reminds people of their shifts: once a minute, by what Escalation says of them then.

Nothing is planned ahead: who is on call can change until a reminder is due. That one was made
is what its row says, so that it is told once, however many replicas look, and whatever dies.
"""

import asyncio
import logging
from datetime import UTC, datetime

import grpc
import grpc.aio
from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.notification import informing
from services.notification.domain import hearing as domain
from services.notification.domain.hearing import Shift, Wish
from services.notification.domain.news import What
from services.notification.informing import WishesOf
from tocsin.escalation.internal.v1 import run_service_pb2_grpc as rpc
from tocsin.escalation.v1 import on_call_service_pb2 as pb

log = logging.getLogger(__name__)

#: How often to look whether another minute has begun.
LOOK_SECONDS = 2.0
ASK_SECONDS = 10.0
#: More replies than that are not read for one look.
MOST_REPLIES = 100


class Duties:
    """Reminds people of their shifts."""

    def __init__(
        self, database: Database, clock: Clock, escalation: grpc.aio.Channel, wishes: WishesOf
    ) -> None:
        self._database = database
        self._clock = clock
        self._runs = rpc.RunServiceStub(escalation)
        self._wishes = wishes
        self._minute: datetime | None = None

    async def run(self) -> None:
        """Looks once a minute, for as long as the service runs."""
        while True:
            try:
                now = await self._database.read(self._clock.now)
                minute = now.replace(second=0, microsecond=0)
                if minute != self._minute:
                    await self.step()
                    self._minute = minute
            except (Unavailable, grpc.aio.AioRpcError) as error:
                log.warning("cannot look whose shifts begin: %s", type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def step(self) -> int:
        """Reminds those who are to be reminded now; returns how many reminders are new."""
        now, wishes = await self._database.read(self._wanted)
        if not wishes:
            return 0
        shifts = await self._shifts(*domain.horizon(wishes, now))
        return await self._database.write(self._remind, shifts)

    def _wanted(self, connection: Connection) -> tuple[datetime, list[Wish]]:
        now = self._clock.now(connection)
        return now, list(self._wishes(connection, now, None, [What.ON_CALL]))

    def _remind(self, connection: Connection, shifts: list[Shift]) -> int:
        return informing.remind(connection, *self._wanted(connection), shifts)

    async def _shifts(self, start: datetime, until: datetime) -> list[Shift]:
        """Asks who is on call in which schedules. Raises AioRpcError."""
        request = pb.ListShiftsOfSchedulesRequest(until=until)
        getattr(request, "from").FromDatetime(start)
        found: list[Shift] = []
        for _ in range(MOST_REPLIES):
            reply = await self._runs.ListShiftsOfSchedules(request, timeout=ASK_SECONDS)
            found += [
                Shift(
                    schedule_id=each.schedule_id,
                    schedule=each.name,
                    user_id=shift.user_id,
                    start=shift.start.ToDatetime(UTC),
                    end=shift.end.ToDatetime(UTC),
                )
                for each in reply.schedules
                for shift in each.shifts
            ]
            request.page_token = reply.next_page_token
            if not reply.next_page_token:
                break
        return found
