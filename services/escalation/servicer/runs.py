"""Answers RunService, for AlertState's replies that show the state after its effect."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.pausing import pause
from services.escalation import on_duty, running
from services.escalation.domain.runs import Run, State
from services.escalation.servicer import many_shifts, shifts
from services.escalation.store import policies, runs, users
from services.escalation.wire import people
from services.escalation.wire import runs as wire
from tocsin.escalation.internal.v1 import run_service_pb2 as pb
from tocsin.escalation.internal.v1 import run_service_pb2_grpc as rpc
from tocsin.escalation.v1 import escalation_pb2, schedule_pb2
from tocsin.escalation.v1 import on_call_service_pb2 as on_calls

LONGEST_WAIT_SECONDS = 2.0
#: How often to look when another replica does the work.
LOOK_SECONDS = 0.1
MOST_KEYS = 100

Next = pb.FindNextUsersResponse.Next


class RunServicer(rpc.RunServiceServicer):
    """The gRPC face of where runs are, for whoever waits for them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: set[asyncio.Event] = set()
        database.wake(running.TOPIC, self._wake)

    async def AwaitRun(
        self, request: pb.AwaitRunRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            found = await self._look_until(changed, request)
        finally:
            self._waiting.discard(changed)
        return wire.escalation(found)

    async def FindOnCall(
        self, request: pb.FindOnCallRequest, context: Context
    ) -> schedule_pb2.Shift:
        """See the proto."""
        return await self._database.read(shifts.now_on_call, self._clock, request.schedule_id)

    async def FindNextUsers(
        self, request: pb.FindNextUsersRequest, context: Context
    ) -> pb.FindNextUsersResponse:
        """See the proto."""
        if len(request.keys) > MOST_KEYS:
            raise InvalidRequest(f"keys must be {MOST_KEYS} at most", field="keys")
        found = await self._database.read(_next_users, request.keys)
        return pb.FindNextUsersResponse(runs=found)

    async def FindPeople(
        self, request: pb.FindPeopleRequest, context: Context
    ) -> pb.FindPeopleResponse:
        """See the proto."""
        found = await self._database.read(_people, self._clock, request.policy_id)
        return pb.FindPeopleResponse(user_ids=found)

    async def ListShiftsOfSchedules(
        self, request: on_calls.ListShiftsOfSchedulesRequest, context: Context
    ) -> on_calls.ListShiftsOfSchedulesResponse:
        """See the proto."""
        return await self._database.read(many_shifts.listed, self._clock, request)

    async def _look_until(self, changed: asyncio.Event, request: pb.AwaitRunRequest) -> Run:
        until = asyncio.get_running_loop().time() + LONGEST_WAIT_SECONDS
        while True:
            run, now = await self._database.read(_run, self._clock, request.key)
            if run is not None and _settled(run, request.subject_version, now):
                return run
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                return _last(run, request)
            await pause(min(left, LOOK_SECONDS), changed)

    def _wake(self) -> None:
        for changed in self._waiting:
            changed.set()


def _run(connection: Connection, clock: Clock, key: str) -> tuple[Run | None, datetime]:
    return runs.by_keys(connection, [key]).get(key), clock.now(connection)


def _next_users(connection: Connection, keys: Sequence[str]) -> list[Next]:
    found = [run for run in runs.by_keys(connection, keys).values() if run.next_step_time]
    next_users = running.next_users(connection, found)
    named = {user for meant in next_users.values() for user in meant}
    known = users.by_ids(connection, named)
    return [
        Next(key=key, users=[people.user(known[user]) for user in meant])
        for key, meant in next_users.items()
    ]


def _people(connection: Connection, clock: Clock, policy_id: int) -> list[int]:
    levels = policies.get(connection, policy_id).levels
    duty = on_duty.duty(connection, levels, clock.now(connection))
    reachable = on_duty.reachable(connection, levels, duty)
    meant = [user for level in levels for user in duty.people(level)]
    return [user for user in dict.fromkeys(meant) if user in reachable]


def _settled(run: Run, version: int, now: datetime) -> bool:
    """Tells whether a version had its effect: it was heard of, and what is due is done."""
    due = run.state is State.RUNNING and run.due is not None and run.due <= now
    return run.subject_version >= version and not due


def _last(run: Run | None, request: pb.AwaitRunRequest) -> Run:
    """Returns what there is when nobody waits any longer."""
    if run is None or run.subject_version < request.subject_version:
        raise NotFound(f"version {request.subject_version} of {request.key} was not heard of yet")
    return run
