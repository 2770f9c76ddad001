"""What callers are answered about the events that webhooks are told of."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.principal import Principal
from services.chassis.sealing import Sealer
from services.notification import deliveries, telling
from services.notification.domain.happenings import KNOWN
from services.notification.domain.values import Failed, Hook, Outcome, Retry, Sent
from services.notification.webhook_servicer import WebhookServicer
from services.notification.webhooks import Means
from tests.contract.alertstate_house import Copies
from tests.contract.blocking import ADA, Answer, Calls
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged, Belonging
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.notification.v1 import webhook_service_pb2 as pb
from tocsin.notification.v1.webhook_pb2 import Webhook, WebhookDelivery

OK = grpc.StatusCode.OK
INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
WRONG_STATE = grpc.StatusCode.FAILED_PRECONDITION
FORBIDDEN = grpc.StatusCode.PERMISSION_DENIED
OPS, SECRET = Team(id=1, name="Ops"), Team(id=2, name="Secret", visibility="PRIVATE")
OUTSIDER = Principal(
    kind="TOKEN",
    id="reads",
    name="r",
    scopes=frozenset({"config:read", "config:write"}),
    hidden=frozenset({2}),
)
SEALER = Sealer({"k1": b"k" * 32})
URL = "https://hooks.example.com/T0/very-secret"


@dataclass
class Answers:
    """Stands where events leave: what they are answered is the test's to say."""

    outcome: Outcome = field(default_factory=Sent)
    bodies: list[bytes] = field(default_factory=list)

    async def post(
        self, hook: Hook, event_id: str, body: bytes, now: datetime, seconds: float
    ) -> Outcome:
        self.bodies.append(body)
        return self.outcome


@dataclass
class House:
    """Notification without its doors and its loops."""

    db: Database
    clock: Clock = field(default_factory=Clock)
    answers: Answers = field(default_factory=Answers)

    async def call(self, method: str, request: Message, who: Principal = ADA) -> Answer:
        copies: Any = Copies(self.db)
        posting: Any = self.answers
        servicer = WebhookServicer(self.db, Means(self.clock, SEALER), copies, (), posting)
        service = pb.DESCRIPTOR.services_by_name["WebhookService"]
        return await Calls(service, servicer, who)(method, request)

    async def make(self, *events: str, **more: Any) -> Answer:
        webhook = Webhook(name="bot", url=URL, events=events, **more)
        return await self.call("CreateWebhook", pb.CreateWebhookRequest(webhook=webhook))

    async def shown(self) -> Webhook:
        shown: Webhook = (await self.call("GetWebhook", pb.GetWebhookRequest(id=1))).reply
        return shown

    async def happen(self, *alert_ids: int) -> None:
        """Has alerts raised."""
        for alert_id in alert_ids:
            event = AlertChanged(
                alert=Alert(id=alert_id), version=1, cause="RAISED", belonging=Belonging()
            )
            now = await self.db.read(self.clock.now)
            await self.db.write(telling.alert_changed, now, event)

    async def deliver(self, outcome: Outcome) -> None:
        """Has what is due end like this."""

        def all_(connection: Connection) -> None:
            for due in deliveries.take(connection, self.clock, {}, 100, 30):
                deliveries.record(connection, self.clock, due.delivery, outcome, 0.5)

        await self.db.write(all_)

    async def list(self, who: Principal = ADA, **more: Any) -> Answer:
        request = pb.ListWebhookDeliveriesRequest(id=1, **more)
        return await self.call("ListWebhookDeliveries", request, who)

    async def retry(self, delivery_id: int, who: Principal = ADA) -> Answer:
        request = pb.RetryWebhookDeliveryRequest(id=1, delivery_id=delivery_id)
        return await self.call("RetryWebhookDelivery", request, who)

    async def ping(self, who: Principal = ADA) -> Answer:
        return await self.call("PingWebhook", pb.PingWebhookRequest(id=1), who)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    async with database(url, "notification") as opened:
        for team in (OPS, SECRET):
            await opened.write(facts.publish, "team", team.id, team)
        yield House(opened)


async def test_a_webhook_asks_for_events_once_and_in_order(house: House) -> None:
    made = await house.make("escalation.begun", "alert.*", "escalation.begun")

    assert list(made.reply.events) == ["alert.*", "escalation.begun"]
    assert (await house.shown()).events == made.reply.events
    update = pb.UpdateWebhookRequest(id=1, webhook=Webhook(name="bot", events=["*"]))
    assert list((await house.call("UpdateWebhook", update)).reply.events) == ["*"]
    without = pb.UpdateWebhookRequest(id=1, webhook=Webhook(name="bot"))
    assert not (await house.call("UpdateWebhook", without)).reply.events


@pytest.mark.parametrize("wrong", ["alert", "alert.", "alerts.*", "Alert.created", "", "a" * 500])
async def test_an_event_that_there_is_not_is_refused_with_the_list(
    house: House, wrong: str
) -> None:
    refused = await house.make("alert.created", wrong)

    assert refused.code is INVALID
    assert all(known in refused.details for known in KNOWN)
    assert len(refused.details) < 1000


async def test_how_a_webhook_takes_its_events_is_shown_with_it(house: House) -> None:
    await house.make("*")
    await house.happen(7)
    fresh = await house.shown()
    assert fresh.pending_deliveries == 1
    assert not fresh.HasField("last_success_time")

    await house.deliver(Retry("HTTP 500"))
    failing = await house.shown()
    assert (failing.last_failure, failing.pending_deliveries) == ("HTTP 500", 1)
    house.clock.turn(timedelta(hours=1))
    await house.deliver(Sent())
    taken = await house.shown()
    assert taken.pending_deliveries == 0
    assert taken.last_success_time.seconds > taken.last_failure_time.seconds
    listed = await house.call("ListWebhooks", pb.ListWebhooksRequest())
    assert listed.reply.webhooks[0].last_failure == "HTTP 500"


async def test_deliveries_are_listed_newest_first_page_by_page(house: House) -> None:
    await house.make("*")
    await house.happen(1, 2)
    await house.deliver(Sent())
    await house.happen(3)
    await house.deliver(Failed("the URL cannot be used"))
    await house.happen(4)

    found = (await house.list()).reply.deliveries
    assert [(each.event_id, each.state) for each in found] == [
        ("event:alert:4:1", WebhookDelivery.PENDING),
        ("event:alert:3:1", WebhookDelivery.FAILED),
        ("event:alert:2:1", WebhookDelivery.SENT),
        ("event:alert:1:1", WebhookDelivery.SENT),
    ]
    waiting, failed, sent, _ = found
    assert waiting.HasField("next_attempt_time")
    assert not waiting.HasField("end_time")
    assert (failed.error, failed.attempts) == ("the URL cannot be used", 1)
    assert sent.HasField("end_time")
    assert not sent.HasField("next_attempt_time")

    async def ids(**more: Any) -> list[int]:
        return [each.id for each in (await house.list(**more)).reply.deliveries]

    assert await ids(start_index=1, max_results=2) == [3, 2]
    assert await ids(states=["PENDING"]) == [4]
    assert await ids(states=["SENT", "FAILED"]) == [3, 2, 1]


@pytest.mark.parametrize(
    "wrong", [{"start_index": -1}, {"max_results": 101}, {"states": [0]}, {"states": [9]}]
)
async def test_a_list_that_cannot_be_is_refused(house: House, wrong: dict[str, Any]) -> None:
    await house.make("*")

    assert (await house.list(**wrong)).code is INVALID


async def test_what_was_given_up_is_delivered_anew(house: House) -> None:
    await house.make("*")
    await house.happen(7)
    await house.deliver(Failed("no"))

    again = await house.retry(1)
    assert (again.code, again.reply.state) == (OK, WebhookDelivery.PENDING)
    assert again.reply.event_id == "event:alert:7:1"
    await house.deliver(Sent())
    refused = await house.retry(1)
    assert (refused.code, refused.details) == (WRONG_STATE, "delivery 1 has arrived")
    assert (await house.retry(2)).code is NOT_FOUND


async def test_a_test_tells_what_became_of_it_and_is_kept_nowhere(house: House) -> None:
    await house.make()

    taken = await house.ping()
    assert (taken.code, taken.reply.delivered, taken.reply.error) == (OK, True, "")
    house.answers.outcome = Retry("HTTP 500")
    failed = await house.ping()
    assert (failed.code, failed.reply.delivered, failed.reply.error) == (OK, False, "HTTP 500")
    assert b'"type":"webhook.ping"' in house.answers.bodies[0]
    assert not (await house.list()).reply.deliveries


async def test_others_webhooks_have_no_deliveries(house: House) -> None:
    await house.make("*", teams=[SECRET])
    await house.happen(7)

    for refused in (await house.list(OUTSIDER), await house.retry(1, OUTSIDER)):
        assert refused.code is NOT_FOUND
    assert (await house.ping(OUTSIDER)).code is NOT_FOUND


async def test_who_only_looks_on_has_nothing_delivered(house: House) -> None:
    await house.make("*", teams=[OPS])
    await house.happen(7)
    looks_on = replace(OUTSIDER, hidden=frozenset(), teams=frozenset({1}), watches=frozenset({1}))

    assert (await house.list(looks_on)).code is OK
    assert (await house.retry(1, looks_on)).code is FORBIDDEN
    assert (await house.ping(looks_on)).code is FORBIDDEN
    assert house.answers.bodies == []
