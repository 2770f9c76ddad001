"""Answers ProviderService: how it stands with what carries messages to people."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.notification.domain.lanes import Admission, family
from services.notification.domain.values import Attempt, State
from services.notification.lanes import Lanes
from services.notification.store import attempts, queue
from services.notification.store.queue import Depth
from tocsin.notification.v1 import provider_pb2
from tocsin.notification.v1 import provider_service_pb2 as pb
from tocsin.notification.v1 import provider_service_pb2_grpc as rpc

#: What an attempt leads to that was not taken.
NOT_TAKEN = (State.RETRY, State.FAILED, State.EXPIRED)


class ProviderServicer(rpc.ProviderServiceServicer):
    """The gRPC face of the providers."""

    def __init__(
        self, database: Database, clock: Clock, lanes: Lanes, configured: Mapping[str, bool]
    ) -> None:
        """`configured` tells of the providers that settings name, whether they can send."""
        self._database = database
        self._clock = clock
        self._lanes = lanes
        self._configured = configured

    async def ListProviders(  # the contract's name
        self, request: pb.ListProvidersRequest, context: Context
    ) -> pb.ListProvidersResponse:
        """See the proto."""
        found = await self._database.read(self._list, self._lanes.admission())
        return pb.ListProvidersResponse(providers=found)

    def _list(self, connection: Connection, known: Admission) -> list[provider_pb2.Provider]:
        now = self._clock.now(connection)
        depths = {depth.provider: depth for depth in queue.depths(connection) if depth.provider}
        tried = attempts.providers(connection)
        names = {*self._configured, *depths, *tried, *known.breakers, *known.busy} - {""}
        return [
            self._provider(connection, now, name, known, depths.get(name)) for name in sorted(names)
        ]

    def _provider(
        self,
        connection: Connection,
        now: datetime,
        name: str,
        known: Admission,
        depth: Depth | None,
    ) -> provider_pb2.Provider:
        breaker = known.breaker(name)
        taken = attempts.newest(connection, name, State.SENT)
        failures = (attempts.newest(connection, name, state) for state in NOT_TAKEN)
        failed = _last(each for each in failures if each is not None)
        return provider_pb2.Provider(
            name=name,
            configured=self._configured.get(family(name), True),
            circuit=breaker.circuit(now).value,
            retry_time=breaker.retry_at if breaker.is_open(now) else None,
            last_success_time=taken.ended_at if taken else None,
            last_failure_time=failed.ended_at if failed else None,
            last_failure_reason=failed.reason if failed else "",
            queue_depth=depth.count if depth else 0,
            oldest_time=depth.oldest if depth else None,
            under_way=known.busy.get(name, 0),
        )


def _last(found: Iterable[Attempt]) -> Attempt | None:
    return max(found, key=lambda attempt: attempt.ended_at or attempt.started_at, default=None)
