"""Events on their way to webhooks: who hears what, how long it is tried, and what hangs alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from sqlalchemy import select

from services.chassis import facts
from services.chassis.addresses import networks
from services.chassis.principal import current_principal
from services.notification import consumer, deliveries, webhooks
from services.notification.channels.events import events
from services.notification.courier import LANES, Courier
from services.notification.domain.values import Retry, State
from services.notification.domain.webhooks import Wanted
from services.notification.store import deliveries as store
from services.notification.store import webhooks as webhook_store
from services.notification.store.tables import WebhookDeliveryRow
from services.notification.webhooks import Means
from tests.contract.blocking import ADA as ADMIN
from tests.integration.notification_house import SEALER, House, notification
from tests.parts.standard_webhooks import signatures, verified
from tests.parts.waiting import ended, eventually
from tests.parts.webhook import Reply
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged, Belonging
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
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


@pytest.fixture
async def hooks(any_database_url: str) -> AsyncIterator[Hooks]:
    current_principal.set(ADMIN)
    async with notification(any_database_url) as house, events(SEALER, LOOPBACK) as posting:
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


async def test_an_event_is_told_in_its_envelope_and_signed_once(hooks: Hooks) -> None:
    _, secret = await hooks.make("alert.created")
    for _ in range(2):
        await hooks.alert(changed())
    await hooks.alert(changed("COMMENTED", version=2))

    assert await hooks.told() == {"/1": ["alert.created"]}
    (request,) = hooks.house.posts.requests
    assert verified(request, secret, await hooks.now())
    assert signatures(request) == 1
    assert request.headers["webhook-id"] == "event:alert:7:1"
    body = json.loads(request.body)
    assert set(body) == {"type", "timestamp", "data"}
    assert body["timestamp"] == "2026-03-29T01:30:00.000Z"
    data = body["data"]
    assert (data["cause"], data["version"], data["episode"]) == ("RAISED", 1, 1)
    assert data["alert"]["summary"] == "disk full"
    assert data["alert"]["escalationPolicy"]["name"] == "policy 1"
    assert "belonging" not in data
    (row,) = await hooks.rows()
    assert (row.state, row.attempt, row.due_at) == ("SENT", 1, None)


async def test_each_hears_what_it_asked_for(hooks: Hooks) -> None:
    for told_of in (("*",), ("alert.*",), ("escalation.*",), ("notification.*",), ()):
        await hooks.make(*told_of)

    await hooks.alert(changed())
    await hooks.house.react(escalated(1))
    await hooks.house.page()  # of a run that nobody told of yet, to somebody with an address

    assert await hooks.told() == {
        "/1": ["alert.created", "escalation.stepped"],
        "/2": ["alert.created"],
        "/3": ["escalation.stepped"],
    }
    run = Escalation(id=9, key="alert:7:1", escalation_policy_id=1, version=1)
    run.subject.CopyFrom(Subject(kind="alert", id="7"))
    await hooks.house.react(EscalationChanged(escalation=run, cause="BEGUN"))
    hooks.turn(seconds=3)
    told = await hooks.told()
    assert told["/4"] == ["notification.scheduled"]
    assert told["/1"] == [
        "alert.created",
        "escalation.begun",
        "escalation.stepped",
        "notification.scheduled",
    ]


@pytest.mark.parametrize(
    ("belongs_to", "heard_by"),
    [
        ([], {"none", "ops", "secret", "both"}),
        ([OPS], {"none", "ops", "secret", "both"}),
        ([SECRET], {"secret"}),
        ([SECRET, OPS], {"none", "ops", "secret", "both"}),
        ([SECRET, OTHERS], {"secret"}),
        ([OTHERS], set()),
        ([99], set()),  # a team that nobody knows
    ],
)
async def test_an_alert_reaches_webhooks_that_see_it(
    hooks: Hooks, belongs_to: list[int], heard_by: set[str]
) -> None:
    """A webhook of two teams may be moved by members of either, so it hears what both see."""
    names = {"none": (), "ops": (OPS,), "secret": (SECRET,), "both": (OPS, SECRET)}
    for teams in names.values():
        await hooks.make("*", teams=teams)

    await hooks.alert(changed(teams=belongs_to))

    paths = {f"/{number}": name for number, name in enumerate(names, 1)}
    assert {paths[path] for path in await hooks.told()} == heard_by
    assert len(await hooks.rows()) == len(heard_by)


async def test_an_escalation_is_its_policys_and_its_alerts(hooks: Hooks) -> None:
    await hooks.make("escalation.*")
    await hooks.make("escalation.*", teams=(SECRET,))

    await hooks.house.react(escalated(2))
    assert await hooks.told() == {"/2": ["escalation.stepped"]}

    await hooks.alert(changed(teams=[OTHERS]))  # nobody here sees that, whatever the policy
    await hooks.house.react(escalated(1, kind="alert", id_="7"))
    assert await hooks.told() == {"/2": ["escalation.stepped"]}


async def test_what_nobody_has_said_whose_it_is_waits_until_somebody_does(hooks: Hooks) -> None:
    await hooks.make("escalation.*")
    await hooks.make("escalation.*", teams=(SECRET,))
    await hooks.house.react(escalated(1, kind="alert", id_="7"))

    assert await hooks.told() == {}
    await hooks.alert(changed(teams=[SECRET]))
    hooks.turn(seconds=3)
    assert await hooks.told() == {"/2": ["escalation.stepped"]}
    assert [row.webhook_id for row in await hooks.rows()] == [2]  # the other knows nothing of it


async def test_what_nobody_ever_says_is_given_up_loudly(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    await hooks.alert(changed(teams=None))  # by an older version

    assert await hooks.told() == {}
    hooks.turn(minutes=2)
    assert await hooks.told() == {}
    (row,) = await hooks.rows()
    assert (row.state, row.error) == ("FAILED", deliveries.NOBODY_KNOWS)
    assert len(await hooks.house.published(SuiteAlertRaised)) == 1


async def test_a_policy_of_a_private_team_goes_by_its_number(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    await hooks.make("alert.*", teams=(SECRET,))
    await hooks.alert(changed(policy=2))
    await hooks.told()

    policies = {
        request.path: json.loads(request.body)["data"]["alert"]["escalationPolicy"].get("name")
        for request in hooks.house.posts.requests
    }
    assert policies == {"/1": None, "/2": "policy 2"}


async def test_it_is_tried_for_two_days_whatever_is_answered(hooks: Hooks) -> None:
    id_, secret = await hooks.make("alert.*")
    replies = [410, 404, 301, 500, 429, 401]
    hooks.house.posts.replies.extend(Reply(status=status) for status in replies)
    await hooks.alert(changed())
    for status in replies:
        await hooks.courier.step()
        (row,) = await hooks.rows()
        assert (row.state, row.error[:8]) == ("RETRY", f"HTTP {status}")
        hooks.turn(hours=1)

    await hooks.courier.step()

    (row,) = await hooks.rows()
    assert (row.state, row.attempt) == ("SENT", len(replies) + 1)
    ids = {request.headers["webhook-id"] for request in hooks.house.posts.requests}
    assert ids == {"event:alert:7:1"}
    assert verified(hooks.house.posts.requests[-1], secret, await hooks.now())
    stands = (await hooks.house.db.read(webhook_store.standings, [id_]))[id_]
    assert stands.last_failure == "HTTP 401"
    assert stands.last_success_at is not None


async def test_what_is_given_up_is_told_once_a_day_and_can_be_tried_anew(hooks: Hooks) -> None:
    id_, _ = await hooks.make("alert.*")
    hooks.house.posts.reply = Reply(status=500)
    for alert_id in (7, 8):
        await hooks.alert(changed(id_=alert_id))
    await hooks.courier.step()
    hooks.turn(hours=48)
    await hooks.courier.step()

    first, second = await hooks.rows()
    assert {first.state, second.state} == {"FAILED"}
    assert first.error == "gave up after 48 hours: HTTP 500"
    (alert,) = await hooks.house.published(SuiteAlertRaised)
    assert alert.alert_key == f"notification:webhook-deliveries:{id_}"
    assert alert.summary == f"webhook {id_} (bot 1) was not told of an event"

    hooks.house.posts.reply = Reply()
    clock = hooks.house.clock
    await hooks.house.db.write(deliveries.retry, clock, id_, first.id)
    await hooks.courier.step()
    assert [row.state for row in await hooks.rows()] == ["SENT", "FAILED"]


async def test_it_waits_as_long_as_it_is_asked_to(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    hooks.house.posts.replies.append(Reply(status=503, headers={"Retry-After": "7200"}))
    await hooks.alert(changed())
    await hooks.courier.step()

    hooks.turn(minutes=119)
    assert await hooks.courier.step() == 0
    hooks.turn(minutes=2)
    assert await hooks.courier.step() == 1


async def test_of_too_many_the_oldest_is_given_up_loudly(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MOST_WAITING", 3)
    await hooks.make("alert.*")
    for alert_id in range(1, 6):
        await hooks.alert(changed(id_=alert_id))

    rows = await hooks.rows()
    assert [row.state for row in rows] == ["FAILED"] * 2 + ["PENDING"] * 3
    assert "too many newer events" in rows[0].error
    assert len(await hooks.house.published(SuiteAlertRaised)) == 1


async def test_what_ended_is_forgotten_after_a_while(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    await hooks.alert(changed())
    await hooks.courier.step()
    await hooks.alert(changed(id_=8))
    week = timedelta(days=7)

    await hooks.house.db.write(deliveries.forget_old, hooks.house.clock, week)
    assert len(await hooks.rows()) == 2
    hooks.turn(days=8)
    await hooks.house.db.write(deliveries.forget_old, hooks.house.clock, week)
    assert [row.event_id for row in await hooks.rows()] == ["event:alert:8:1"]  # it still waits


async def test_a_webhook_that_is_deleted_is_told_of_nothing(hooks: Hooks) -> None:
    id_, _ = await hooks.make("alert.*")
    await hooks.alert(changed())
    await hooks.house.db.write(webhooks.remove, Means(hooks.house.clock, SEALER), id_)

    assert await hooks.told() == {}
    assert await hooks.rows() == []


async def test_what_was_under_way_when_it_died_goes_out_again(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    await hooks.alert(changed())
    clock = hooks.house.clock
    taken = await hooks.house.db.write(deliveries.take, clock, {}, LANES, 4.0)
    assert [each.delivery.attempt for each in taken] == [1]

    assert await hooks.courier.step() == 0  # it is another's
    hooks.turn(seconds=5)
    assert await hooks.told() == {"/1": ["alert.created"]}
    late = taken[0].delivery
    await hooks.house.db.write(deliveries.record, clock, late, Retry("too late"), 0.5)
    (row,) = await hooks.rows()
    assert (row.state, row.attempt) == (State.SENT, 2)


async def test_one_that_hangs_keeps_nobody_waiting_but_itself(hooks: Hooks) -> None:
    """Measured by order: what hangs is let go only when everybody else has been told."""
    released = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    slow, _ = await hooks.make("alert.*", url=f"http://127.0.0.1:{port}/")
    await hooks.make("alert.*")
    for alert_id in range(20):
        await hooks.alert(changed(id_=alert_id + 1))
    running = asyncio.create_task(hooks.courier.run())
    try:
        await eventually(lambda: len(hooks.house.posts.requests) == 20)
        waiting = await hooks.house.db.read(store.waiting, [slow])
        assert waiting == {slow: 20}
    finally:
        released.set()
        await ended(running)
        server.close()
        await server.wait_closed()
