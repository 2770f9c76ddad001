"""A scheduler of jobs as somebody else would write one: it knows the stubs, and nothing of Tocsin.

It starts each job by its own clock. A job that fails, or is not done by its deadline, has people
paged along a policy until somebody takes it; once the job is done after all, nobody is needed any
more. Whoever takes it is told in what this prints, and what fails again meanwhile pages nobody.
"""

import asyncio
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

import grpc

from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.escalation_service_pb2 import (
    GetEscalationRequest,
    StartEscalationRequest,
    StopEscalationRequest,
)
from tocsin.escalation.v1.escalation_service_pb2_grpc import EscalationServiceStub
from tocsin.escalation.v1.escalation_watch_service_pb2 import WatchEscalationsRequest
from tocsin.escalation.v1.escalation_watch_service_pb2_grpc import EscalationWatchServiceStub

KIND = "job"
POLICY = int(os.environ["TOCSIN_POLICY_ID"])
AUTHORIZATION = (("authorization", f"Bearer {os.environ['TOCSIN_TOKEN']}"),)
RESUME_TOKEN = "tocsin-resume-token"
CALL_SECONDS = 10.0
PAUSE_SECONDS = 0.2
#: What the same call may not meet again a moment later.
PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
}


@dataclass(frozen=True)
class Job:
    name: str
    command: list[str]
    every: float  # seconds
    deadline: float  # seconds after its start


class Scheduler:
    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._escalations = EscalationServiceStub(channel)
        self._changes = EscalationWatchServiceStub(channel)
        self._open: dict[str, int] = {}  # by job, the escalation that is about it
        self._taken: set[int] = set()
        self._watching = asyncio.Event()
        self._token = ""

    async def run(self, jobs: list[Job]) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            await self._watching.wait()
            for job in jobs:
                tasks.create_task(self._keep(job))

    async def _keep(self, job: Job) -> None:
        while True:
            begun = time.time()
            await self._start(job, occurrence=int(begun))
            await asyncio.sleep(max(0.0, begun + job.every - time.time()))

    async def _start(self, job: Job, occurrence: int) -> None:
        process = await asyncio.create_subprocess_exec(*job.command)
        try:
            done = asyncio.create_task(process.wait())
            await asyncio.wait({done}, timeout=job.deadline)
            if not done.done():
                await self._page(job, f"{job.name} is late", occurrence)
            elif done.result():
                await self._page(job, f"{job.name} failed", occurrence)
            if await done == 0:
                await self._recover(job)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _page(self, job: Job, title: str, occurrence: int) -> None:
        if self._open.get(job.name) in self._taken:
            say(event="held", job=job.name)  # somebody is at it
            return
        request = StartEscalationRequest(
            subject=Subject(kind=KIND, id=job.name, title=title),
            escalation_policy_id=POLICY,
            idempotency_key=f"{job.name} {occurrence}",  # however often this has to be sent
        )
        run = await persistently(self._escalations.StartEscalation, request)
        self._open[job.name] = run.id
        say(event="paged", job=job.name, escalation=run.id, key=run.key)

    async def _recover(self, job: Job) -> None:
        run_id = self._open.pop(job.name, None)
        if run_id is None:
            say(event="done", job=job.name)
            return
        request = StopEscalationRequest(id=run_id)
        await persistently(self._escalations.StopEscalation, request)
        say(event="recovered", job=job.name, escalation=run_id)

    async def _watch(self) -> None:
        """Hears of every change, also when the connection breaks in between."""
        while True:
            try:
                await self._follow()
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.OUT_OF_RANGE:  # it was away for too long
                    self._token = ""
                    await self._look()
                elif error.code() not in PASSING:
                    raise
                await asyncio.sleep(PAUSE_SECONDS)

    async def _follow(self) -> None:
        request = WatchEscalationsRequest(resume_token=self._token, kinds=[KIND])
        call = self._changes.WatchEscalations(request, metadata=AUTHORIZATION)
        self._stand(await call.initial_metadata())
        async for change in call:
            self._hear(change.escalation)
            self._token = change.resume_token
        self._stand(await call.trailing_metadata())

    def _stand(self, metadata: Any) -> None:
        """Notes where the watch goes on; a call that failed does not say."""
        for name, value in metadata or ():
            if name == RESUME_TOKEN:
                self._token = value or self._token
                self._watching.set()
                say(event="watching")

    async def _look(self) -> None:
        for run_id in self._open.values():
            request = GetEscalationRequest(id=run_id)
            self._hear(await persistently(self._escalations.GetEscalation, request))

    def _hear(self, run: Escalation) -> None:
        if run.state == Escalation.ACKNOWLEDGED and run.id not in self._taken:
            self._taken.add(run.id)
            say(event="taken", job=run.subject.id, escalation=run.id, by=run.ended_by.name)


async def persistently(method: Any, request: Any) -> Any:
    """Calls until there is an answer; every call here may be repeated."""
    while True:
        try:
            return await method(request, metadata=AUTHORIZATION, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            if error.code() not in PASSING:
                raise
        await asyncio.sleep(PAUSE_SECONDS)


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


async def main() -> None:
    jobs = [Job(**told) for told in json.loads(sys.argv[1])]
    async with grpc.aio.insecure_channel(os.environ["TOCSIN_ADDRESS"]) as channel:
        running = asyncio.create_task(Scheduler(channel).run(jobs))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        await asyncio.wait({running})
        if not running.cancelled():
            running.result()


asyncio.run(main())
