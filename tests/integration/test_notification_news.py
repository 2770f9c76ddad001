"""People hear what they asked for: what became of what they were paged about, and of shifts."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import grpc.aio
import pytest
from sqlalchemy import Connection

from services.notification import consumer
from services.notification.domain.hearing import Wish
from services.notification.domain.news import What
from services.notification.domain.values import WAYS, Kind, Method, Notification, State
from services.notification.duties import Duties
from services.notification.store import notifications
from tests.contract.alertstate_house import Runs
from tests.integration.notification_house import ADA, KEY, House, notification, page
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.internal.v1 import run_service_pb2_grpc as rpc
from tocsin.escalation.v1 import on_call_service_pb2 as on_calls
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, UserChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.user_pb2 import User

BOB = User(id=2, first_name="Bob", last_name="Boyle", language="de", timezone="Europe/Berlin")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CAUSES = EscalationChanged.Cause


@dataclass
class Wishes:
    """What people want to be told."""

    known: list[Wish] = field(default_factory=list)

    def __call__(
        self,
        connection: Connection,
        now: datetime,
        user_ids: Collection[int] | None,
        whats: Collection[What],
    ) -> Sequence[Wish]:
        people = [w for w in self.known if user_ids is None or w.user_id in user_ids]
        return [wish for wish in people if wish.what in whats]

    def add(self, what: What, user_id: int = ADA.id, **more: Any) -> None:
        """Has somebody want something, by e-mail."""
        number = len(self.known) + 1
        fields: dict[str, Any] = {
            "rule_id": number,
            "user_id": user_id,
            "what": what,
            "method": Method.EMAIL,
            "contact_id": number,
            "target": f"user{user_id}@example.com",
        }
        self.known.append(Wish(**fields | more))


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with notification(any_database_url) as house:
        await house.react(UserChanged(user=BOB, version=1))
        for user in (ADA, BOB):
            await house.reach(Method.TERMINAL, user_id=user.id)
        yield house


@pytest.fixture
def wishes() -> Wishes:
    return Wishes()


async def react(house: House, wishes: Wishes, event: EscalationChanged) -> None:
    reaction = consumer.reactions(WAYS, wishes)[event.DESCRIPTOR.full_name]
    payload = event.SerializeToString()
    await house.db.write(lambda c: reaction(c, house.clock.now(c), payload))


BY_BOB = Actor(kind=Actor.Kind.USER, user_id=2, name="Bob Boyle")


async def happened(
    house: House, cause: Any, state: Any, by: Actor = BY_BOB, **more: Any
) -> EscalationChanged:
    now = await house.db.read(house.clock.now)
    run = Escalation(
        id=1, key=KEY, subject=Subject(kind="alert", id="7", episode=1), state=state, level=1
    )
    if cause == CAUSES.ENDED:
        run.end_time.FromDatetime(now)
    return EscalationChanged(escalation=run, cause=cause, actor=by, **more)


async def news(house: House) -> list[Notification]:
    return [each for each in await house.told() if each.kind is Kind.UPDATE]


async def test_who_was_paged_hears_that_somebody_else_took_it(house: House, wishes: Wishes) -> None:
    wishes.add(What.ACCEPTED)
    wishes.add(What.ACCEPTED, BOB.id)  # who took it
    wishes.add(What.RESOLVED)
    await house.page(user_ids=[ADA.id, BOB.id])
    await house.deliverer.step()
    taken = await happened(house, CAUSES.ENDED, Escalation.ACKNOWLEDGED)

    for _ in range(2):
        await react(house, wishes, taken)
    await house.deliverer.step()

    (told,) = await news(house)
    assert (told.user_id, told.state, told.headline) == (ADA.id, State.SENT, "accepted: disk full")
    (mail,) = house.mails.mails
    assert mail.recipients == ("user1@example.com",)
    assert mail.message["Subject"] == "[tocsin] Accepted by Bob Boyle: disk full"
    assert "You asked to be told." in mail.text
    assert "/m/" not in mail.text


async def test_it_is_over_when_it_is_resolved_and_not_when_it_sleeps(
    house: House, wishes: Wishes
) -> None:
    wishes.add(What.RESOLVED)
    await house.page()
    await house.deliverer.step()

    await react(house, wishes, await happened(house, CAUSES.ENDED, Escalation.STOPPED))
    assert await news(house) == []
    over = await happened(house, CAUSES.ENDED, Escalation.STOPPED, subject_over=True)
    await react(house, wishes, over)
    await house.deliverer.step()

    assert house.mails.mails[-1].message["Subject"] == "[tocsin] Resolved by Bob Boyle: disk full"


async def test_who_was_paged_before_hears_of_the_next_level_in_their_language(
    house: House, wishes: Wishes
) -> None:
    wishes.add(What.ESCALATED, BOB.id)
    wishes.add(What.ESCALATED)
    await house.page(user_ids=[BOB.id])
    await house.page(level=2)  # Ada
    stepped = await happened(
        house,
        CAUSES.STEPPED,
        Escalation.RUNNING,
        by=Actor(kind=Actor.Kind.SYSTEM, name="Tocsin"),
        reasons=[EscalationChanged.Reason(user_id=ADA.id)],
    )
    stepped.escalation.level = 2

    await react(house, wishes, stepped)
    while await house.deliverer.step():
        pass

    (mail,) = house.mails.mails
    assert mail.message["Subject"] == "[tocsin] Eskaliert: disk full"
    assert "Stufe 2 wird jetzt benachrichtigt." in mail.text


async def test_news_that_fail_raise_no_alarm_and_expire(house: House, wishes: Wishes) -> None:
    wishes.add(What.ACCEPTED, method=Method.SMS)  # nothing here sends it
    wishes.add(What.ACCEPTED)
    await house.page()
    await house.deliverer.step()
    await react(house, wishes, await happened(house, CAUSES.ENDED, Escalation.ACKNOWLEDGED))
    house.clock.turn(HOUR)

    await house.deliverer.step()

    assert [each.state for each in await news(house)] == [State.EXPIRED, State.EXPIRED]
    assert await house.published(SuiteAlertRaised) == []


async def test_a_test_page_that_reaches_nobody_calls_nobody(house: House) -> None:
    now = await house.db.read(house.clock.now)
    subject = Subject(kind="test", id="3-1", episode=1, title="Test page")
    more = {"subject": subject, "escalation_key": "test:3-1:1", "user_ids": [3], "level_count": 1}
    await house.react(UserChanged(user=User(id=3, first_name="Eve"), version=1))

    await house.react(page(now, **more))

    (told,) = await house.db.read(notifications.about, "test", "3-1")
    assert told.state is State.FAILED
    assert await house.published(SuiteAlertRaised) == []


class Rota(Runs):
    """Escalation, as far as it is asked who is on call."""

    def __init__(self, shifts: list[tuple[int, datetime, datetime]]) -> None:
        super().__init__()
        self.shifts = shifts
        self.times = 0

    async def ListShiftsOfSchedules(
        self, request: on_calls.ListShiftsOfSchedulesRequest, context: object
    ) -> on_calls.ListShiftsOfSchedulesResponse:
        """Tells of each schedule in a reply of its own."""
        self.times += 1
        at = int(request.page_token or 0)
        reply = on_calls.ListShiftsOfSchedulesResponse()
        for user_id, start, end in self.shifts[at : at + 1]:
            told = reply.schedules.add(schedule_id=4, name="Night")
            told.shifts.add(user_id=user_id, start=start, end=end)
        reply.next_page_token = str(at + 1) if at + 1 < len(self.shifts) else ""
        return reply


@asynccontextmanager
async def duties(house: House, wishes: Wishes, rota: Rota) -> AsyncIterator[Duties]:
    server = grpc.aio.server()
    rpc.add_RunServiceServicer_to_server(rota, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Duties(house.db, house.clock, channel, wishes)
    await server.stop(None)


async def test_people_are_reminded_of_their_shifts_once(house: House, wishes: Wishes) -> None:
    now = await house.db.read(house.clock.now)
    start = now.replace(microsecond=0) + DAY
    rota = Rota([(BOB.id, start, start + HOUR), (ADA.id, start, start + HOUR)])
    async with duties(house, wishes, rota) as first, duties(house, wishes, rota) as second:
        assert await first.step() == 0
        assert rota.times == 0  # nobody wants to know
        wishes.add(What.ON_CALL, BOB.id, minutes=60)
        assert await first.step() == 0
        house.clock.turn(DAY - 59 * MINUTE)
        assert (await first.step(), await second.step()) == (1, 0)
        await house.deliverer.step()
        house.clock.turn(HOUR)
        assert await first.step() == 0

    (mail,) = house.mails.mails
    assert mail.message["Subject"].startswith("[tocsin] Ihre Schicht in Night beginnt ")
    (told,) = await house.db.read(notifications.about, "schedule", "4")
    assert (told.kind, told.state, told.headline) == (Kind.DUTY, State.SENT, "on call: Night")


async def test_a_shift_is_told_as_it_is_when_the_reminder_is_due(
    house: House, wishes: Wishes
) -> None:
    now = await house.db.read(house.clock.now)
    start = now.replace(microsecond=0) + 2 * HOUR
    rota = Rota([(BOB.id, start, start + HOUR)])
    wishes.add(What.ON_CALL, BOB.id, minutes=60)
    wishes.add(What.ON_CALL, minutes=60)
    async with duties(house, wishes, rota) as looking:
        await looking.step()
        rota.shifts = [(ADA.id, start, start + HOUR)]  # an override
        house.clock.turn(90 * MINUTE)
        await looking.step()
        rota.shifts = [(BOB.id, start, start + HOUR)]
        house.clock.turn(31 * MINUTE)  # it has begun
        await looking.step()

    told = await house.db.read(notifications.about, "schedule", "4")
    assert [each.user_id for each in told] == [ADA.id]
