"""Answers Escalation, which shows and changes the whole configuration."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from services.chassis import teams
from services.chassis.behalf import act_for
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import Forbidden, NotFound, TocsinError, Unavailable
from services.chassis.principal import caller
from services.chassis.rehearsal import rehearse
from services.ingest import configuration
from services.ingest.configuration import Change
from services.ingest.domain.sources import Source, check_changeable
from services.ingest.keyring import Keyring
from services.ingest.references import POLICY, SUPPORT_HOURS, TEAM, References
from services.ingest.sources import Means
from services.ingest.store import sources as store
from tocsin.ingest.internal.v1 import configuration_service_pb2 as pb
from tocsin.ingest.internal.v1 import configuration_service_pb2_grpc as rpc

Problem = pb.ApplySourcesResponse.Problem


class ConfigurationServicer(rpc.ConfigurationServiceServicer):
    """Shows and changes the sources on behalf of others."""

    def __init__(
        self, database: Database, means: Means, known: References, keyring: Keyring
    ) -> None:
        self._database = database
        self._means = means
        self._references = known
        self._keyring = keyring

    async def ExportSources(
        self, request: pb.ExportSourcesRequest, context: Context
    ) -> pb.ExportSourcesResponse:
        """See the proto."""
        act_for(request.caller)
        return await self._database.read(configuration.export, self._means)

    async def ApplySources(
        self, request: pb.ApplySourcesRequest, context: Context
    ) -> pb.ApplySourcesResponse:
        """See the proto."""
        act_for(request.caller)
        known = await self._database.read(_by_id)
        wanted, problems = await self._wanted(request, known)
        if problems:
            return pb.ApplySourcesResponse(problems=problems)
        change = Change(request.digest, request.last_id, wanted, request.deleted)
        if request.dry_run:
            changes = await rehearse(
                self._database, configuration.apply, self._means, change, rehearsed=True
            )
        else:
            changes = await self._database.write(
                configuration.apply, self._means, change, rehearsed=False
            )
            self._keyring.forget()
        return pb.ApplySourcesResponse(changes=changes)

    async def RevertSources(
        self, request: pb.RevertSourcesRequest, context: Context
    ) -> pb.RevertSourcesResponse:
        """See the proto."""
        act_for(request.caller)
        await self._database.write(configuration.revert, self._means, request)
        self._keyring.forget()
        return pb.RevertSourcesResponse()

    async def _wanted(
        self, request: pb.ApplySourcesRequest, known: Mapping[int, Source]
    ) -> tuple[list[Source], list[pb.ApplySourcesResponse.Problem]]:
        """Returns what is to be put in place, and why it or what is to go cannot be changed."""
        coming = {
            POLICY: request.coming_policies,
            TEAM: request.coming_teams,
            SUPPORT_HOURS: request.coming_support_hours,
        }
        wanted, problems = [], []
        asked = [(told.id, told) for told in request.sources]
        for index, (id_, told) in enumerate((*asked, *((id_, None) for id_ in request.deleted))):
            try:
                if id_:
                    _refuse_unchangeable(id_, known)
                if told is not None:
                    source = await self._references.wanted(told, known.get(id_), coming)
                    wanted.append(replace(source, id=id_))
            except Unavailable:
                raise
            except TocsinError as error:
                problem = Problem(
                    index=index,
                    field=error.field or "",
                    message=error.message,
                    forbidden=isinstance(error, Forbidden),
                )
                problems.append(problem)
        return wanted, problems


def _refuse_unchangeable(source_id: int, known: Mapping[int, Source]) -> None:
    if source_id not in known:
        raise NotFound(f"there is no alert source {source_id}")
    check_changeable(source_id)
    teams.refuse_unchangeable(caller(), known[source_id].team_ids, f"alert source {source_id}")


def _by_id(connection: Connection) -> dict[int, Source]:
    return {source.id: source for source in store.every(connection)}
