"""Answers AlertSourceService."""

import logging
import re
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from services.chassis import private_teams
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import NotFound, Unavailable
from services.chassis.paging import page
from services.chassis.principal import caller
from services.chassis.team_context import wanted_teams
from services.ingest import keyring, references, sources
from services.ingest.domain.sources import Source, check_changeable, check_source
from services.ingest.keyring import Keyring
from services.ingest.references import References
from services.ingest.sources import Means
from services.ingest.store import sources as store
from services.ingest.wire import sources as wire
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.ingest.v1 import alert_source_service_pb2 as pb
from tocsin.ingest.v1 import alert_source_service_pb2_grpc as rpc
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

log = logging.getLogger(__name__)

PAGE = 50
#: Who may see keys.
WRITE = "config:write"

_ID = re.compile(r"[0-9]{1,18}")

Find = Callable[[Connection], Sequence[Source]]


class AlertSourceServicer(rpc.AlertSourceServiceServicer):
    """Keeps the sources."""

    def __init__(
        self, database: Database, means: Means, known: References, sources_by_key: Keyring
    ) -> None:
        self._database = database
        self._means = means
        self._references = known
        self._keyring = sources_by_key

    async def CreateAlertSource(
        self, request: pb.CreateAlertSourceRequest, context: Context
    ) -> AlertSource:
        """See the proto."""
        wanted = await self._wanted(request.alert_source)
        actor = caller().actor()
        return await self._database.write(self._create, wanted, actor)

    async def GetAlertSource(
        self, request: pb.GetAlertSourceRequest, context: Context
    ) -> AlertSource:
        """See the proto."""
        (found,) = await self._shown(lambda connection: [_find(connection, request.id)])
        return found

    async def GetAlertSourceByName(
        self, request: pb.GetAlertSourceByNameRequest, context: Context
    ) -> AlertSource:
        """See the proto."""

        def find(connection: Connection) -> list[Source]:
            found = store.of_name(connection, request.name)
            if found is None:
                raise NotFound("there is no alert source with this name")
            return [found]

        (found,) = await self._shown(find)
        return found

    async def UpdateAlertSource(
        self, request: pb.UpdateAlertSourceRequest, context: Context
    ) -> AlertSource:
        """See the proto."""
        wanted = await self._wanted(request.alert_source)
        actor = caller().actor()
        changed = await self._database.write(self._change, request.id, wanted, actor)
        self._keyring.forget()
        return changed

    async def DeleteAlertSource(
        self, request: pb.DeleteAlertSourceRequest, context: Context
    ) -> pb.DeleteAlertSourceResponse:
        """See the proto."""
        actor = caller().actor()
        await self._database.write(sources.remove, self._means, request.id, actor)
        self._keyring.forget()
        return pb.DeleteAlertSourceResponse()

    async def ListAlertSources(
        self, request: pb.ListAlertSourcesRequest, context: Context
    ) -> pb.ListAlertSourcesResponse:
        """See the proto."""
        wanted = page(request, default=PAGE, most=PAGE)
        teams = wanted_teams(context)
        listed = await self._shown(lambda connection: store.oldest(connection, wanted, teams))
        return pb.ListAlertSourcesResponse(alert_sources=listed)

    async def _wanted(self, message: AlertSource) -> Source:
        wanted = wire.wanted_source(message)
        check_source(wanted)
        await self._references.check(wanted)
        return wanted

    def _create(self, connection: Connection, wanted: Source, actor: Actor) -> AlertSource:
        references.check_again(connection, wanted)
        made = sources.create(connection, self._means, wanted, actor)
        return self._render(connection, [made], with_keys=True)[0]

    def _change(
        self, connection: Connection, source_id: int, wanted: Source, actor: Actor
    ) -> AlertSource:
        check_changeable(source_id)
        known = store.get(connection, source_id)
        references.check_again(connection, wanted, known.team_ids)
        changed = sources.change(connection, self._means, source_id, wanted, actor)
        return self._render(connection, [changed], with_keys=True)[0]

    async def _shown(self, find: Find) -> list[AlertSource]:
        with_keys = caller().may(WRITE)

        def show(connection: Connection) -> list[AlertSource]:
            return self._render(connection, find(connection), with_keys=with_keys)

        return await self._database.read(show)

    def _render(
        self, connection: Connection, found: Sequence[Source], *, with_keys: bool
    ) -> list[AlertSource]:
        around = references.surroundings(connection, found)
        ids = [source.id for source in found]
        sealed = store.sealed_keys(connection, ids) if with_keys else {}
        told = [
            wire.shown(source, self._means.public_url, around, self._opened(source.id, sealed))
            for source in found
        ]
        private_teams.hide(connection, told)
        return told

    def _opened(self, source_id: int, sealed: dict[int, bytes]) -> str | None:
        """Returns a source's key; one that cannot be opened must not hide the source."""
        if source_id not in sealed:
            return None
        try:
            return self._means.sealer.open(sealed[source_id], sources.key_context(source_id))
        except Unavailable as unopened:
            log.error("the key of alert source %s is not shown: %s", source_id, unopened.message)
            return None


def _find(connection: Connection, said: str) -> Source:
    """Returns the source with an id in digits or, for those who see keys, with a key."""
    if _ID.fullmatch(said):
        return store.get(connection, int(said))
    found = store.of_key(connection, keyring.sha256(said)) if caller().may(WRITE) else None
    if found is None:
        raise NotFound("there is no such alert source")
    return found
