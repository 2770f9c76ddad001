"""What Notification is asked: how people would be told. One that is away is no reason to fail."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import grpc.aio

from tocsin.notification.internal.v1 import way_service_pb2 as pb
from tocsin.notification.internal.v1.way_service_pb2_grpc import WayServiceStub

Person = pb.FindWaysResponse.Person
ASK_SECONDS = 1.0
MOST_PEOPLE = 2000  # of one question


@dataclass(frozen=True, slots=True)
class Told:
    """How people would be told now."""

    people: Mapping[int, Person]  # missing of whom nothing is known yet
    public_url: str  # what links in messages begin with


class Ways:
    """Asks how people would be told."""

    def __init__(self, channel: grpc.aio.Channel | None) -> None:
        """Takes None where there is no Notification at all."""
        self._stub = None if channel is None else WayServiceStub(channel)

    async def of(self, user_ids: Collection[int], at: datetime | None = None) -> Told | None:
        """Returns how people would be told at a moment; None when nobody can tell now."""
        if self._stub is None:
            return None
        ids = sorted(user_ids)
        found: dict[int, Person] = {}
        url = ""
        for start in range(0, max(len(ids), 1), MOST_PEOPLE):
            request = pb.FindWaysRequest(user_ids=ids[start : start + MOST_PEOPLE], time=at)
            try:
                reply = await self._stub.FindWays(request, timeout=ASK_SECONDS)
            except grpc.aio.AioRpcError:
                return None
            found |= {person.user_id: person for person in reply.people}
            url = reply.public_url
        return Told(found, url)


#: Where there is nobody to ask.
AWAY = Ways(None)
