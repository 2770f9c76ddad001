"""Puts ingest together and runs it. The only file here that knows every other."""

from functools import partial

from services.chassis.facts import FactServicer
from services.chassis.sealing import sealer
from services.chassis.service import service
from services.ingest import consumer, references, sources
from services.ingest.acceptor import Acceptor
from services.ingest.config import Config
from services.ingest.doors import Doors
from services.ingest.keyring import Keyring
from services.ingest.references import References
from services.ingest.servicer.events import EventServicer
from services.ingest.servicer.incident_io import IncidentIoServicer
from services.ingest.servicer.sources import AlertSourceServicer
from services.ingest.servicer.ttyops import TtyopsServicer
from services.ingest.services import Services
from services.ingest.sources import Means
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc as fact_rpc
from tocsin.escalation.v1.token_pb2 import TokenRecord
from tocsin.ingest.v1 import alert_source_service_pb2_grpc as source_rpc
from tocsin.ingest.v1 import event_service_pb2_grpc as event_rpc
from tocsin.ingest.v1 import incident_io_service_pb2_grpc as incident_io_rpc
from tocsin.ingest.v1 import ttyops_service_pb2_grpc as ttyops_rpc

NAME = "ingest"
READERS = ("alertstate", "escalation", NAME)


async def run(config: Config) -> None:
    """Runs the service until it is told to stop."""
    async with service(NAME, config, READERS) as base:
        database, clock, url = base.database, base.clock, config.public_url
        await database.write(sources.prepare, clock, url)
        for publisher, reactions in consumer.reactions(clock).items():
            base.consume(publisher, reactions)
        escalation = base.follow(config.escalation_address, references.FOLLOWED)
        keyring = Keyring(database)
        doors = Doors(Acceptor(database, clock), keyring, clock)
        events = EventServicer(doors, url)
        means = Means(clock, sealer(config), url)
        alert_sources = AlertSourceServicer(database, means, References(escalation), keyring)
        facts = FactServicer(database, (sources.KIND,))
        await base.run(
            [
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
                    "tocsin.ingest.v1.TtyopsService",
                    partial(
                        ttyops_rpc.add_TtyopsServiceServicer_to_server,
                        TtyopsServicer(doors, Services(database, clock)),
                    ),
                ),
                (
                    "tocsin.chassis.internal.v1.FactService",
                    partial(fact_rpc.add_FactServiceServicer_to_server, facts),
                ),
            ],
            ask_owner=lambda id_: escalation.ask("token", id_, TokenRecord),
        )
