"""What callers of WebhookService are answered, and what Escalation makes of webhooks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from sqlalchemy import Connection, select

from services.chassis import facts
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.principal import Principal
from services.chassis.sealing import Sealer
from services.chassis.tables import AuditRow, OutboxRow
from services.notification import consumer
from services.notification.domain.values import WAYS
from services.notification.servicer import NotificationServicer
from services.notification.store import webhooks as store
from services.notification.webhook_servicer import WebhookServicer
from services.notification.webhooks import Means, secret_context, url_context
from tests.contract.alertstate_house import Copies
from tests.contract.blocking import ADA, Answer, Calls, InTeam
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested, TeamChanged
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule, WebhookReference
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.notification.v1 import notification_service_pb2 as notification_calls
from tocsin.notification.v1 import webhook_service_pb2 as pb
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged, WebhookChanged
from tocsin.notification.v1.webhook_pb2 import Webhook

OUTBOX = OutboxRow.__table__
OK = grpc.StatusCode.OK
INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
EXISTS = grpc.StatusCode.ALREADY_EXISTS
WRONG_STATE = grpc.StatusCode.FAILED_PRECONDITION
FORBIDDEN = grpc.StatusCode.PERMISSION_DENIED
URL = "https://hooks.example.com/T0/very-secret"
MASKED = "https://hooks.example.com/…"
OPS, SECRET = Team(id=1, name="Ops"), Team(id=2, name="Secret", visibility="PRIVATE")
WRITER = Principal(
    kind="TOKEN", id="writes", name="w", scopes=frozenset({"config:read", "config:write"})
)
READER = replace(WRITER, id="reads", scopes=frozenset({"config:read"}))
SEALER = Sealer({"k1": b"k" * 32})
#: Events go nowhere from here.
NOBODY: Any = None


@dataclass
class House:
    """Notification without its doors."""

    db: Database
    sealer: Sealer = SEALER

    async def call(self, method: str, request: Message, who: Principal = ADA) -> Answer:
        copies: Any = Copies(self.db)
        servicer = WebhookServicer(self.db, Means(Clock(), self.sealer), copies, (), NOBODY)
        service = pb.DESCRIPTOR.services_by_name["WebhookService"]
        return await Calls(service, servicer, who)(method, request)

    async def make(self, name: str = "bot", who: Principal = ADA, **more: Any) -> Answer:
        webhook = Webhook(**{"name": name, "url": URL} | more)
        return await self.call("CreateWebhook", pb.CreateWebhookRequest(webhook=webhook), who)

    async def get(self, who: Principal = ADA, id_: int = 1) -> Answer:
        return await self.call("GetWebhook", pb.GetWebhookRequest(id=id_), who)

    async def change(self, who: Principal = ADA, **fields: Any) -> Answer:
        request = pb.UpdateWebhookRequest(id=1, webhook=Webhook(**fields))
        return await self.call("UpdateWebhook", request, who)

    async def delete(self, who: Principal = ADA) -> Answer:
        return await self.call("DeleteWebhook", pb.DeleteWebhookRequest(id=1), who)

    async def names(self, who: Principal = ADA, **page: Any) -> list[str]:
        listed = await self.call("ListWebhooks", pb.ListWebhooksRequest(**page), who)
        return [each.name for each in listed.reply.webhooks]

    async def rotate(self, overlap: int | None = None) -> Answer:
        rotation = pb.RotateWebhookSecretRequest.Rotation(overlap_seconds=overlap)
        request = pb.RotateWebhookSecretRequest(id=1, rotation=rotation)
        return await self.call("RotateWebhookSecret", request)

    async def secrets(self, later: timedelta = timedelta()) -> list[str]:
        """Returns what signs, the newest first."""
        now = datetime.now(UTC) + later
        hook = (await self.db.read(store.hooks, [1], now))[1]
        return [SEALER.open(sealed, secret_context(1)) for sealed in hook.sealed_secrets]

    async def rows(self, table: Any, *columns: str) -> list[tuple[Any, ...]]:
        query = select(*(table.c[name] for name in columns)).order_by(table.c.id)
        return [tuple(row) for row in await self.db.read(lambda c: c.execute(query).all())]

    async def policy(self, id_: int, *webhook_ids: int) -> None:
        """Has Notification know of a policy that calls webhooks."""
        rule = EscalationRule(webhooks=[WebhookReference(id=each) for each in webhook_ids])
        told = EscalationPolicy(id=id_, name="Night", escalation_rules=[rule])
        await self.db.write(facts.publish, "policy", id_, told)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    async with database(url, "notification") as opened:
        for team in (OPS, SECRET):
            await opened.write(facts.publish, "team", team.id, team)
        yield House(opened)


async def test_a_webhook_is_made_and_shown_and_removed(house: House) -> None:
    made = await house.make(" Bot ", teams=[OPS])
    shown = await house.get()
    by_name = pb.GetWebhookByNameRequest(name="bOT")
    found = await house.call("GetWebhookByName", by_name)
    removed = await house.delete()

    assert (made.code, shown.code, found.code, removed.code) == (OK, OK, OK, OK)
    assert (made.reply.id, made.reply.name, made.reply.url) == (1, "Bot", URL)
    assert [(team.id, team.name) for team in made.reply.teams] == [(1, "Ops")]
    assert made.reply.HasField("create_time")
    made.reply.ClearField("secret")
    assert shown.reply == found.reply == made.reply
    assert (await house.get()).code is NOT_FOUND
    assert (await house.call("GetWebhookByName", by_name)).code is NOT_FOUND


async def test_a_secret_is_shown_once(house: House) -> None:
    made = await house.make()
    changed = await house.change(name="other")
    shown = await house.get()
    rotated = await house.rotate()

    assert made.reply.secret.startswith("whsec_")
    assert not changed.reply.HasField("secret")
    assert not shown.reply.HasField("secret")
    assert rotated.reply.secret.startswith("whsec_")
    assert rotated.reply.secret != made.reply.secret


async def test_both_secrets_sign_until_the_overlap_is_over(house: House) -> None:
    first = (await house.make()).reply.secret
    second = (await house.rotate()).reply.secret

    assert await house.secrets() == [second, first]
    assert await house.secrets(timedelta(seconds=3601)) == [second]

    third = (await house.rotate(0)).reply.secret
    assert await house.secrets() == [third]
    for overlap in (-1, 604_801):
        assert (await house.rotate(overlap)).code is INVALID


async def test_a_url_is_whole_for_those_only_who_may_change_it(house: House) -> None:
    await house.make(teams=[OPS])
    member = replace(WRITER, teams=frozenset({1}), changes=frozenset({1}))
    member_who_reads = replace(member, scopes=READER.scopes)

    urls = {who: (await house.get(who)).reply.url for who in (member, member_who_reads, WRITER)}

    assert urls == {member: URL, member_who_reads: MASKED, WRITER: MASKED}
    listed = await house.call("ListWebhooks", pb.ListWebhooksRequest())
    assert [each.url for each in listed.reply.webhooks] == [MASKED]


async def test_nothing_secret_is_stored_or_told_as_it_is(house: House, tmp_path: Path) -> None:
    secret = (await house.make()).reply.secret
    await house.change(name="bot", url=f"{URL}-too")
    await house.rotate()

    told = await house.rows(OutboxRow.__table__, "payload")
    written = await house.rows(AuditRow.__table__, "action", "before", "after")
    stored = _stored(tmp_path)
    for hidden in ("very-secret", secret.removeprefix("whsec_")):
        assert hidden not in repr(told) + repr(written)
        assert hidden.encode() not in stored
    assert [row[0] for row in written] == [
        "webhook.create",
        "webhook.update_url",
        "webhook.rotate_secret",
    ]


def _stored(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("notification.db*"))


async def test_others_hear_of_the_name_and_the_teams(house: House) -> None:
    await house.make(teams=[OPS])
    await house.change(name="robot")
    await house.change(name="robot")  # which it is already
    await house.delete()

    (payloads,) = zip(*await house.rows(OutboxRow.__table__, "payload"), strict=True)
    heard = [WebhookChanged.FromString(payload) for payload in payloads]
    assert [(e.webhook.name, e.version, e.deleted) for e in heard] == [
        ("bot", 1, False),
        ("robot", 2, False),
        ("robot", 3, True),
    ]
    assert heard[0].webhook == Webhook(id=1, name="bot", teams=[Team(id=1)])
    assert not heard[1].webhook.teams


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": ""}, INVALID),
        ({"name": "a\tb"}, INVALID),
        ({"url": ""}, INVALID),
        ({"url": MASKED}, INVALID),
        ({"url": "https://127.0.0.1/x"}, INVALID),
        ({"teams": [Team(id=9)]}, INVALID),
        ({"name": "TAKEN"}, EXISTS),
    ],
)
async def test_a_webhook_that_cannot_be_is_refused(
    house: House, wrong: dict[str, Any], code: grpc.StatusCode
) -> None:
    await house.make("taken")

    refused = await house.make(**wrong)

    assert refused.code is code
    assert await house.names() == ["taken"]


async def test_a_webhook_keeps_its_url_if_none_is_said(house: House) -> None:
    await house.make()

    assert (await house.change(name="other")).reply.url == URL
    assert (await house.change(name="other", url="https://example.org/2")).reply.url.endswith("/2")
    assert (await house.call("ListWebhooks", pb.ListWebhooksRequest())).reply.webhooks[
        0
    ].url == "https://example.org/…"


async def test_a_webhook_keeps_its_name_and_takes_no_others(house: House) -> None:
    await house.make()
    await house.make("other")

    assert (await house.change(name="BOT")).code is OK
    assert (await house.change(name="Other")).code is EXISTS


async def test_a_url_that_cannot_be_opened_does_not_hide_the_webhook(house: House) -> None:
    await house.make()
    lost = House(house.db, Sealer({"k2": b"q" * 32}))

    assert (await lost.get()).reply.url == MASKED
    assert (await lost.change(name="bot", url=URL)).reply.url == URL
    sealed = await house.db.read(store.sealed_url, 1)
    assert lost.sealer.open(sealed, url_context(1)) == URL


async def test_a_webhook_in_use_is_not_deleted(house: House) -> None:
    await house.make()
    await house.policy(4, 1)
    await house.policy(5, 2)

    refused = await house.delete()
    assert refused.code is WRONG_STATE
    assert refused.details == "webhook 1 is in use by escalation policy 4 (Night)"

    await house.policy(4)
    assert (await house.delete()).code is OK


async def test_pages_of_webhooks(house: House) -> None:
    for name in ("a", "b", "c"):
        await house.make(name, teams=[OPS] if name == "b" else [])

    assert await house.names() == ["a", "b", "c"]
    assert await house.names(start_index=1, max_results=1) == ["b"]
    for wrong in ({"start_index": -1}, {"max_results": 51}):
        refused = await house.call("ListWebhooks", pb.ListWebhooksRequest(**wrong))
        assert refused.code is INVALID


async def test_webhooks_of_a_team(house: House) -> None:
    await house.make("a")
    await house.make("b", teams=[OPS])
    copies: Any = Copies(house.db)
    servicer = WebhookServicer(house.db, Means(Clock(), SEALER), copies, (), NOBODY)
    calls = Calls(pb.DESCRIPTOR.services_by_name["WebhookService"], InTeam(servicer, 1), ADA)

    listed = (await calls("ListWebhooks", pb.ListWebhooksRequest())).reply

    assert [each.name for each in listed.webhooks] == ["b"]


async def test_what_is_a_private_teams_is_for_its_members(house: House) -> None:
    await house.make(teams=[SECRET])
    outsider = replace(WRITER, hidden=frozenset({2}))
    member = replace(WRITER, teams=frozenset({2}), changes=frozenset({2}))

    by_name = pb.GetWebhookByNameRequest(name="bot")
    assert (await house.get(outsider)).code is NOT_FOUND
    assert (await house.call("GetWebhookByName", by_name, outsider)).code is NOT_FOUND
    assert (await house.change(outsider, name="mine")).code is NOT_FOUND
    assert (await house.delete(outsider)).code is NOT_FOUND
    assert await house.names(outsider) == []
    assert await house.names(member) == ["bot"]
    assert (await house.make("x", outsider, teams=[SECRET])).code is FORBIDDEN


async def test_a_team_that_is_gone_is_left(house: House) -> None:
    await house.make(teams=[OPS, SECRET])
    gone = TeamChanged(team=OPS, version=2, deleted=True)
    react = consumer.reactions(WAYS)[TeamChanged.DESCRIPTOR.full_name]

    await house.db.write(lambda c: react(c, Clock().now(c), gone.SerializeToString()))

    assert [team.id for team in (await house.get()).reply.teams] == [2]


async def test_a_hidden_webhook_is_an_id_in_the_notifications(house: House) -> None:
    await house.make(teams=[SECRET])
    event = PageRequested(
        escalation_key="deploy:42:1",
        subject=Subject(kind="deploy", id="42", title="waits"),
        level=1,
        level_count=1,
        webhook_ids=[1, 1],
    )
    paged = consumer.reactions(WAYS)[PageRequested.DESCRIPTOR.full_name]

    def page(connection: Connection) -> None:
        for _ in range(2):
            paged(connection, Clock().now(connection), event.SerializeToString())

    await house.db.write(page)
    changes = select(OUTBOX.c.payload).where(
        OUTBOX.c.type == NotificationChanged.DESCRIPTOR.full_name
    )
    (payload,) = await house.db.read(lambda c: c.execute(changes).scalars().all())
    heard = NotificationChanged.FromString(payload).notification  # which logs of alerts tell
    assert (heard.webhook.id, heard.webhook.name, heard.target) == (1, "", "")

    async def told(who: Principal) -> Any:
        async def every(keys: Any) -> Any:
            return keys

        async def known(alert_id: int) -> bool:
            return True

        service = notification_calls.DESCRIPTOR.services_by_name["NotificationService"]
        calls = Calls(service, NotificationServicer(house.db, known, every), who)
        asked = notification_calls.ListSubjectNotificationsRequest(kind="deploy", subject_id="42")
        (found,) = (await calls("ListSubjectNotifications", asked)).reply.notifications
        return found

    shown, hidden = await told(ADA), await told(replace(READER, hidden=frozenset({2})))
    assert (shown.method, shown.target, shown.webhook.name) == (3, "bot", "bot")
    assert not shown.HasField("user")
    assert (hidden.webhook.id, hidden.webhook.name, hidden.target) == (1, "", "")
    await house.delete()
    hidden = await told(replace(READER, hidden=frozenset({2})))
    assert (hidden.webhook.id, hidden.webhook.name, hidden.target) == (1, "", "")
