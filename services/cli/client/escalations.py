"""What the `tocsin escalations` commands do."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import grpc.aio

from services.cli.client import showing
from services.cli.client.calling import SECONDS, Refused, explained
from services.cli.client.target import Target
from services.cli.client.watching import Watch
from tocsin.escalation.v1 import escalation_service_pb2 as pb
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.escalation_service_pb2_grpc import EscalationServiceStub
from tocsin.escalation.v1.escalation_watch_service_pb2 import WatchEscalationsRequest
from tocsin.escalation.v1.escalation_watch_service_pb2_grpc import EscalationWatchServiceStub

PAGE = 100  # the most that the service lists at once


class Escalations:
    """The runs of one Tocsin, as one caller may see and answer them."""

    def __init__(self, target: Target, channel: grpc.aio.Channel, *, as_json: bool) -> None:
        self._stub = EscalationServiceStub(channel)
        self._changes = EscalationWatchServiceStub(channel)
        self._target = target
        self._metadata = target.metadata
        self._as_json = as_json

    async def start(self, wanted: pb.StartEscalationRequest) -> None:
        """Has somebody paged."""
        run = await self._call(self._stub.StartEscalation, wanted)
        self._tell([run])
        if run.state != Escalation.RUNNING and not wanted.idempotency_key:
            raise Refused("this one has ended, and nobody is paged: --key begins it anew")

    async def list(
        self, kind: str, states: Sequence[int], policies: Sequence[int], limit: int
    ) -> None:
        """Prints the newest runs."""
        found: dict[int, Escalation] = {}  # one more run meanwhile moves all others down by one
        for start in range(0, limit, PAGE):
            request = pb.ListEscalationsRequest(
                kind=kind,
                states=[Escalation.State.Name(state) for state in states],
                policies=policies,
                start_index=start,
                max_results=min(PAGE, limit - start),
            )
            page = (await self._call(self._stub.ListEscalations, request)).escalations
            found |= {run.id: run for run in page}
            if len(page) < request.max_results:
                break
        self._tell(list(found.values()))

    async def show(self, run_id: int) -> None:
        """Prints all about one run."""
        run = await self._call(self._stub.GetEscalation, pb.GetEscalationRequest(id=run_id))
        show = showing.document if self._as_json else showing.run
        show(run)

    async def acknowledge(self, ids: Sequence[int], user: int) -> None:
        """Takes what runs are about."""
        method = self._stub.AcknowledgeEscalation
        requests = [pb.AcknowledgeEscalationRequest(id=id_, user_id=user) for id_ in ids]
        await self._each(method, requests)

    async def stop(self, ids: Sequence[int]) -> None:
        """Ends runs whose subjects need nobody any more."""
        requests = [pb.StopEscalationRequest(id=id_) for id_ in ids]
        await self._each(self._stub.StopEscalation, requests)

    async def watch(self, wanted: WatchEscalationsRequest) -> None:
        """Prints changes of runs as they happen."""
        method = self._changes.WatchEscalations
        await Watch(self._target, method, showing.run_change, as_json=self._as_json).run(wanted)

    async def _each(self, method: Callable[..., Any], requests: Sequence[Any]) -> None:
        """Does the same to several runs; what is refused does not keep the others."""
        done: list[Escalation] = []
        refused: list[str] = []
        for request in requests:
            try:
                done.append(await self._call(method, request))
            except grpc.aio.AioRpcError as error:
                if len(requests) == 1:
                    raise
                refused.append(f"{request.id}: {explained(error, self._target.url)[0]}")
        self._tell(done)
        if refused:
            raise Refused(f"{len(refused)} of {len(requests)} are as they were: {refused[0]}")

    async def _call(self, method: Callable[..., Any], request: Any) -> Any:
        return await method(request, metadata=self._metadata, timeout=SECONDS)

    def _tell(self, found: Sequence[Escalation]) -> None:
        show = showing.document if self._as_json else showing.runs
        show(found)


Work = Callable[[Escalations], Coroutine[Any, Any, None]]
