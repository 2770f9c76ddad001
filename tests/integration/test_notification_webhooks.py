"""Webhooks that are called: signed, retried, told of the end; and where no call goes."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from services.chassis.addresses import networks
from services.chassis.migrations import configuration, migrate
from services.chassis.principal import current_principal
from services.notification import webhooks
from services.notification.channels.webhook import webhook as channel
from services.notification.domain.values import (
    Failed,
    Intent,
    Kind,
    Method,
    Notification,
    Page,
    Retry,
    Sent,
    State,
)
from services.notification.domain.webhooks import Wanted
from services.notification.store import notifications
from services.notification.webhooks import Means
from tests.contract.blocking import ADA as ADMIN
from tests.integration.notification_house import (
    KEY,
    OVER,
    SEALER,
    House,
    notification,
)
from tests.parts.ports import free_port
from tests.parts.webhook import Reply, Request, webhook_sink
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged

LOOPBACK = networks("127.0.0.0/8")
NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
INTENT = Intent(
    escalation_key=KEY,
    cycle=0,
    level=1,
    user_id=1,
    level_count=1,
    subject_kind="alert",
    subject_id="7",
    episode=1,
    title="disk full",
    details="",
    links=(),
    priority="HIGH",
    request_time=NOW,
    next_step_time=None,
    accept_time=None,
)


def posting(url: str) -> Page:
    """A page to a contact of a person's."""
    message = Notification(
        id=1,
        key=f"{KEY}:0:1:1:1",
        kind=Kind.PAGE,
        escalation_key=KEY,
        cycle=0,
        level=1,
        user_id=1,
        method="WEBHOOK",
        target=url,
        headline="disk full",
        subject_kind="alert",
        subject_id="7",
        state=State.SENDING,
        at=NOW,
        expires_at=NOW,
    )
    return Page(notification=message, intent=INTENT, user_name="Ada", attempt_time=NOW)


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    current_principal.set(ADMIN)
    async with notification(any_database_url) as house:
        yield house


async def make(house: House, path: str = "/hook", name: str = "bot") -> tuple[int, str]:
    """Makes a webhook at the sink; returns its id and its secret."""
    wanted = Wanted(name=name, url=f"{house.posts.url}{path}")
    made, secret = await house.db.write(webhooks.create, Means(house.clock, SEALER), wanted)
    return made.id, secret


async def call(house: House, *ids: int, **more: Any) -> None:
    """Has webhooks called, and sends what is due."""
    await house.page(user_ids=[], webhook_ids=ids, **more)
    await house.deliverer.step()


def bodies(house: House) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in house.posts.requests]


def is_signed(request: Request, secret: str) -> bool:
    """Verifies as a receiver would, by the standard's own words."""
    headers = request.headers
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(secret.split("_", 1)[1])
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


async def test_a_webhook_is_called_and_signs(house: House) -> None:
    id_, secret = await make(house)

    await call(house, id_, id_)

    (request,) = house.posts.requests
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["webhook-id"] == "alert:7:1:0:1:webhook:1"
    assert abs(int(request.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    assert is_signed(request, secret)
    (body,) = bodies(house)
    assert (body["type"], body["id"]) == ("page", "alert:7:1:0:1:webhook:1")
    assert body["webhook"] == {"id": id_, "name": "bot"}
    assert (body["user"], body["level"], body["levelCount"]) == (None, 1, 2)
    assert body["subject"]["title"] == "disk full"
    assert body["acceptUrl"] == "http://edge/api/alerts/7/accept"
    assert (body["reason"], body["endedBy"]) == (None, "")


async def test_the_same_page_calls_once(house: House) -> None:
    id_, _ = await make(house)

    for _ in range(2):
        await call(house, id_)
    await call(house, id_, level=2)

    assert [body["level"] for body in bodies(house)] == [1, 2]


async def test_people_and_webhooks_are_told_side_by_side(house: House) -> None:
    id_, secret = await make(house)
    await house.reach(Method.WEBHOOK, f"{house.posts.url}/ada")
    await house.page(webhook_ids=[id_])
    await house.deliverer.step()

    by_path = {request.path: request for request in house.posts.requests}
    assert sorted(by_path) == ["/ada", "/hook"]
    assert is_signed(by_path["/hook"], secret)
    assert "webhook-signature" not in by_path["/ada"].headers
    ours = json.loads(by_path["/ada"].body)
    assert (ours["user"]["name"], ours["webhook"]) == ("Ada Lovelace", None)


async def test_a_call_that_fails_is_made_again_under_its_id(house: House) -> None:
    house.posts.replies.append(Reply(status=500))
    id_, secret = await make(house)
    await call(house, id_)
    assert await house.states() == [State.RETRY]

    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    first, second = house.posts.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert is_signed(second, secret)
    assert await house.states() == [State.SENT]


async def test_while_two_secrets_are_in_use_both_sign(house: House) -> None:
    id_, old = await make(house)
    means = Means(house.clock, SEALER)
    _, new = await house.db.write(webhooks.rotate, means, id_, timedelta(hours=1))

    await call(house, id_)
    house.clock.turn(timedelta(hours=1, seconds=1))
    await call(house, id_, level=2)

    during, after = house.posts.requests
    assert is_signed(during, old)
    assert is_signed(during, new)
    assert not is_signed(after, old)
    assert is_signed(after, new)


async def test_what_waits_goes_to_where_the_webhook_is_then(house: House) -> None:
    house.posts.replies.append(Reply(status=500))
    id_, _ = await make(house)
    await call(house, id_)
    moved = Wanted(name="robot", url=f"{house.posts.url}/elsewhere")
    await house.db.write(webhooks.change, Means(house.clock, SEALER), id_, moved)

    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    assert [request.path for request in house.posts.requests] == ["/hook", "/elsewhere"]


@pytest.mark.parametrize(
    ("state", "reason"),
    [(Escalation.ACKNOWLEDGED, "accepted"), (Escalation.STOPPED, "stopped")],
)
async def test_who_was_called_is_told_of_the_end_once(
    house: House, state: Any, reason: str
) -> None:
    id_, secret = await make(house)
    await call(house, id_)
    await call(house, id_, level=2)

    await house.end(state)
    await house.end(state)
    await house.deliverer.step()

    *_, request = house.posts.requests
    ended = bodies(house)[2:]
    assert [(e["type"], e["reason"], e["endedBy"]) for e in ended] == [
        ("stand_down", reason, "Bob")
    ]
    assert (ended[0]["escalationKey"], ended[0]["acceptUrl"]) == (KEY, None)
    assert ended[0]["id"] == "alert:7:1:stand-down:webhook:1"
    assert is_signed(request, secret)


async def test_who_was_not_called_hears_nothing(house: House) -> None:
    id_, _ = await make(house)
    await house.page(user_ids=[], webhook_ids=[id_])

    await house.end()
    await house.deliverer.step()

    assert house.posts.requests == []
    assert await house.states() == [State.SUPPRESSED]


async def test_a_call_is_not_made_when_the_owner_says_that_it_is_over(house: House) -> None:
    house.owner.state = OVER
    id_, _ = await make(house)

    await call(house, id_)

    assert house.posts.requests == []
    assert await house.states() == [State.SUPPRESSED]


async def test_a_webhook_that_was_deleted_is_told_to_those_who_run_tocsin(house: House) -> None:
    id_, _ = await make(house)
    await house.page(user_ids=[], webhook_ids=[id_])
    await house.db.write(webhooks.remove, Means(house.clock, SEALER), id_)
    await house.deliverer.step()

    (told,) = await house.told()
    assert (told.state, told.error) == (State.FAILED, "the webhook was deleted")
    (alert,) = await house.published(SuiteAlertRaised)
    assert alert.alert_key == "notification:unreachable:webhook:1"
    assert alert.summary == "webhook 1 (bot) could not be called"


async def test_a_secret_that_cannot_be_opened_now_is_tried_again(house: House) -> None:
    id_, _ = await make(house)
    lost = text("UPDATE webhook SET sealed_secret = sealed_url")
    await house.db.write(lambda c: c.execute(lost).rowcount)

    await call(house, id_)

    assert await house.states() == [State.RETRY]
    assert house.posts.requests == []


async def test_others_hear_of_a_webhook_by_its_name(house: House) -> None:
    id_, secret = await make(house, "/very-secret")
    await call(house, id_)

    heard = await house.published(NotificationChanged)
    last = heard[-1].notification
    assert (last.webhook.id, last.webhook.name, last.target) == (id_, "bot", "bot")
    assert not last.HasField("user")
    for hidden in ("very-secret", secret):
        assert hidden not in repr(heard) + repr(await house.told())


async def test_calls_go_where_they_may_only() -> None:
    """Whatever a URL looked like: what counts is where the connection would go."""
    async with webhook_sink() as sink:
        port = sink.url.rpartition(":")[2]
        hosts = ["127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"]
        async with channel("http://edge", SEALER, ()) as guarded:
            for host in hosts:
                outcome = await guarded.send(posting(f"http://{host}:{port}/secret"))
                assert isinstance(outcome, Failed), host
                assert "where this deployment calls nobody" in outcome.why
                assert "secret" not in outcome.why
        assert sink.requests == []
        async with channel("http://edge", SEALER, LOOPBACK) as open_:
            assert await open_.send(posting(f"http://127.0.0.1:{port}/")) == Sent()
        assert len(sink.requests) == 1


async def test_a_redirect_leads_nowhere() -> None:
    async with webhook_sink() as sink:
        sink.reply = Reply(status=307, headers={"Location": f"{sink.url}/elsewhere"})
        async with channel("http://edge", SEALER, LOOPBACK) as open_:
            outcome = await open_.send(posting(sink.url))
    assert outcome == Failed("HTTP 307: redirects are not followed")
    assert len(sink.requests) == 1


async def test_a_name_that_means_nothing_is_asked_for_again() -> None:
    async with channel("http://edge", SEALER, LOOPBACK) as open_:
        unknown = await open_.send(posting("http://nowhere.invalid/"))
        closed = await open_.send(posting(f"http://127.0.0.1:{free_port()}/"))
    for outcome in (unknown, closed):
        assert outcome == Retry("cannot connect: ConnectError")


def test_what_was_paged_before_there_were_webhooks_is_kept(any_database_url: str) -> None:
    migrate(any_database_url, "notification")
    engine = create_engine(any_database_url)
    key = (KEY, 0, 1, 1, 0)
    with engine.begin() as connection:
        config = configuration("notification")
        config.attributes["connection"] = connection
        notifications.add_intent(connection, INTENT)
        notifications.add_intent(connection, replace(INTENT, user_id=0, webhook_id=5))
        notifications.add(connection, posting("http://x").notification)
        to_webhook = replace(posting("bot").notification, id=2, key="w", webhook_id=5)
        notifications.add(connection, to_webhook)
        command.downgrade(config, "notification_0001")
        told = connection.execute(text("SELECT user_id FROM intent")).scalars().all()
        sent = connection.execute(text("SELECT id FROM notification")).scalars().all()
        command.upgrade(config, "notification@head")
        assert (told, sent) == ([1], [1])
        assert notifications.intents(connection, [key]) == {key: INTENT}
        kept = replace(posting("http://x").notification, contact_id=1)  # as its key says
        assert notifications.about(connection, "alert", "7") == [kept]
    engine.dispose()
