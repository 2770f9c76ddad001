"""What a watcher is told of a change of a run, and which runs they ask for."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.chassis.principal import caller
from services.chassis.teams import hides_nothing, sees
from services.chassis.watch import Watched
from services.escalation.domain.checks import line
from services.escalation.store.run_lists import teams_of_policies
from services.escalation.wire import runs as wire
from tocsin.escalation.v1 import escalation_watch_service_pb2 as pb
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged

Published = Sequence[tuple[str, EscalationChanged]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs a watcher asks for; empty is all."""

    kinds: frozenset[str]
    states: frozenset[int]
    policies: frozenset[int]

    def has(self, change: pb.WatchEscalationsResponse) -> bool:
        """Tells whether a change is of one of them."""
        run = change.escalation
        return (
            (not self.kinds or run.subject.kind in self.kinds)
            and (not self.states or run.state in self.states)
            and (not self.policies or run.escalation_policy_id in self.policies)
        )


def wanted(request: pb.WatchEscalationsRequest | pb.StreamEscalationsRequest) -> Wanted:
    """Reads which runs a watcher asks for. Raises InvalidRequest."""
    wire.states(request.states)
    kinds = frozenset(line(kind, "kinds") for kind in request.kinds)
    return Wanted(kinds, frozenset(request.states), frozenset(request.policies))


def _tell(connection: Connection, changes: Published) -> Sequence[pb.WatchEscalationsResponse]:
    return [
        pb.WatchEscalationsResponse(
            resume_token=token,
            escalation=change.escalation,
            cause=change.cause,
            actor=change.actor,
            reached_nobody=change.reached_nobody,
            called_user_ids=change.called_user_ids,
            reasons=change.reasons,
            turn=change.turn if change.HasField("turn") else None,
            state_before=change.state_before,
            subject_end_time=change.subject_end_time
            if change.HasField("subject_end_time")
            else None,
            subject_over=change.subject_over,
        )
        for token, change in _seen(connection, changes)
    ]


def _seen(connection: Connection, changes: Published) -> Published:
    """Leaves out the runs that the watcher does not see, by the teams of their policies."""
    if hides_nothing(caller()):
        return changes
    policies = {change.escalation.escalation_policy_id for _, change in changes}
    teams = teams_of_policies(connection, policies)
    return [
        (token, change)
        for token, change in changes
        if sees(caller(), teams.get(change.escalation.escalation_policy_id, ()))
    ]


RUNS = Watched(EscalationChanged, _tell, "escalations")
