"""Puts ingest together and runs it. The only file here that knows every other."""

from functools import partial
from typing import Any

from services.chassis.audit_servicer import AuditServicer
from services.chassis.facts import FactServicer
from services.chassis.sealing import sealer
from services.chassis.service import service
from services.ingest import consumer, floods, idempotency, references, sources
from services.ingest.acceptor import Acceptor
from services.ingest.config import Config
from services.ingest.doors import Doors
from services.ingest.floods import Floods
from services.ingest.keyring import Keyring
from services.ingest.limiting import Limiting
from services.ingest.references import References
from services.ingest.servicer.configuration import ConfigurationServicer
from services.ingest.servicer.events import EventServicer
from services.ingest.servicer.ilert_v1 import IlertV1Servicer
from services.ingest.servicer.incident_io import IncidentIoServicer
from services.ingest.servicer.opsgenie import OpsgenieServicer
from services.ingest.servicer.pagerduty import PagerdutyServicer
from services.ingest.servicer.sources import AlertSourceServicer
from services.ingest.servicer.ttyops import TtyopsServicer
from services.ingest.services import Services
from services.ingest.sources import Means
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc as fact_rpc
from tocsin.escalation.v1.token_pb2 import TokenRecord
from tocsin.ingest.internal.v1 import configuration_service_pb2_grpc as parts_rpc
from tocsin.ingest.v1 import alert_source_service_pb2_grpc as source_rpc
from tocsin.ingest.v1 import event_service_pb2_grpc as event_rpc
from tocsin.ingest.v1 import ilert_v1_service_pb2_grpc as ilert_v1_rpc
from tocsin.ingest.v1 import incident_io_service_pb2_grpc as incident_io_rpc
from tocsin.ingest.v1 import opsgenie_service_pb2_grpc as opsgenie_rpc
from tocsin.ingest.v1 import pagerduty_service_pb2_grpc as pagerduty_rpc
from tocsin.ingest.v1 import ttyops_service_pb2_grpc as ttyops_rpc
from tocsin.ingest.v1.audit_service_pb2 import ListAuditEntriesResponse
from tocsin.ingest.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server

NAME = "ingest"
READERS = ("alertstate", "escalation", NAME)


async def run(config: Config) -> None:
    """Runs the service until it is told to stop."""
    async with service(NAME, config, READERS) as base:
        database, clock, url = base.database, base.clock, config.public_url
        await database.write(sources.prepare, clock, url)
        means = Means(clock, sealer(config), url)
        for publisher, reactions in consumer.reactions(means).items():
            base.consume(publisher, reactions)
        escalation = base.follow(config.escalation_address, references.FOLLOWED)
        keyring = Keyring(database, clock)
        flooded = Floods(database, clock)
        base.loops.append(flooded.run())
        limiting = Limiting(base.limits, config.limits(), flooded)
        doors = Doors(Acceptor(database, clock), keyring, clock, limiting, base.callers)
        events = EventServicer(doors, url)
        known = References(escalation)
        alert_sources = AlertSourceServicer(database, means, known, keyring)
        parts = ConfigurationServicer(database, means, known, keyring)
        facts = FactServicer(database, (sources.KIND,))
        base.act_when_due(
            {
                floods.TIMER: floods.end,
                idempotency.TIMER: idempotency.forget_old,
                sources.HIDDEN: sources.forget_key,
            }
        )
        entries: Any = AuditServicer(database, ListAuditEntriesResponse)
        await base.run(
            [
                (
                    "tocsin.ingest.v1.AuditService",
                    partial(add_AuditServiceServicer_to_server, entries),
                ),
                (
                    "tocsin.ingest.v1.EventService",
                    partial(event_rpc.add_EventServiceServicer_to_server, events),
                ),
                (
                    "tocsin.ingest.v1.AlertSourceService",
                    partial(source_rpc.add_AlertSourceServiceServicer_to_server, alert_sources),
                ),
                (
                    "tocsin.ingest.v1.IncidentIoService",
                    partial(
                        incident_io_rpc.add_IncidentIoServiceServicer_to_server,
                        IncidentIoServicer(doors),
                    ),
                ),
                (
                    "tocsin.ingest.v1.IlertV1Service",
                    partial(
                        ilert_v1_rpc.add_IlertV1ServiceServicer_to_server,
                        IlertV1Servicer(doors, url),
                    ),
                ),
                (
                    "tocsin.ingest.v1.PagerdutyService",
                    partial(
                        pagerduty_rpc.add_PagerdutyServiceServicer_to_server,
                        PagerdutyServicer(doors),
                    ),
                ),
                (
                    "tocsin.ingest.v1.OpsgenieService",
                    partial(
                        opsgenie_rpc.add_OpsgenieServiceServicer_to_server,
                        OpsgenieServicer(doors, database, clock),
                    ),
                ),
                (
                    "tocsin.ingest.v1.TtyopsService",
                    partial(
                        ttyops_rpc.add_TtyopsServiceServicer_to_server,
                        TtyopsServicer(doors, Services(database, clock)),
                    ),
                ),
                (
                    "tocsin.ingest.internal.v1.ConfigurationService",
                    partial(parts_rpc.add_ConfigurationServiceServicer_to_server, parts),
                ),
                (
                    "tocsin.chassis.internal.v1.FactService",
                    partial(fact_rpc.add_FactServiceServicer_to_server, facts),
                ),
            ],
            ask_owner=lambda id_: escalation.ask("token", id_, TokenRecord),
        )
