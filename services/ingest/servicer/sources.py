"""Answers AlertSourceService."""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from services.chassis import teams
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import NotFound, Unavailable
from services.chassis.paging import page
from services.chassis.principal import caller
from services.chassis.team_context import wanted_teams
from services.ingest import keyring, references, rotation, sources
from services.ingest.domain.sources import Source
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
        wanted = await self._references.wanted(request.alert_source, None)
        actor = caller().actor()
        return await self._database.write(self._create, wanted, actor)

    async def GetAlertSource(
        self, request: pb.GetAlertSourceRequest, context: Context
    ) -> AlertSource:
        """See the proto."""
        (found,) = await self._shown(lambda connection: [_seen(_find(connection, request.id))])
        return found

    async def GetAlertSourceByName(
        self, request: pb.GetAlertSourceByNameRequest, context: Context
    ) -> AlertSource:
        """See the proto."""

        def find(connection: Connection) -> list[Source]:
            found = store.of_name(connection, request.name, caller())
            if found is None:
                raise NotFound("there is no alert source with this name")
            return [found]

        (found,) = await self._shown(find)
        return found

    async def UpdateAlertSource(
        self, request: pb.UpdateAlertSourceRequest, context: Context
    ) -> AlertSource:
        """See the proto."""
        known = await self._database.read(_changeable, request.id)
        wanted = await self._references.wanted(request.alert_source, known)
        actor = caller().actor()
        changed = await self._database.write(self._change, request.id, wanted, actor)
        self._keyring.forget()
        return changed

    async def RotateIntegrationKey(
        self, request: pb.RotateIntegrationKeyRequest, context: Context
    ) -> AlertSource:
        """See the proto."""
        overlap = rotation.overlap(request.rotation)
        changed = await self._database.write(self._rotate, request.id, overlap)
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
        of_teams = wanted_teams(context)
        listed = await self._shown(
            lambda connection: store.oldest(connection, wanted, of_teams, caller())
        )
        return pb.ListAlertSourcesResponse(alert_sources=listed)

    def _create(self, connection: Connection, wanted: Source, actor: Actor) -> AlertSource:
        references.check_again(connection, self._means.clock.now(connection), wanted)
        made = sources.create(connection, self._means, wanted, actor)
        return self._render(connection, [made], with_keys=True)[0]

    def _change(
        self, connection: Connection, source_id: int, wanted: Source, actor: Actor
    ) -> AlertSource:
        changed = sources.change(connection, self._means, source_id, wanted, actor)
        references.check_again(connection, self._means.clock.now(connection), changed)
        return self._render(connection, [changed], with_keys=True)[0]

    def _rotate(self, connection: Connection, source_id: int, overlap: timedelta) -> AlertSource:
        changed = rotation.rotate(connection, self._means, source_id, overlap)
        return self._render(connection, [changed], with_keys=True)[0]

    async def _shown(self, find: Find) -> list[AlertSource]:
        with_keys = caller().may(WRITE)

        def show(connection: Connection) -> list[AlertSource]:
            return self._render(connection, find(connection), with_keys=with_keys)

        return await self._database.read(show)

    def _render(
        self, connection: Connection, found: Sequence[Source], *, with_keys: bool
    ) -> list[AlertSource]:
        now = self._means.clock.now(connection)
        around = references.surroundings(connection, now, found)
        # A key is as good as a change: who may not change a source does not see its key.
        ids = [source.id for source in found if teams.changes(caller(), source.team_ids)]
        sealed = store.sealed_keys(connection, ids) if with_keys else {}
        told = [
            wire.shown(source, self._means.public_url, around, self._opened(source.id, sealed))
            for source in found
        ]
        teams.hide_unseen(caller(), told)
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


def _changeable(connection: Connection, source_id: int) -> Source:
    """Refuses who may not change a source before a word about what it is to refer to."""
    known = store.get(connection, source_id)
    teams.refuse_unchangeable(caller(), known.team_ids, f"alert source {source_id}")
    return known


def _seen(source: Source) -> Source:
    """Returns a source that the caller sees. Raises NotFound."""
    teams.refuse_unseen(caller(), source.team_ids, f"alert source {source.id}")
    return source


def _find(connection: Connection, said: str) -> Source:
    """Returns the source with an id in digits or, for those who see keys, with a key."""
    if _ID.fullmatch(said):
        return store.get(connection, int(said))
    found = store.of_key(connection, keyring.sha256(said)) if caller().may(WRITE) else None
    if found is None or not teams.changes(caller(), found.team_ids):
        raise NotFound("there is no such alert source")
    return found
