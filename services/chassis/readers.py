"""On whose behalf one service asks another what there is."""

from services.chassis.principal import Principal, caller
from tocsin.chassis.internal.v1.subject_service_pb2 import CheckSubjectsRequest


def reader(principal: Principal) -> CheckSubjectsRequest.Reader:
    """Returns what another service needs to know to tell what somebody sees."""
    return CheckSubjectsRequest.Reader(
        team=principal.team, hidden_teams=sorted(principal.hidden), user_id=principal.user_id
    )


def of_reader(request: CheckSubjectsRequest) -> Principal:
    """Returns on whose behalf a service asks; the service itself, which sees all, if no one's."""
    if not request.HasField("reader"):
        return caller()
    told = request.reader
    return Principal(
        kind="USER" if told.user_id else "TOKEN",
        id="",
        name="",
        user_id=told.user_id,
        hidden=frozenset(told.hidden_teams),
        team=told.team,
    )
