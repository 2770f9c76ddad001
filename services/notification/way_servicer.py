"""Answers WayService, for Escalation's simulations and checks."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.notification import wire
from services.notification.domain.values import Contact
from services.notification.domain.ways import HIGH, LOW, Way, usable
from services.notification.reaching import Reach, reach_of
from services.notification.targets import Offer
from tocsin.notification.internal.v1 import way_service_pb2 as pb
from tocsin.notification.internal.v1 import way_service_pb2_grpc as rpc

MOST_PEOPLE = 2000

Person = pb.FindWaysResponse.Person


class WayServicer(rpc.WayServiceServicer):
    """The gRPC face of how people would be told."""

    def __init__(self, database: Database, clock: Clock, offer: Offer, public_url: str) -> None:
        self._database = database
        self._clock = clock
        self._offer = offer
        self._public_url = public_url

    async def FindWays(self, request: pb.FindWaysRequest, context: Context) -> pb.FindWaysResponse:
        """See the proto."""
        if len(request.user_ids) > MOST_PEOPLE:
            raise InvalidRequest(f"userIds must be {MOST_PEOPLE} at most", field="userIds")
        at = request.time.ToDatetime(UTC) if request.HasField("time") else None
        found = await self._database.read(self._people, request.user_ids, at)
        return pb.FindWaysResponse(people=found, public_url=self._public_url)

    def _people(
        self, connection: Connection, user_ids: Sequence[int], at: datetime | None
    ) -> list[Person]:
        now = at or self._clock.now(connection)
        found = reach_of(connection, now, user_ids)
        return [_person(user_id, reach, now, self._offer) for user_id, reach in found.items()]


def _person(user_id: int, reach: Reach, now: datetime, offer: Offer) -> Person:
    high, low = (reach.ways(priority, now, offer.ways) for priority in (HIGH, LOW))
    own = [] if reach.own_address is None else [reach.own_address]
    known = {each.id: each for each in (*reach.contacts, *own)}
    used = usable(reach.contacts, reach.own_address, offer.ways)
    reached = dict.fromkeys(way.contact_id for way in high)
    return Person(
        user_id=user_id,
        contacts=[wire.contact(known[id_]) for id_ in reached],
        high=[_way(way, known[way.contact_id]) for way in high],
        low=[_way(way, known[way.contact_id]) for way in low],
        unused=_unused(reach.contacts, {each.id for each in used}, offer),
    )


def _way(way: Way, contact: Contact) -> pb.FindWaysResponse.Way:
    return pb.FindWaysResponse.Way(
        contact=wire.contact(contact), method=way.method.value, delay=way.delay, held=way.held
    )


def _unused(
    contacts: Iterable[Contact], used: Collection[int], offer: Offer
) -> list[pb.FindWaysResponse.Unused]:
    return [
        pb.FindWaysResponse.Unused(contact=wire.contact(each), setting=offer.missing(each.method))
        for each in contacts
        if each.id not in used
    ]
