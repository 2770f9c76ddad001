"""Answers ComparisonService."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.chassis.patience import Patience
from services.chassis.principal import caller
from services.chassis.teams import hide_unseen
from services.escalation import world
from services.escalation.comparing import Comparison, pairs
from services.escalation.documents import storing
from services.escalation.documents.bounds import refuse_too_many
from services.escalation.documents.planning import records_after
from services.escalation.documents.problems import Unresolved
from services.escalation.documents.records import Records
from services.escalation.domain.policies import BUILT_IN
from services.escalation.domain.runs import Priority
from services.escalation.foretelling import Side
from services.escalation.servicer.shifts import bounded
from services.escalation.simulating import AHEAD
from services.escalation.wire import comparison as wire
from tocsin.configuration.v1 import comparison_service_pb2 as pb
from tocsin.configuration.v1 import comparison_service_pb2_grpc as rpc
from tocsin.configuration.v1.configuration_pb2 import Configuration

USUAL_SPAN = timedelta(days=7)
LONGEST_SPAN = timedelta(days=92)
MOST_SECONDS = 45  # of comparing: less than the edge waits, so that the caller is told


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored, as far as the caller sees it, and what is asked for."""

    records: Records
    unseen: world.Unseen
    now: datetime
    start: datetime
    end: datetime


class ComparisonServicer(rpc.ComparisonServiceServicer):
    """The gRPC face of what another configuration would do."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def CompareConfigurations(
        self, request: pb.CompareConfigurationsRequest, context: Context
    ) -> pb.CompareConfigurationsResponse:
        """See the proto."""
        with Patience(MOST_SECONDS) as patience:
            known = await self._database.read_slowly(_known, self._clock, request)
            told = await asyncio.to_thread(_compared, request, known, patience)
        hide_unseen(caller(), [told])
        return told


def _known(connection: Connection, clock: Clock, request: pb.CompareConfigurationsRequest) -> Known:
    now = clock.now(connection)
    start, end = _span(request, now)
    records = storing.load(connection)
    return Known(records, world.unseen(connection, records, start, end + AHEAD), now, start, end)


def _span(request: pb.CompareConfigurationsRequest, now: datetime) -> tuple[datetime, datetime]:
    start = bounded(getattr(request, "from"), "from") if request.HasField("from") else now
    until = bounded(request.until, "until") if request.HasField("until") else None
    end = start + USUAL_SPAN if until is None else until
    if not start < end <= start + LONGEST_SPAN:
        raise InvalidRequest(
            f"until must be after from, and {LONGEST_SPAN.days} days later at most", field="until"
        )
    return start, end


def _compared(
    request: pb.CompareConfigurationsRequest, known: Known, patience: Patience
) -> pb.CompareConfigurationsResponse:
    before, after = (_side(request, name, known) for name in ("before", "after"))
    sides = wire.Sides(before, after, known.records)
    comparison = Comparison(before, after, known.start, known.end, patience)
    told = pb.CompareConfigurationsResponse(start=known.start, end=known.end)
    for ids in pairs(wire.schedule_names(before), wire.schedule_names(after)):
        if on_calls := comparison.on_call(ids):
            told.schedules.append(sides.schedule(ids, on_calls))
    for ids in pairs(wire.policy_names(before), wire.policy_names(after)):
        for priority in Priority:
            if paged := comparison.paged(ids, priority):
                told.escalation_policies.append(sides.policy(ids, priority, paged))
    return told


def _side(request: pb.CompareConfigurationsRequest, name: str, known: Known) -> Side:
    records = known.records
    if request.HasField(name):
        told: Configuration = getattr(request, name)
        refuse_too_many(told, name)
        try:
            records = records_after(told, records, known.now, prune=request.prune)
        except Unresolved as problem:
            message, field = problem.message, problem.field
            raise InvalidRequest(message, reason=problem.code, field=field) from None
    policies = {id_: each for id_, each in records.policies.items() if id_ != BUILT_IN}
    return Side(world.of_records(records, known.unseen), policies, known.unseen.policies)
