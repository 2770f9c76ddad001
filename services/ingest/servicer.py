"""Answers EventService and AlertSourceService."""

from sqlalchemy import Connection

from services.chassis import facts, tracing
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.chassis.facts import Follower
from services.chassis.paging import Page, page
from services.chassis.principal import caller
from services.ingest import keyring, sources, store, wire
from services.ingest.acceptor import Acceptor, counting_refusals
from services.ingest.dialects import ilert, text
from services.ingest.dialects.ilert import Submission
from services.ingest.domain import Arrival, Source, check_source
from services.ingest.event_id import new_event_id
from services.ingest.keyring import Keyring
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.ingest.v1 import (
    alert_source_pb2,
    alert_source_service_pb2_grpc,
    event_pb2,
    event_service_pb2_grpc,
)
from tocsin.ingest.v1 import alert_source_service_pb2 as source_pb
from tocsin.ingest.v1 import event_service_pb2 as event_pb

TYPED = "application/x-protobuf"
LONGEST_CONTENT_TYPE = 255
PAGE = 50
POLICY = "policy"


class EventServicer(event_service_pb2_grpc.EventServiceServicer):
    """Takes events. The integration key in the event is the only credential."""

    def __init__(
        self, acceptor: Acceptor, sources_by_key: Keyring, clock: Clock, public_url: str
    ) -> None:
        self._acceptor = acceptor
        self._keyring = sources_by_key
        self._clock = clock
        self._public_url = public_url

    async def PostEvent(
        self, request: event_pb.PostEventRequest, context: Context
    ) -> event_pb2.EventReceipt:
        """See the proto."""
        with counting_refusals():
            body = request.body
            submission, kept = ilert.read(body.data, body.content_type)
            return await self._accept(submission, kept, body.content_type)

    async def SubmitEvent(
        self, request: event_pb.SubmitEventRequest, context: Context
    ) -> event_pb2.EventReceipt:
        """See the proto."""
        with counting_refusals():
            ilert.check_size(request.event.ByteSize())
            submission = ilert.understand(wire.document(request.event))
            return await self._accept(submission, wire.without_keys(request.event), TYPED)

    async def _accept(
        self, submission: Submission, kept: bytes, content_type: str
    ) -> event_pb2.EventReceipt:
        arrival = Arrival(
            event_id=new_event_id(self._clock),
            source=await self._keyring.source_of(submission.key),
            event=submission.event,
            raw=kept,
            content_type=text.clean(content_type)[:LONGEST_CONTENT_TYPE],
            trace=tracing.current(),
        )
        await self._acceptor.accept(arrival)
        return wire.receipt(arrival, self._public_url)


class AlertSourceServicer(alert_source_service_pb2_grpc.AlertSourceServiceServicer):
    """Keeps the sources."""

    def __init__(
        self, database: Database, clock: Clock, policies: Follower, public_url: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._policies = policies
        self._public_url = public_url

    async def CreateAlertSource(
        self, request: source_pb.CreateAlertSourceRequest, context: Context
    ) -> alert_source_pb2.AlertSource:
        """See the proto."""
        actor = caller().actor()
        wanted = wire.new_source(request.alert_source)
        check_source(wanted.name, wanted.integration_type, wanted.policy_id)
        policy = await self._policies.ask(POLICY, wanted.policy_id, EscalationPolicy)
        if policy is None:
            told = f"there is no escalation policy {wanted.policy_id}"
            raise InvalidRequest(told, field="escalationPolicy")
        key = keyring.new_key()
        source = await self._database.write(
            sources.create, self._clock, wanted, keyring.sha256(key), actor, self._public_url
        )
        made = wire.source(source, self._public_url, policy)
        made.integration_key = key
        return made

    async def GetAlertSource(
        self, request: source_pb.GetAlertSourceRequest, context: Context
    ) -> alert_source_pb2.AlertSource:
        """See the proto."""
        return await self._database.read(self._get, request.id)

    async def ListAlertSources(
        self, request: source_pb.ListAlertSourcesRequest, context: Context
    ) -> source_pb.ListAlertSourcesResponse:
        """See the proto."""
        wanted = page(request, default=PAGE, most=PAGE)
        listed = await self._database.read(self._list, wanted)
        return source_pb.ListAlertSourcesResponse(alert_sources=listed)

    def _get(self, connection: Connection, source_id: int) -> alert_source_pb2.AlertSource:
        return self._rendered(connection, [store.source(connection, source_id)])[0]

    def _list(self, connection: Connection, wanted: Page) -> list[alert_source_pb2.AlertSource]:
        return self._rendered(connection, store.oldest_sources(connection, wanted))

    def _rendered(
        self, connection: Connection, found: list[Source]
    ) -> list[alert_source_pb2.AlertSource]:
        policy_ids = {source.policy_id for source in found}
        policies = facts.many(connection, POLICY, policy_ids, EscalationPolicy)
        return [
            wire.source(source, self._public_url, policies.get(str(source.policy_id)))
            for source in found
        ]
