"""What `tocsin simulate` does."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import grpc.aio

from services.cli.client import reading, showing
from services.cli.client.calling import SECONDS
from services.cli.client.target import BadUsage, Target
from services.cli.client.timeline import Timeline
from services.cli.options import LARGEST_ID
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.simulation_service_pb2 import SimulateEscalationRequest
from tocsin.escalation.v1.simulation_service_pb2_grpc import SimulationServiceStub


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is simulated, and how it is printed; what is empty says nothing."""

    policy: str
    routing_key: str
    source: int
    priority: str
    at: datetime | None
    accept_after: timedelta | None
    by: int
    zone: tzinfo | None  # None for this machine's

    def request(self) -> SimulateEscalationRequest:
        """Returns what is asked for. Raises BadUsage."""
        if not (self.policy or self.routing_key or self.source):
            raise BadUsage("which policy? Give its id or name, --routing-key or --source")
        priority = reading.word(Subject.Priority, self.priority, "priority") if self.priority else 0
        by_id = self.policy.isdecimal() and int(self.policy) <= LARGEST_ID
        request = SimulateEscalationRequest(
            escalation_policy_id=int(self.policy) if by_id else None,
            escalation_policy=self.policy if self.policy and not by_id else None,
            routing_key=self.routing_key or None,
            alert_source_id=self.source or None,
            priority=Subject.Priority.Name(priority),
            at=self.at,
            accepted_by=self.by or None,
        )
        if self.accept_after is not None:
            request.accept_after_seconds = self.accept_after // timedelta(seconds=1)
        return request


async def simulate(
    target: Target, channel: grpc.aio.Channel, wanted: Wanted, *, as_json: bool
) -> None:
    """Prints what an escalation would do."""
    told = await SimulationServiceStub(channel).SimulateEscalation(
        wanted.request(), metadata=target.metadata, timeout=SECONDS
    )
    if as_json:
        showing.document(told)
    else:
        showing.lines(Timeline(told, wanted.zone, utf8=showing.utf8()).lines())
