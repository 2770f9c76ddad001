"""Notification without its loops, with real providers and an owner of subjects beside it."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any, TypeVar
from unittest.mock import patch

import grpc.aio
import httpx
from google.protobuf.message import Message
from sqlalchemy import Connection, select

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.sealing import Sealer
from services.chassis.tables import OutboxRow
from services.chassis.timers import Timers
from services.notification import changes, consumer, falling, receipts
from services.notification.channels.channel import Channel
from services.notification.channels.email import Email
from services.notification.channels.slack import Slack
from services.notification.channels.telegram import Telegram
from services.notification.channels.terminal import Terminal
from services.notification.channels.webhook import Webhook
from services.notification.config import Config
from services.notification.deliver import Deliverer
from services.notification.domain import caps
from services.notification.domain.values import WAYS, Kind, Method, Notification, Receipt, State
from services.notification.peers import Subjects
from services.notification.store import contacts, notifications
from tests.parts.claiming import PATIENCE
from tests.parts.gateway import Gateway
from tests.parts.smtp import SmtpSink, smtp_sink
from tests.parts.webhook import WebhookSink, webhook_sink
from tocsin.chassis.internal.v1 import subject_service_pb2 as subjects_pb
from tocsin.chassis.internal.v1 import subject_service_pb2_grpc as subjects_rpc
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.edge.v1.content_pb2 import Link
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationChanged,
    PageRequested,
    UserChanged,
)
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.user_pb2 import User

M = TypeVar("M", bound=Message)

ADA = User(id=1, first_name="Ada", last_name="Lovelace", email="ada@example.com")
KEY = "alert:7:1"
SEALER = Sealer({"k1": b"k" * 32})
OVER = subjects_pb.CheckSubjectsResponse.State.OVER
PENDING = subjects_pb.CheckSubjectsResponse.State.PENDING
ACKNOWLEDGED = Escalation.State.ACKNOWLEDGED


@dataclass
class Owner(subjects_rpc.SubjectServiceServicer):
    """AlertState and Escalation, as far as they are asked whether a page is still wanted."""

    state: Any = PENDING
    delay: float = 0.0
    over: set[str] = field(default_factory=set)  # ids of subjects that want nobody any more
    asked: list[subjects_pb.CheckSubjectsRequest] = field(default_factory=list)

    async def CheckSubjects(
        self, request: subjects_pb.CheckSubjectsRequest, context: Context
    ) -> subjects_pb.CheckSubjectsResponse:
        self.asked.append(request)
        await asyncio.sleep(self.delay)
        states = (OVER if each.id in self.over else self.state for each in request.subjects)
        return subjects_pb.CheckSubjectsResponse(states=states)


@dataclass
class House:
    """Notification without its loops: each step is taken by hand."""

    db: Database
    clock: Clock
    owner: Owner
    mails: SmtpSink
    posts: WebhookSink
    output: StringIO
    deliverer: Deliverer
    replica: Deliverer
    offered: Collection[Method] = WAYS

    async def react(self, event: Message) -> None:
        """Reacts to an event of Escalation's."""
        reaction = consumer.reactions(self.offered)[event.DESCRIPTOR.full_name]
        payload = event.SerializeToString()
        await self.db.write(lambda c: reaction(c, self.clock.now(c), payload))

    async def reach(self, method: Method, target: str = "", user_id: int = 1) -> None:
        """Gives a person a contact."""
        await self.db.write(lambda c: contacts.add(c, user_id, method, target, self.clock.now(c)))

    async def page(self, **more: Any) -> None:
        """Requests a page."""
        await self.react(page(await self.db.read(self.clock.now), **more))

    async def end(
        self, state: Any = ACKNOWLEDGED, subject_end_time: datetime | None = None
    ) -> None:
        """Ends the run; its subject had ended before, if that is told."""
        await self.react(ending(state, subject_end_time=subject_end_time))

    async def reach_later(
        self, method: Method, target: str = "", *, seconds: float, level: int = 1
    ) -> None:
        """Gives the person who was paged last another way, which is for later."""

        def add(connection: Connection) -> None:
            now = self.clock.now(connection)
            told = notifications.about(connection, "alert", "7")
            page = [each for each in told if each.level == level and each.kind is Kind.PAGE][-1]
            id_ = changes.number(connection)
            later = replace(
                page,
                id=id_,
                key=f"{page.key}:{id_}",
                contact_id=0,
                method=method.value,
                target=target,
                state=State.PENDING,
                at=now + timedelta(seconds=seconds),
            )
            changes.schedule(connection, now, later)

        await self.db.write(add)

    async def look(self) -> None:
        """Looks whether the ways that were tried are certain, where that is due."""
        due = {falling.UNCERTAIN: partial(falling.look, patience=PATIENCE)}
        while await Timers(self.db, self.clock, due).step():
            pass

    async def receive(self, provider: str, provider_id: str, what: Receipt, why: str = "") -> None:
        """Takes what a provider says later."""
        await self.db.write(
            lambda c: receipts.record(c, self.clock.now(c), provider, provider_id, what, why)
        )

    async def told(self) -> list[Notification]:
        """Returns all notifications about the alert."""
        return await self.db.read(notifications.about, "alert", "7")

    async def states(self) -> list[State]:
        """Returns how the notifications about the alert stand."""
        return [each.state for each in await self.told()]

    async def published(self, message: type[M]) -> list[M]:
        """Returns what was put into the outbox, of one type."""
        outbox = OutboxRow.__table__

        def ask(connection: Connection) -> list[M]:
            wanted = select(outbox.c.payload).where(outbox.c.type == message.DESCRIPTOR.full_name)
            rows = connection.execute(wanted.order_by(outbox.c.id)).scalars()
            return [message.FromString(payload) for payload in rows]

        return await self.db.read(ask)

    def lines(self) -> list[dict[str, Any]]:
        """Returns what was written to the terminal."""
        return [json.loads(line) for line in self.output.getvalue().splitlines()]


def page(now: datetime, **more: Any) -> PageRequested:
    subject = Subject(
        kind="alert",
        id="7",
        episode=1,
        title="disk full",
        details="It is full.\x07",
        links=[Link(href="https://example.com/disk", text="disk")],
        priority=Subject.Priority.HIGH,
    )
    values: dict[str, Any] = {
        "escalation_key": KEY,
        "subject": subject,
        "level": 1,
        "level_count": 2,
        "user_ids": [1],
        "request_time": now,
        "next_step_time": now + timedelta(minutes=5),
        "accept_time": now - timedelta(seconds=1),
    }
    return PageRequested(**values | more)


def ending(
    state: Any, key: str = KEY, subject_end_time: datetime | None = None
) -> EscalationChanged:
    by = Actor(kind=Actor.Kind.USER, user_id=2, name="Bob")
    run = Escalation(id=1, key=key, state=state, ended_by=by)
    return EscalationChanged(
        escalation=run,
        cause=EscalationChanged.Cause.ENDED,
        actor=by,
        subject_end_time=subject_end_time,
    )


@asynccontextmanager
async def notification(
    database_url: str, *, paced: bool = True, **settings: Any
) -> AsyncIterator[House]:
    """Offers a house where Ada is known, and nobody has a contact.

    Unless they are paced, contacts get as many messages as there are.
    """
    migrate(database_url, "notification")
    owner = Owner()
    server = grpc.aio.server()
    subjects_rpc.add_SubjectServiceServicer_to_server(owner, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with (
        database(database_url, "notification") as db,
        smtp_sink() as mails,
        webhook_sink() as posts,
        httpx.AsyncClient(trust_env=False, timeout=10) as client,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        await channel.channel_ready()
        clock, output = Clock(), StringIO()
        config = Config(database_url="", nats_url="", listen="", **{"claim_seconds": 4, **settings})
        gateway = Gateway(client, posts)
        channels: dict[str, Channel] = {
            **dict.fromkeys(("SMS", "VOICE", "PUSH"), gateway),
            "TERMINAL": Terminal(output),
            "EMAIL": Email(f"smtp://127.0.0.1:{mails.port}", "Tocsin <tocsin@example.com>"),
            "WEBHOOK": Webhook(client, "http://edge", SEALER),
            "TELEGRAM": Telegram(client, posts.url, "123:bot"),
            "SLACK": Slack(client, posts.url, "xoxb-app"),
        }
        subjects = Subjects(channel, channel)
        with nullcontext() if paced else patch.object(caps, "limits", lambda said: {}):
            deliverer, replica = (
                Deliverer(db, clock, config, subjects, channels, SEALER) for _ in range(2)
            )
        made = House(db, clock, owner, mails, posts, output, deliverer, replica)
        await made.react(UserChanged(user=ADA, version=1))
        yield made
    await server.stop(None)
