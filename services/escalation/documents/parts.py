"""The parts of the configuration that other services own, asked for and changed on behalf of the
caller.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import grpc
import grpc.aio

from services.chassis import behalf
from services.chassis.errors import Conflict, Unavailable
from services.chassis.principal import caller
from tocsin.ingest.internal.v1 import configuration_service_pb2 as ingest
from tocsin.ingest.internal.v1.configuration_service_pb2_grpc import (
    ConfigurationServiceStub as IngestStub,
)
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.notification.internal.v1 import configuration_service_pb2 as notification
from tocsin.notification.internal.v1.configuration_service_pb2_grpc import (
    ConfigurationServiceStub as NotificationStub,
)

T = TypeVar("T")

SECONDS = 40.0  # what is large takes its time


@dataclass(frozen=True, slots=True)
class Coming:
    """The ids of what a change makes, before it is there."""

    users: Sequence[int] = ()
    policies: Sequence[int] = ()
    teams: Sequence[int] = ()
    support_hours: Sequence[int] = ()


class Sources:
    """Ingest's part: the alert sources."""

    def __init__(self, peer: grpc.aio.Channel) -> None:
        self._stub = IngestStub(peer)

    async def export(self) -> ingest.ExportSourcesResponse:
        """Returns the sources that the caller sees. Raises Unavailable."""
        request = ingest.ExportSourcesRequest(caller=behalf.told(caller()))
        return await _answer(self._stub.ExportSources(request, timeout=SECONDS), "Ingest")

    async def apply(
        self,
        known: ingest.ExportSourcesResponse,
        sources: Sequence[AlertSource],
        deleted: Sequence[int],
        coming: Coming | None = None,
    ) -> ingest.ApplySourcesResponse:
        """Changes sources; where something is still to come, it is a dry run.

        Raises Conflict, Unavailable.
        """
        request = ingest.ApplySourcesRequest(
            caller=behalf.told(caller()),
            digest=known.digest,
            last_id=known.last_id,
            sources=sources,
            deleted=deleted,
            dry_run=coming is not None,
            coming_policies=coming.policies if coming else (),
            coming_teams=coming.teams if coming else (),
            coming_support_hours=coming.support_hours if coming else (),
        )
        return await _answer(self._stub.ApplySources(request, timeout=SECONDS), "Ingest")

    async def revert(
        self,
        known: ingest.ExportSourcesResponse,
        asked: Sequence[AlertSource],
        deleted: Sequence[int],
    ) -> None:
        """Takes a change back, whether or not it was made. Raises Unavailable.

        What somebody else changed since then is left alone.
        """
        ids = {*(source.id for source in asked), *deleted}
        request = ingest.RevertSourcesRequest(
            caller=behalf.told(caller()),
            sources=[source for source in known.alert_sources if source.id in ids],
            last_id=known.last_id,
            asked=asked,
        )
        await _answer(self._stub.RevertSources(request, timeout=SECONDS), "Ingest")


class Contacts:
    """Notification's part: the contacts."""

    def __init__(self, peer: grpc.aio.Channel) -> None:
        self._stub = NotificationStub(peer)

    async def export(self) -> notification.ExportContactsResponse:
        """Returns all contacts, whole where the caller may change them. Raises Unavailable."""
        request = notification.ExportContactsRequest(caller=behalf.told(caller()))
        return await _answer(self._stub.ExportContacts(request, timeout=SECONDS), "Notification")

    async def apply(
        self,
        known: notification.ExportContactsResponse,
        people: Sequence[notification.PersonContacts],
        coming: Coming | None = None,
    ) -> notification.ApplyContactsResponse:
        """Changes contacts; where something is still to come, it is a dry run.

        Raises Conflict, Unavailable.
        """
        request = notification.ApplyContactsRequest(
            caller=behalf.told(caller()),
            digest=known.digest,
            people=people,
            dry_run=coming is not None,
            coming_users=coming.users if coming else (),
        )
        return await _answer(self._stub.ApplyContacts(request, timeout=SECONDS), "Notification")

    async def revert(
        self,
        known: notification.ExportContactsResponse,
        asked: Sequence[notification.PersonContacts],
    ) -> None:
        """Takes a change back, whether or not it was made. Raises Unavailable.

        What somebody else changed since then is left alone.
        """
        ids = {person.user_id for person in asked}
        request = notification.RevertContactsRequest(
            caller=behalf.told(caller()),
            people=[person for person in known.people if person.user_id in ids],
            asked=asked,
        )
        await _answer(self._stub.RevertContacts(request, timeout=SECONDS), "Notification")


@dataclass(frozen=True, slots=True)
class Parts:
    """The other services that there are."""

    sources: Sources | None = None
    contacts: Contacts | None = None


async def _answer(call: Awaitable[T], service: str) -> T:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.ABORTED:
            raise Conflict(error.details() or "the configuration changed meanwhile") from error
        raise Unavailable(f"{service} does not answer now: {error.details()}") from error
