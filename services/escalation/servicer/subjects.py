"""Answers SubjectService: does a subject still want somebody?"""

from collections.abc import Sequence

from sqlalchemy import Connection

from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.chassis.principal import Principal
from services.chassis.readers import of_reader
from services.escalation import reach
from services.escalation.domain.runs import Run
from services.escalation.store import runs
from tocsin.chassis.internal.v1 import subject_service_pb2 as pb
from tocsin.chassis.internal.v1 import subject_service_pb2_grpc as rpc

MOST_SUBJECTS = 500


class SubjectServicer(rpc.SubjectServiceServicer):
    """The gRPC face of who is still waited for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def CheckSubjects(
        self, request: pb.CheckSubjectsRequest, context: Context
    ) -> pb.CheckSubjectsResponse:
        """See the proto."""
        if len(request.subjects) > MOST_SUBJECTS:
            raise InvalidRequest(f"subjects must be {MOST_SUBJECTS} at most", field="subjects")
        keys = [f"{asked.kind}:{asked.id}:{asked.episode}" for asked in request.subjects]
        known = await self._database.read(_known, keys, of_reader(request))
        return pb.CheckSubjectsResponse(states=[_state(known.get(key)) for key in keys])


def _known(connection: Connection, keys: Sequence[str], reader: Principal) -> dict[str, Run]:
    found = runs.by_keys(connection, keys)
    return {key: run for key, run in found.items() if reach.sees_run(connection, run, reader)}


def _state(run: Run | None) -> pb.CheckSubjectsResponse.State:
    if run is None:
        return pb.CheckSubjectsResponse.STATE_UNSPECIFIED
    return pb.CheckSubjectsResponse.PENDING if run.pending else pb.CheckSubjectsResponse.OVER
