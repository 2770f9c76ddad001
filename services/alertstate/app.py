"""Puts AlertState together and runs it. The only file here that knows every other."""

from functools import partial
from typing import Any

from services.alertstate import consumer, timer
from services.alertstate.config import Config
from services.alertstate.peers import Escalations, References
from services.alertstate.servicer.alerts import AlertServicer
from services.alertstate.servicer.incident_io import IncidentIoServicer
from services.alertstate.servicer.reader import AlertReaderServicer
from services.alertstate.servicer.subjects import SubjectServicer
from services.alertstate.servicer.ttyops import TtyopsServicer
from services.alertstate.watch_servicer import AlertWatchServicer
from services.chassis.audit_servicer import AuditServicer
from services.chassis.service import service
from services.chassis.watching import Bell
from tocsin.alertstate.internal.v1.alert_reader_service_pb2_grpc import (
    add_AlertReaderServiceServicer_to_server,
)
from tocsin.alertstate.v1.alert_service_pb2_grpc import add_AlertServiceServicer_to_server
from tocsin.alertstate.v1.alert_watch_service_pb2_grpc import (
    add_AlertWatchServiceServicer_to_server,
)
from tocsin.alertstate.v1.audit_service_pb2 import ListAuditEntriesResponse
from tocsin.alertstate.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from tocsin.alertstate.v1.incident_io_service_pb2_grpc import (
    add_IncidentIoServiceServicer_to_server,
)
from tocsin.alertstate.v1.ttyops_service_pb2_grpc import add_TtyopsServiceServicer_to_server
from tocsin.chassis.internal.v1.subject_service_pb2_grpc import (
    add_SubjectServiceServicer_to_server,
)
from tocsin.escalation.v1.token_pb2 import TokenRecord

NAME = "alertstate"
READERS = ("escalation", "ingest", "notification")


async def run(config: Config) -> None:
    """Runs the service until it is told to stop."""
    async with service(NAME, config, READERS) as base:
        await base.database.write(timer.begin, base.clock)
        sources = base.follow(config.ingest_address, ["source"])
        follower = base.follow(
            config.escalation_address, ["user", "policy", "schedule", "token", "team"]
        )
        base.consume("ingest", consumer.of_ingest())
        base.consume("escalation", consumer.of_escalation())
        base.consume("notification", consumer.of_notification())
        base.act_when_due(timer.due())
        references = References(sources, follower)
        alerts = AlertServicer(
            base.database,
            base.clock,
            references,
            Escalations(base.peer(config.escalation_address)),
        )
        subjects = SubjectServicer(base.database)
        bell = Bell(base.database)
        base.loops.append(bell.run())
        watches = AlertWatchServicer(base.database, bell)
        entries: Any = AuditServicer(base.database, ListAuditEntriesResponse)
        await base.run(
            [
                (
                    "tocsin.alertstate.v1.AuditService",
                    partial(add_AuditServiceServicer_to_server, entries),
                ),
                (
                    "tocsin.alertstate.v1.AlertService",
                    partial(add_AlertServiceServicer_to_server, alerts),
                ),
                (
                    "tocsin.alertstate.v1.AlertWatchService",
                    partial(add_AlertWatchServiceServicer_to_server, watches),
                ),
                (
                    "tocsin.alertstate.v1.IncidentIoService",
                    partial(
                        add_IncidentIoServiceServicer_to_server,
                        IncidentIoServicer(base.database),
                    ),
                ),
                (
                    "tocsin.alertstate.v1.TtyopsService",
                    partial(
                        add_TtyopsServiceServicer_to_server,
                        TtyopsServicer(base.database, base.clock, references),
                    ),
                ),
                (
                    "tocsin.alertstate.internal.v1.AlertReaderService",
                    partial(
                        add_AlertReaderServiceServicer_to_server,
                        AlertReaderServicer(base.database),
                    ),
                ),
                (
                    "tocsin.chassis.internal.v1.SubjectService",
                    partial(add_SubjectServiceServicer_to_server, subjects),
                ),
            ],
            ask_owner=lambda id_: follower.ask("token", id_, TokenRecord),
        )
