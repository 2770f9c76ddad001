"""All four services behind their real guards, with things in every place for people of every role.

Places are what a thing belongs to: nobody's, a public team that the callers are in ("own"), one
that they are not in ("other"), a private team of others ("private").
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import grpc.aio
import httpx
from google.protobuf import message_factory
from sqlalchemy import Connection, select

from deploy.envoy.methods import SERVED_BY
from services.alertstate.peers import Escalations, References
from services.alertstate.servicer.alerts import AlertServicer
from services.alertstate.servicer.incident_io import IncidentIoServicer
from services.alertstate.servicer.subjects import SubjectServicer
from services.alertstate.servicer.ttyops import TtyopsServicer as TtyopsAlertServicer
from services.alertstate.watch_servicer import AlertWatchServicer
from services.chassis import facts, tokens
from services.chassis.audit_servicer import AuditServicer
from services.chassis.authentication import Authenticator
from services.chassis.callers import Callers
from services.chassis.channels import channel
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.facts import FACT
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.rpc import Guard
from services.chassis.sealing import Sealer
from services.chassis.tokens import service_token_hash
from services.chassis.watching import Bell
from services.escalation import first_start
from services.escalation.app import served
from services.ingest import references
from services.ingest.acceptor import Acceptor
from services.ingest.doors import Doors
from services.ingest.floods import Floods
from services.ingest.keyring import Keyring
from services.ingest.limiting import Limiting
from services.ingest.servicer.sources import AlertSourceServicer
from services.ingest.servicer.ttyops import TtyopsServicer
from services.ingest.services import Services
from services.ingest.sources import Means, prepare
from services.notification.changing import Means as ContactMeans
from services.notification.channels.events import Events
from services.notification.channels.guarded import GuardedTransport
from services.notification.contact_book import ContactBook
from services.notification.contact_servicer import (
    ContactServicer,
    EmailContactServicer,
    PhoneNumberContactServicer,
)
from services.notification.domain.values import Method
from services.notification.lanes import Lanes
from services.notification.peers import Subjects
from services.notification.preference_servicer import PreferenceServicer, QuietHoursServicer
from services.notification.provider_servicer import ProviderServicer
from services.notification.servicer import NotificationServicer
from services.notification.targets import Offer
from services.notification.webhook_servicer import WebhookServicer
from services.notification.webhooks import Means as WebhookMeans
from tests.contract.alertstate_house import Copies
from tests.contract.ingest_house import CONFIG, DEFAULTS
from tocsin.alertstate.v1 import alert_service_pb2_grpc as alert_rpc
from tocsin.alertstate.v1 import alert_watch_service_pb2_grpc as watch_rpc
from tocsin.alertstate.v1 import audit_service_pb2 as alert_audit
from tocsin.alertstate.v1 import audit_service_pb2_grpc as alert_audit_rpc
from tocsin.alertstate.v1 import incident_io_service_pb2_grpc as incident_io_rpc
from tocsin.alertstate.v1 import ttyops_service_pb2_grpc as ttyops_alert_rpc
from tocsin.chassis.internal.v1 import subject_service_pb2_grpc as subject_rpc
from tocsin.escalation.v1.token_pb2 import ApiToken
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1 import alert_source_service_pb2_grpc as source_rpc
from tocsin.ingest.v1 import audit_service_pb2 as source_audit
from tocsin.ingest.v1 import audit_service_pb2_grpc as source_audit_rpc
from tocsin.ingest.v1 import ttyops_service_pb2_grpc as ttyops_rpc
from tocsin.notification.v1 import audit_service_pb2 as contact_audit
from tocsin.notification.v1 import audit_service_pb2_grpc as contact_audit_rpc
from tocsin.notification.v1 import contact_service_pb2_grpc as contact_rpc
from tocsin.notification.v1 import email_contact_service_pb2_grpc as email_rpc
from tocsin.notification.v1 import notification_service_pb2_grpc as notification_rpc
from tocsin.notification.v1 import phone_number_contact_service_pb2_grpc as phone_rpc
from tocsin.notification.v1 import preference_service_pb2_grpc as preference_rpc
from tocsin.notification.v1 import provider_service_pb2_grpc as provider_rpc
from tocsin.notification.v1 import quiet_hours_service_pb2_grpc as quiet_rpc
from tocsin.notification.v1 import webhook_service_pb2_grpc as webhook_rpc

PLACES = ("nobodys", "own", "other", "private")
SERVICES = ("escalation", "ingest", "alertstate", "notification")
AUDITS: dict[str, Any] = {
    name: (answers.ListAuditEntriesResponse, rpc.add_AuditServiceServicer_to_server)
    for name, answers, rpc in (
        ("ingest", source_audit, source_audit_rpc),
        ("alertstate", alert_audit, alert_audit_rpc),
        ("notification", contact_audit, contact_audit_rpc),
    )
}
BETWEEN = "between-services"
URL = "http://127.0.0.1:1"
SEALER = Sealer({"k1": b"k" * 32})


@dataclass
class House:
    """The services, and what is known of the things in them."""

    dbs: dict[str, Database]
    channels: dict[str, grpc.aio.Channel]
    admin: str = ""
    teams: dict[str, int] = field(default_factory=dict)  # by place
    things: dict[str, Any] = field(default_factory=dict)  # by place
    callers: dict[str, str] = field(default_factory=dict)  # their tokens, by role

    async def call(self, method: Any, request: Any, token: str = "") -> Any:
        """Calls a method, given by its descriptor; as the first admin unless said otherwise."""
        service = method.containing_service
        name = f"/{service.full_name}/{method.name}"
        package = service.full_name.split(".")[1]
        peer = self.channels[SERVED_BY.get(package, package)]
        codec = type(request).SerializeToString, _class(method.output_type).FromString
        metadata = [("authorization", token or self.admin)]
        if not method.server_streaming:
            return await peer.unary_unary(name, *codec)(request, metadata=metadata)
        stream = peer.unary_stream(name, *codec)(request, metadata=metadata)
        await stream.initial_metadata()  # comes when the watch has begun
        if stream.done():
            await stream.read()  # raises what ended it
        stream.cancel()
        return None

    async def spread(self) -> None:
        """Lets every service know what the others own."""
        for owner in ("escalation", "ingest", "notification"):
            rows = await self.dbs[owner].read(_facts)
            for name, db in self.dbs.items():
                if name != owner:
                    await db.write(_take, rows)


def _class(descriptor: Any) -> Any:
    return message_factory.GetMessageClass(descriptor)


def _facts(connection: Connection) -> Sequence[Any]:
    return connection.execute(select(FACT)).all()


def _take(connection: Connection, rows: Sequence[Any]) -> None:
    for row in rows:
        facts.apply(connection, row.kind, row.id, row.version, row.payload, deleted=row.deleted)


@asynccontextmanager
async def all_services(folder: Path) -> AsyncIterator[House]:
    """Offers the services over empty databases."""
    clock, admin = Clock(), tokens.new_token()
    async with AsyncExitStack() as stack:
        dbs = {}
        for name in SERVICES:
            url = f"sqlite:///{folder}/{name}.db"
            migrate(url, name)
            dbs[name] = await stack.enter_async_context(database(url, name))
        await dbs["escalation"].write(
            first_start.prepare, clock, f"{admin.id}:{admin.sha256().hex()}"
        )
        await dbs["ingest"].write(prepare, clock, URL)
        house = House(dbs, {}, str(admin))
        addresses: dict[str, str] = {}
        for name in SERVICES:  # each may ask those before it
            await _serve(stack, house, name, clock, addresses)
        await house.spread()
        yield house


async def _serve(
    stack: AsyncExitStack, house: House, name: str, clock: Clock, addresses: dict[str, str]
) -> None:
    db = house.dbs[name]
    hashes = f"peer={service_token_hash(BETWEEN)}"
    callers = Callers(Limits(db, clock), CONFIG)
    guard = Guard(Authenticator(db, clock, hashes, None), callers)
    server = grpc.aio.server(interceptors=[guard])
    peers = {peer: channel(address, BETWEEN) for peer, address in addresses.items()}
    for peer in peers.values():
        stack.push_async_callback(peer.close)
    for add in _servicers(name, db, clock, peers):
        add(server)
    if name != "escalation":  # which brings its own
        response, add_audit = AUDITS[name]
        entries: Any = AuditServicer(db, response)
        add_audit(entries, server)
    addresses[name] = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    stack.push_async_callback(server.stop, None)
    house.channels[name] = grpc.aio.insecure_channel(addresses[name])
    stack.push_async_callback(house.channels[name].close)


def _servicers(
    name: str, db: Database, clock: Clock, peers: dict[str, grpc.aio.Channel]
) -> list[Callable[[grpc.aio.Server], None]]:
    callers = Callers(Limits(db, clock), CONFIG)
    base: Any = SimpleNamespace(database=db, clock=clock, callers=callers, config=CONFIG)
    copies: Any = Copies(db)
    if name == "escalation":
        return [add for _, add in served(base, Bell(db))]
    if name == "ingest":
        means = Means(clock, SEALER, URL)
        known = references.References(copies)
        keyring, limits = Keyring(db, clock), Limits(db, clock)
        sources = AlertSourceServicer(db, means, known, keyring)
        limiting = Limiting(limits, DEFAULTS, Floods(db, clock))
        doors = Doors(Acceptor(db, clock), keyring, clock, limiting, Callers(limits, CONFIG))
        events = TtyopsServicer(doors, Services(db, clock))
        return [
            lambda s: source_rpc.add_AlertSourceServiceServicer_to_server(sources, s),
            lambda s: ttyops_rpc.add_TtyopsServiceServicer_to_server(events, s),
        ]
    if name == "alertstate":
        nobody = grpc.aio.insecure_channel("127.0.0.1:1")  # runs come over a bus that is not here
        escalations = Escalations(nobody)
        records = References(copies, copies)
        alerts = AlertServicer(db, clock, records, escalations)
        answers = TtyopsAlertServicer(db, clock, records)
        subjects = SubjectServicer(db)
        bell = Bell(db)
        watches = AlertWatchServicer(db, bell)
        dialect = IncidentIoServicer(db)
        return [
            lambda s: incident_io_rpc.add_IncidentIoServiceServicer_to_server(dialect, s),
            lambda s: ttyops_alert_rpc.add_TtyopsServiceServicer_to_server(answers, s),
            lambda s: watch_rpc.add_AlertWatchServiceServicer_to_server(watches, s),
            lambda s: alert_rpc.add_AlertServiceServicer_to_server(alerts, s),
            lambda s: subject_rpc.add_SubjectServiceServicer_to_server(subjects, s),
        ]
    asked = Subjects(peers["alertstate"], peers["escalation"])
    reaching = ContactMeans(clock, SEALER, Offer())
    books = {
        kind: ContactBook(db, lambda id_: copies.ask("user", id_, User), reaching, kind)
        for kind in (None, Method.EMAIL, Method.PHONE)
    }
    contacts = ContactServicer(books[None])
    mails = EmailContactServicer(books[Method.EMAIL])
    phones = PhoneNumberContactServicer(books[Method.PHONE])
    rules, quiet = PreferenceServicer(books[None]), QuietHoursServicer(books[None])
    told = NotificationServicer(db, asked.knows_alert, asked.seen_runs)
    posting = Events(httpx.AsyncClient(transport=GuardedTransport(()), trust_env=False), SEALER)
    hooks = WebhookServicer(db, WebhookMeans(clock, SEALER), copies, (), posting)
    providers = ProviderServicer(db, clock, Lanes(total=1, each=1, limit=1), {"smtp": True})
    return [
        lambda s: provider_rpc.add_ProviderServiceServicer_to_server(providers, s),
        lambda s: webhook_rpc.add_WebhookServiceServicer_to_server(hooks, s),
        lambda s: contact_rpc.add_ContactServiceServicer_to_server(contacts, s),
        lambda s: email_rpc.add_EmailContactServiceServicer_to_server(mails, s),
        lambda s: phone_rpc.add_PhoneNumberContactServiceServicer_to_server(phones, s),
        lambda s: preference_rpc.add_PreferenceServiceServicer_to_server(rules, s),
        lambda s: quiet_rpc.add_QuietHoursServiceServicer_to_server(quiet, s),
        lambda s: notification_rpc.add_NotificationServiceServicer_to_server(told, s),
    ]


def new_token(**fields: Any) -> ApiToken:
    """Returns a token as one asks for it."""
    return ApiToken(name="matrix", **fields)
