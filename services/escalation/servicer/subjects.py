"""Answers SubjectService: does a subject still want somebody?"""

from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
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
        known = await self._database.read(runs.by_keys, keys)
        return pb.CheckSubjectsResponse(states=[_state(known.get(key)) for key in keys])


def _state(run: Run | None) -> pb.CheckSubjectsResponse.State:
    if run is None:
        return pb.CheckSubjectsResponse.STATE_UNSPECIFIED
    return pb.CheckSubjectsResponse.PENDING if run.pending else pb.CheckSubjectsResponse.OVER
