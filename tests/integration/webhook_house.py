"""Notification without its loops, for tests of what webhooks are told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.protobuf.message import Message
from sqlalchemy import select

from services.chassis import facts
from services.chassis.addresses import networks
from services.chassis.principal import current_principal
from services.notification import consumer, webhooks
from services.notification.channels.events import events
from services.notification.courier import Courier
from services.notification.domain.webhooks import Wanted
from services.notification.store import webhooks as webhook_store
from services.notification.store.tables import WebhookDeliveryRow
from services.notification.webhooks import Means
from tests.contract.blocking import ADA as ADMIN
from tests.integration.notification_house import SEALER, House, notification
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged, Belonging
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.team_pb2 import Team

DELIVERY = WebhookDeliveryRow.__table__
OPS, SECRET, OTHERS = 1, 2, 3
TEAMS = [
    Team(id=OPS, name="Ops"),
    Team(id=SECRET, name="Secret", visibility="PRIVATE"),
    Team(id=OTHERS, name="Others", visibility="PRIVATE"),
]
LOOPBACK = networks("127.0.0.0/8")
#: The policies by id, each of the teams that follow.
POLICIES = {1: [], 2: [SECRET], 3: [OPS]}


@dataclass
class Hooks:
    """Webhooks that are told of events, and the courier that does."""

    house: House
    courier: Courier

    async def make(
        self, *told_of: str, teams: tuple[int, ...] = (), url: str = ""
    ) -> tuple[int, str]:
        """Makes a webhook at the sink, under a path that is its name."""
        count = len(await self.house.db.read(webhook_store.subscriptions)) + 1
        target = url or f"{self.house.posts.url}/{count}"
        wanted = Wanted(name=f"bot {count}", url=target, team_ids=teams, events=told_of)
        means = Means(self.house.clock, SEALER)
        made, secret = await self.house.db.write(webhooks.create, means, wanted)
        return made.id, secret

    async def alert(self, event: Message) -> None:
        """Hears something of AlertState's."""
        reaction = consumer.of_alertstate()[event.DESCRIPTOR.full_name]
        payload = event.SerializeToString()
        await self.house.db.write(lambda c: reaction(c, self.house.clock.now(c), payload))

    async def rows(self) -> list[Any]:
        """Returns all deliveries, oldest first."""
        query = select(DELIVERY).order_by(DELIVERY.c.id)
        return list(await self.house.db.read(lambda c: c.execute(query).all()))

    async def told(self) -> dict[str, list[str]]:
        """Returns which types of events arrived, by path."""
        await self.courier.step()
        found: dict[str, list[str]] = {}
        for request in self.house.posts.requests:
            found.setdefault(request.path, []).append(json.loads(request.body)["type"])
        return {path: sorted(types) for path, types in found.items()}

    async def now(self) -> float:
        return (await self.house.db.read(self.house.clock.now)).timestamp()

    def turn(self, **by: float) -> None:
        self.house.clock.turn(timedelta(**by))


@asynccontextmanager
async def told_webhooks(database_url: str) -> AsyncIterator[Hooks]:
    """Offers webhooks where teams and policies are known."""
    current_principal.set(ADMIN)
    async with notification(database_url) as house, events(SEALER, LOOPBACK) as posting:
        for team in TEAMS:
            await house.db.write(facts.publish, "team", team.id, team)
        for id_, teams in POLICIES.items():
            policy = EscalationPolicy(
                id=id_, name=f"policy {id_}", teams=[Team(id=team) for team in teams]
            )
            await house.db.write(facts.publish, "policy", id_, policy)
        courier = Courier(house.db, house.clock, posting, claim_seconds=4, keep_days=7)
        yield Hooks(house, courier)


def changed(
    cause: str = "RAISED", *, id_: int = 7, version: int = 1, teams: Any = (), policy: int = 1
) -> AlertChanged:
    alert = Alert(id=id_, summary="disk full", status="PENDING")
    alert.escalation_policy.id, alert.escalation_policy.name = policy, f"policy {policy}"
    event = AlertChanged(alert=alert, version=version, cause=cause, episode=1)
    event.change_time.FromJsonString("2026-03-29T01:30:00Z")
    if teams is not None:
        event.belonging.CopyFrom(Belonging(team_ids=teams))
    return event


def escalated(policy: int, *, kind: str = "deploy", id_: str = "42") -> EscalationChanged:
    run = Escalation(id=5, key=f"{kind}:{id_}:1", escalation_policy_id=policy, version=3)
    run.subject.CopyFrom(Subject(kind=kind, id=id_, title="waits"))
    return EscalationChanged(escalation=run, cause="STEPPED")
