"""Answers WayService, for Escalation's simulations and checks."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.notification import wire
from services.notification.domain.values import Contact, Method
from services.notification.reaching import ways_of
from tocsin.notification.internal.v1 import way_service_pb2 as pb
from tocsin.notification.internal.v1 import way_service_pb2_grpc as rpc

MOST_PEOPLE = 2000

Person = pb.FindWaysResponse.Person


class WayServicer(rpc.WayServiceServicer):
    """The gRPC face of how people would be told."""

    def __init__(self, database: Database, clock: Clock, *, mails: bool, public_url: str) -> None:
        """`mails` says whether anything sends e-mails."""
        self._database = database
        self._clock = clock
        self._mails = mails
        self._public_url = public_url

    async def FindWays(  # noqa: N802 # the contract's name
        self, request: pb.FindWaysRequest, context: Context
    ) -> pb.FindWaysResponse:
        """See the proto."""
        if len(request.user_ids) > MOST_PEOPLE:
            raise InvalidRequest(f"userIds must be {MOST_PEOPLE} at most", field="userIds")
        found = await self._database.read(self._people, request.user_ids)
        return pb.FindWaysResponse(people=found, public_url=self._public_url)

    def _people(self, connection: Connection, user_ids: Sequence[int]) -> list[Person]:
        now = self._clock.now(connection)
        found = ways_of(connection, now, user_ids, mails=self._mails)
        return [
            Person(user_id=user_id, contacts=map(wire.contact, self._working(theirs)))
            for user_id, theirs in found.items()
        ]

    def _working(self, ways: Iterable[Contact]) -> Iterable[Contact]:
        """Returns those ways by which this deployment can tell anything."""
        return (way for way in ways if self._mails or way.method is not Method.EMAIL)
