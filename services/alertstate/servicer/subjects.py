"""Answers SubjectService: whether pages about alerts still have to go out."""

from services.alertstate import wire
from services.alertstate.store import lists
from services.alertstate.store.lists import Standing
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.chassis.readers import of_reader
from tocsin.chassis.internal.v1 import subject_service_pb2 as pb
from tocsin.chassis.internal.v1 import subject_service_pb2_grpc as rpc

MOST_SUBJECTS = 500


class SubjectServicer(rpc.SubjectServiceServicer):
    """Tells whether pages about alerts still have to go out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def CheckSubjects(
        self, request: pb.CheckSubjectsRequest, context: Context
    ) -> pb.CheckSubjectsResponse:
        """See the proto."""
        if len(request.subjects) > MOST_SUBJECTS:
            raise InvalidRequest(f"at most {MOST_SUBJECTS} subjects at once", field="subjects")
        asked = [(wire.alert_id(each.kind, each.id), each.episode) for each in request.subjects]
        ids = [alert_id for alert_id, _ in asked if alert_id is not None]
        standings = await self._database.read(lists.standings, ids, of_reader(request))
        states = [_state(standings.get(alert_id or 0), episode) for alert_id, episode in asked]
        return pb.CheckSubjectsResponse(states=states)


def _state(standing: Standing | None, episode: int) -> pb.CheckSubjectsResponse.State:
    if standing is None:
        return pb.CheckSubjectsResponse.STATE_UNSPECIFIED
    if standing.pages(episode):
        return pb.CheckSubjectsResponse.PENDING
    return pb.CheckSubjectsResponse.OVER
