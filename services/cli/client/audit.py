"""What `tocsin audit` does: asks all services that there are, and merges their answers by time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
import grpc.aio

from services.cli.client import showing
from services.cli.client.calling import SECONDS
from services.cli.client.target import Target
from tocsin.alertstate.v1 import audit_service_pb2 as alerts
from tocsin.alertstate.v1 import audit_service_pb2_grpc as alerts_rpc
from tocsin.edge.v1.audit_pb2 import AuditEntry
from tocsin.escalation.v1 import audit_service_pb2 as people
from tocsin.escalation.v1 import audit_service_pb2_grpc as people_rpc
from tocsin.ingest.v1 import audit_service_pb2 as sources
from tocsin.ingest.v1 import audit_service_pb2_grpc as sources_rpc
from tocsin.notification.v1 import audit_service_pb2 as contacts
from tocsin.notification.v1 import audit_service_pb2_grpc as contacts_rpc

PAGE = 500  # the most that a service lists at once
SERVICES: Sequence[tuple[Any, Any]] = (
    (alerts, alerts_rpc),
    (people, people_rpc),
    (sources, sources_rpc),
    (contacts, contacts_rpc),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are wanted; what is empty says nothing."""

    actor: str
    user: int
    action: str
    target: str
    start: datetime | None
    limit: int


async def show(target: Target, channel: grpc.aio.Channel, wanted: Wanted, *, as_json: bool) -> None:
    """Prints the newest entries of all services."""
    asked = (_entries(target, channel, wanted, *service) for service in SERVICES)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    failures = [answer for answer in answers if isinstance(answer, BaseException)]
    if failures and not (len(failures) < len(SERVICES) and all(map(_is_absent, failures))):
        raise next((each for each in failures if not _is_absent(each)), failures[0])
    told = (answer for answer in answers if not isinstance(answer, BaseException))
    found = [entry for entries in told for entry in entries]
    found.sort(key=lambda entry: entry.time.ToNanoseconds(), reverse=True)
    tell = showing.document if as_json else showing.audit
    tell(found[: wanted.limit])


def _is_absent(error: BaseException) -> bool:
    """Tells whether a service does not run here, as `tocsin up --only` can have it."""
    absent = grpc.StatusCode.UNIMPLEMENTED
    return isinstance(error, grpc.aio.AioRpcError) and error.code() is absent


async def _entries(
    target: Target, channel: grpc.aio.Channel, wanted: Wanted, pb: Any, rpc: Any
) -> list[AuditEntry]:
    """Returns a service's newest entries, page by page."""
    stub = rpc.AuditServiceStub(channel)
    found: list[AuditEntry] = []
    more = True
    while more:
        size = min(PAGE, wanted.limit - len(found))
        request = pb.ListAuditEntriesRequest(
            before_id=found[-1].id if found else 0,
            max_results=size,
            actor=wanted.actor,
            user_id=wanted.user,
            action=wanted.action,
            target=wanted.target,
            **({"from": wanted.start} if wanted.start else {}),
        )
        page = await stub.ListAuditEntries(request, metadata=target.metadata, timeout=SECONDS)
        found += page.entries
        more = len(page.entries) == size and len(found) < wanted.limit
    return found
