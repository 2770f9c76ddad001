"""From a page that is requested to a person who is told, by every way and past every fault."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from typing import Any, TypeVar

import grpc.aio
import httpx
import pytest
from google.protobuf.message import Message
from pydantic import ValidationError
from sqlalchemy import Connection, select, update

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database, database
from services.chassis.errors import Unavailable
from services.chassis.migrations import migrate
from services.chassis.tables import OutboxRow
from services.notification import claims, consumer
from services.notification.channels.channel import Channel
from services.notification.channels.email import Email
from services.notification.channels.terminal import Terminal
from services.notification.channels.webhook import Webhook
from services.notification.config import Config
from services.notification.deliver import PAGE_LATENCY, Deliverer
from services.notification.domain.values import Kind, Method, Notification, Sent, State
from services.notification.peers import Subjects
from services.notification.store import contacts, notifications
from services.notification.store.tables import NotificationRow
from tests.parts.ports import free_port
from tests.parts.smtp import Manner, SmtpSink, smtp_sink
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply, WebhookSink, webhook_sink
from tocsin.chassis.internal.v1 import subject_service_pb2 as subjects_pb
from tocsin.chassis.internal.v1 import subject_service_pb2_grpc as subjects_rpc
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.edge.v1.content_pb2 import Link
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationChanged,
    PageRequested,
    UserChanged,
)
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged
from tocsin.notification.v1.notification_pb2 import Notification as Told

M = TypeVar("M", bound=Message)

ADA = User(id=1, first_name="Ada", last_name="Lovelace", email="ada@example.com")
KEY = "alert:7:1"
OVER = subjects_pb.CheckSubjectsResponse.State.OVER
PENDING = subjects_pb.CheckSubjectsResponse.State.PENDING
ACKNOWLEDGED = Escalation.State.ACKNOWLEDGED


@dataclass
class Owner(subjects_rpc.SubjectServiceServicer):
    """AlertState and Escalation, as far as they are asked whether a page is still wanted."""

    state: Any = PENDING
    delay: float = 0.0
    asked: list[subjects_pb.CheckSubjectsRequest] = field(default_factory=list)

    async def CheckSubjects(
        self, request: subjects_pb.CheckSubjectsRequest, context: Context
    ) -> subjects_pb.CheckSubjectsResponse:
        self.asked.append(request)
        await asyncio.sleep(self.delay)
        return subjects_pb.CheckSubjectsResponse(states=[self.state] * len(request.subjects))


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
    take_mails: bool = True

    async def react(self, event: Message) -> None:
        """Reacts to an event of Escalation's."""
        reaction = consumer.reactions(mails=self.take_mails)[event.DESCRIPTOR.full_name]
        payload = event.SerializeToString()
        await self.db.write(lambda c: reaction(c, self.clock.now(c), payload))

    async def reach(self, method: Method, target: str = "", user_id: int = 1) -> None:
        """Gives a person a contact."""
        await self.db.write(lambda c: contacts.add(c, user_id, method, target, self.clock.now(c)))

    async def page(self, **more: Any) -> None:
        """Requests a page."""
        await self.react(page(await self.db.read(self.clock.now), **more))

    async def end(self, state: Any = ACKNOWLEDGED) -> None:
        """Ends the run."""
        await self.react(ending(state))

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


def ending(state: Any, key: str = KEY) -> EscalationChanged:
    by = Actor(kind=Actor.Kind.USER, user_id=2, name="Bob")
    run = Escalation(id=1, key=key, state=state, ended_by=by)
    return EscalationChanged(escalation=run, cause=EscalationChanged.Cause.ENDED, actor=by)


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    migrate(any_database_url, "notification")
    owner = Owner()
    server = grpc.aio.server()
    subjects_rpc.add_SubjectServiceServicer_to_server(owner, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with (
        database(any_database_url, "notification") as db,
        smtp_sink() as mails,
        webhook_sink() as posts,
        httpx.AsyncClient(trust_env=False, timeout=10) as client,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        await channel.channel_ready()
        clock, output = Clock(), StringIO()
        config = Config(database_url="", nats_url="", listen="", claim_seconds=4)
        channels: dict[str, Channel] = {
            "TERMINAL": Terminal(output),
            "EMAIL": Email(
                f"smtp://127.0.0.1:{mails.port}", "Tocsin <tocsin@example.com>", "http://edge"
            ),
            "WEBHOOK": Webhook(client, "http://edge"),
        }
        subjects = Subjects(channel, channel)
        deliverer, replica = (Deliverer(db, clock, config, subjects, channels) for _ in range(2))
        made = House(db, clock, owner, mails, posts, output, deliverer, replica)
        await made.react(UserChanged(user=ADA, version=1))
        yield made
    await server.stop(None)


async def test_a_page_reaches_a_person_by_every_way(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.reach(Method.WEBHOOK, f"{house.posts.url}/page?key=secret")
    observed = PAGE_LATENCY.labels("HIGH")._sum.get()
    await house.page()

    assert await house.deliverer.step() == 3

    assert await house.states() == [State.SENT] * 3
    (line,) = house.lines()
    assert (line["terminal"], line["user"], line["title"]) == ("page", "Ada Lovelace", "disk full")
    assert (line["level"], line["level_count"], line["priority"]) == (1, 2, "HIGH")
    assert line["next_step_time"].endswith("Z")
    assert "\x07" not in house.output.getvalue()
    (mail,) = house.mails.mails
    assert mail.recipients == ("ada@example.com",)
    assert mail.message["Subject"] == "[tocsin] disk full"
    body = mail.message.get_content()
    assert "It is full." in body
    assert "curl -X PUT" in body
    assert "http://edge/api/alerts/7/accept" in body
    (post,) = house.posts.requests
    told = json.loads(post.body)
    assert post.path == "/page?key=secret"
    assert (told["type"], told["text"], told["possibleRepeat"]) == ("page", "disk full", False)
    assert post.headers["webhook-id"] == post.headers["idempotency-key"] == "alert:7:1:0:1:1:3"
    assert int(post.headers["webhook-timestamp"]) > 0
    assert PAGE_LATENCY.labels("HIGH")._sum.get() >= observed + 3
    assert len(house.owner.asked) == 1


async def test_what_becomes_of_a_page_is_told(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.deliverer.step()

    scheduled, sent = await house.published(NotificationChanged)

    assert scheduled.notification.status == Told.Status.SCHEDULED
    assert sent.notification.status == Told.Status.SUCCESS
    assert (sent.escalation_key, sent.subject_kind, sent.subject_id) == (KEY, "alert", "7")
    assert (sent.attempt, scheduled.version, sent.version) == (1, 1, 3)
    assert sent.notification.user.firstname == "Ada"


async def test_a_page_that_is_told_twice_is_one(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.page()
    await house.page(cycle=1)

    assert len(await house.told()) == 2


async def test_a_provider_that_fails_is_tried_again(house: House) -> None:
    house.posts.replies.append(Reply(status=500))
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()

    await house.deliverer.step()
    assert await house.states() == [State.RETRY]
    assert await house.deliverer.step() == 0
    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    assert await house.states() == [State.SENT]
    first, second = house.posts.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert json.loads(second.body)["text"] == "disk full"  # a clear refusal makes no repeat


async def test_a_provider_says_when_to_try_again(house: House) -> None:
    house.posts.replies.append(Reply(status=429, headers={"Retry-After": "120"}))
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.deliverer.step()

    house.clock.turn(timedelta(seconds=110))
    assert await house.deliverer.step() == 0
    house.clock.turn(timedelta(seconds=11))
    assert await house.deliverer.step() == 1

    assert await house.states() == [State.SENT]


async def test_a_provider_that_refuses_for_good_is_not_tried_again(house: House) -> None:
    house.posts.reply = Reply(status=404)
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.deliverer.step()

    (told,) = await house.told()
    assert (told.state, told.error) == (State.FAILED, "HTTP 404")
    (alert,) = await house.published(SuiteAlertRaised)
    assert alert.alert_key == "notification:unreachable:1"


async def test_a_redirect_is_not_followed(house: House) -> None:
    house.posts.reply = Reply(status=302, headers={"Location": f"{house.posts.url}/elsewhere"})
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.deliverer.step()

    assert await house.states() == [State.FAILED]
    assert len(house.posts.requests) == 1


async def test_one_way_that_fails_alarms_nobody_while_another_works(house: House) -> None:
    house.posts.reply = Reply(status=404)
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.deliverer.step()

    assert sorted(await house.states()) == [State.FAILED, State.SENT]
    assert await house.published(SuiteAlertRaised) == []


async def test_a_page_that_nobody_takes_for_hours_is_given_up(house: House) -> None:
    await house.reach(Method.WEBHOOK, f"http://127.0.0.1:{free_port()}")
    await house.page()
    await house.deliverer.step()
    assert await house.states() == [State.RETRY]

    house.clock.turn(timedelta(hours=4))
    await house.deliverer.step()

    (told,) = await house.told()
    assert (told.state, told.error) == (State.EXPIRED, "cannot connect: ConnectError")
    assert len(await house.published(SuiteAlertRaised)) == 1


async def test_a_mail_server_that_is_busy_is_tried_again(house: House) -> None:
    house.mails.manner = Manner.REFUSE_FOR_NOW
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.page()
    await house.deliverer.step()
    assert await house.states() == [State.RETRY]

    house.mails.manner = Manner.ACCEPT
    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    assert await house.states() == [State.SENT]


async def test_a_mail_server_that_refuses_for_good_is_believed(house: House) -> None:
    house.mails.manner = Manner.REFUSE_FOR_GOOD
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.page()
    await house.deliverer.step()

    (told,) = await house.told()
    assert (told.state, told.error) == (
        State.FAILED,
        "SMTP 550: 5.1.1 nobody of that name",
    )


async def test_a_mail_whose_reply_is_lost_may_come_twice_and_says_so(house: House) -> None:
    house.mails.manner = Manner.DROP_REPLY
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.page()
    await house.deliverer.step()
    house.mails.manner = Manner.ACCEPT
    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    first, second = house.mails.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert second.message["Subject"] == "[tocsin] disk full (possible repeat)"


async def test_a_provider_that_hangs_costs_a_retry(house: House) -> None:
    house.posts.replies.append(Reply(delay=30))
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()

    await house.deliverer.step()

    (told,) = await house.told()
    assert (told.state, told.error) == (State.RETRY, "no answer within 2 s")
    assert told.possible_repeat


async def test_a_channel_that_breaks_costs_a_retry(house: House) -> None:
    await house.reach(Method.TERMINAL)
    house.output.close()  # writing to it raises what no channel expects
    await house.page()

    await house.deliverer.step()

    assert await house.states() == [State.RETRY]


async def test_a_title_cannot_smuggle_a_header(house: House) -> None:
    title = "disk\r\nBcc: bob@example.com\r\n\r\nfull\x00"
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.reach(Method.WEBHOOK, house.posts.url)
    subject = Subject(kind="dëploy", id="a\r\nb", title=title)
    await house.page(escalation_key="dëploy:a\r\nb:1", subject=subject)

    assert await house.deliverer.step() == 2

    (mail,) = house.mails.mails
    assert mail.message["Bcc"] is None
    assert mail.message["Subject"] == "[tocsin] disk Bcc: bob@example.com full"
    assert mail.recipients == ("ada@example.com",)
    (post,) = house.posts.requests
    assert post.headers["webhook-id"] == "d%C3%ABploy:a%0D%0Ab:1:0:1:1:2"


async def claim(house: House) -> list[Any]:
    return await house.db.write(claims.take, house.clock, 10, 30.0)


async def test_a_crash_between_sending_and_recording_repeats_the_page(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    (first,) = await claim(house)

    assert await claim(house) == []  # it is another's for as long as the claim holds
    house.clock.turn(timedelta(seconds=31))
    (second,) = await claim(house)

    assert second.notification.key == first.notification.key
    assert second.notification.attempt == 2
    assert second.headline == "disk full (possible repeat)"
    await house.db.write(claims.record, house.clock, first, Sent(), 0.5)
    assert await house.states() == [State.SENDING]  # the older attempt changes nothing
    await house.db.write(claims.record, house.clock, second, Sent(), 0.5)
    assert await house.states() == [State.SENT]


async def test_an_answer_before_the_claim_keeps_the_page_back(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.end()

    assert await house.deliverer.step() == 0

    assert await house.states() == [State.SUPPRESSED] * 2
    assert house.lines() == []
    *_, last = await house.published(NotificationChanged)
    assert last.notification.status == Told.Status.ERROR
    assert last.notification.error_message == "not needed: accepted or resolved"


async def test_an_answer_before_the_page_keeps_it_back(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.end()
    await house.page()

    assert await house.told() == []


async def test_a_claim_looks_for_the_answer_itself(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.end()
    row = NotificationRow.__table__  # as if the page had come while the answer was written
    await house.db.write(lambda c: c.execute(update(row).values(state="PENDING")).rowcount)

    assert await claim(house) == []

    assert await house.states() == [State.SUPPRESSED]


async def test_a_run_that_nobody_answered_keeps_its_pages(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.end(Escalation.State.EXHAUSTED)

    assert await house.deliverer.step() == 1


async def test_an_answer_during_the_sending_is_followed_by_a_stand_down(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    house.posts.replies.append(Reply(delay=0.5))
    sending = asyncio.create_task(house.deliverer.step())
    await house.posts.wait_for(lambda post: True)
    await house.end()
    await sending

    assert await house.states() == [State.SENT, State.PENDING]
    await house.deliverer.step()

    first, second = (json.loads(post.body) for post in house.posts.requests)
    assert (first["type"], second["type"]) == ("page", "stand_down")
    assert second["text"] == "stood down: disk full was taken"
    assert second["endedBy"] == "Bob"
    assert await house.states() == [State.SENT, State.SENT]


async def test_a_terminal_is_told_when_a_page_is_over(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.deliverer.step()
    await house.end(Escalation.State.STOPPED)
    await house.end(Escalation.State.ACKNOWLEDGED)  # a run ends once
    await house.deliverer.step()

    first, second = house.lines()
    assert (first["terminal"], second["terminal"]) == ("page", "stand_down")
    assert len(house.posts.requests) == 1
    assert [each.kind for each in await house.told()] == [Kind.PAGE, Kind.PAGE, Kind.STAND_DOWN]


async def test_a_crash_and_an_answer_end_in_a_stand_down(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await claim(house)
    await house.end()
    house.clock.turn(timedelta(seconds=31))
    await house.deliverer.step()
    await house.deliverer.step()

    assert await house.states() == [State.SUPPRESSED, State.SENT]
    (post,) = house.posts.requests
    assert json.loads(post.body)["type"] == "stand_down"


async def test_the_owner_of_the_subject_is_asked_before_sending(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    house.owner.state = OVER

    await house.deliverer.step()

    assert await house.states() == [State.SUPPRESSED]
    assert house.lines() == []
    ((asked,),) = [request.subjects for request in house.owner.asked]
    assert (asked.kind, asked.id, asked.episode) == ("alert", "7", 1)


async def test_an_owner_that_hangs_is_not_waited_for(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    house.owner.delay, house.owner.state = 10.0, OVER

    async with asyncio.timeout(5):
        await house.deliverer.step()

    assert await house.states() == [State.SENT]


async def test_an_owner_that_is_away_is_not_waited_for(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{free_port()}") as nobody:
        config = Config(database_url="", nats_url="", listen="")
        channels = {"TERMINAL": Terminal(house.output)}
        alone = Deliverer(house.db, house.clock, config, Subjects(nobody, nobody), channels)
        await alone.step()

    assert await house.states() == [State.SENT]


async def test_a_person_without_a_contact_gets_a_mail(house: House) -> None:
    await house.page()
    await house.deliverer.step()

    (mail,) = house.mails.mails
    assert mail.recipients == ("ada@example.com",)


async def test_a_person_who_cannot_be_reached_is_told_to_those_who_can_help(
    house: House,
) -> None:
    house.take_mails = False
    await house.page()
    await house.page(level=2)

    first, second = await house.told()
    assert (first.state, first.error, second.state) == (State.FAILED, "no contact", State.FAILED)
    (alert,) = await house.published(SuiteAlertRaised)
    assert alert.alert_key == "notification:no-contact:1"
    assert await house.deliverer.step() == 0


async def test_a_person_who_is_gone_has_no_contacts(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.react(UserChanged(user=ADA, version=2, deleted=True))
    await house.page()

    assert await house.states() == [State.FAILED]


async def test_the_loop_sends_what_comes_and_finishes_when_it_ends(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    running = asyncio.create_task(house.deliverer.run())
    house.posts.replies.extend([Reply(), Reply(delay=0.5)])
    await house.page()

    async def sent() -> bool:
        return await house.states() == [State.SENT]

    await eventually(sent)
    await house.page(level=2)
    await house.posts.wait_for(lambda post: json.loads(post.body)["level"] == 2)
    running.cancel()
    await asyncio.wait({running})

    assert await house.states() == [State.SENT, State.SENT]


async def test_many_pages_go_out_together_and_each_once(house: House) -> None:
    for user_id in range(1, 101):
        await house.reach(Method.WEBHOOK, house.posts.url, user_id)
    both = (house.deliverer, house.replica)
    running = [asyncio.create_task(each.run()) for each in both]
    await house.page(user_ids=range(1, 101))

    await eventually(lambda: len(house.posts.requests) >= 100, within=30)
    for each in running:
        each.cancel()
    await asyncio.wait(running)

    assert await house.states() == [State.SENT] * 100
    assert len({post.headers["webhook-id"] for post in house.posts.requests}) == 100
    assert len(house.posts.requests) == 100


async def test_a_url_is_never_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="services")
    for target in ("http://user:secret@127.0.0.1:1/?key=secret", f"{house.posts.url}/?key=secret"):
        await house.reach(Method.WEBHOOK, target)
    house.posts.reply = Reply(status=404)
    await house.page()
    await house.deliverer.step()

    assert caplog.text
    assert "secret" not in caplog.text
    assert not any("secret" in each.error for each in await house.told())
    assert "secret" not in str(await house.published(NotificationChanged))


async def test_an_answer_that_races_its_page_stops_it_or_takes_it_back(house: House) -> None:
    await house.reach(Method.TERMINAL)
    running = asyncio.create_task(house.deliverer.run())

    async def race(number: int) -> None:
        subject = Subject(kind="alert", id="7", title=f"disk {number}")
        await house.page(escalation_key=f"alert:7:{number}", subject=subject)
        await asyncio.sleep(number % 5 / 100)
        await house.react(ending(ACKNOWLEDGED, f"alert:7:{number}"))

    await asyncio.gather(*(race(number) for number in range(40)))

    async def quiet() -> bool:
        return {State.SENT, State.SUPPRESSED} >= set(await house.states())

    await eventually(quiet)
    running.cancel()
    await asyncio.wait({running})
    said = [(line["title"], line["terminal"]) for line in house.lines()]
    assert len(set(said)) == len(said)
    for title in {title for title, _ in said}:
        assert [what for about, what in said if about == title] == ["page", "stand_down"]


async def test_a_person_whom_nobody_knows_yet_is_waited_for(house: House) -> None:
    with pytest.raises(Unavailable):
        await house.page(user_ids=[2])
    await house.react(UserChanged(user=User(id=2, email="bob@example.com"), version=1))
    await house.page(user_ids=[2])
    await house.deliverer.step()

    (mail,) = house.mails.mails
    assert mail.recipients == ("bob@example.com",)


async def test_a_mark_outlives_a_long_title_in_any_alphabet(house: House) -> None:
    await house.reach(Method.EMAIL, "ada@example.com")
    subject = Subject(kind="alert", id="7", title="Größe 🔥 " * 200)
    house.mails.manner = Manner.DROP_REPLY
    await house.page(subject=subject)
    await house.deliverer.step()
    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    first, second = (str(mail.message["Subject"]) for mail in house.mails.mails)
    assert first.startswith("[tocsin] Größe 🔥 Größe")
    assert second.endswith("… (possible repeat)")


@pytest.mark.parametrize("setting", [{"smtp_url": "http://x"}, {"smtp_sender": "nobody"}])
def test_a_mail_server_that_cannot_be_one_is_refused(setting: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Config(database_url="", nats_url="", listen="", **setting)  # type: ignore[arg-type] # wrong
