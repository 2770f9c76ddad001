"""People with phones, what went to them, and providers that are really called."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.notification import changes, consumer
from services.notification.domain.values import Intent, Kind, Method, Notification, Page, State
from services.notification.phones import Phones
from services.notification.store import contacts, notifications
from tests.parts.twilio import SENDER, SID, TOKEN
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, UserChanged
from tocsin.escalation.v1.user_pb2 import User

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
PUBLIC = "http://127.0.0.1:8080"
ADA_PHONE, BOB_PHONE = "+4915112345678", "+4915187654321"
ADA = User(id=1, first_name="Ada", last_name="Lovelace", email="ada@example.com")
BOB = User(id=2, first_name="Bob", last_name="Beispiel", email="bob@example.com", language="de")
SECRET = "whsec_" + "c2VjcmV0" * 4
TWILIO = {
    "twilio_account_sid": SID,
    "twilio_auth_token": TOKEN,
    "twilio_from": SENDER,
}


def intent(subject_id: str = "7", user_id: int = 1, **more: Any) -> Intent:
    values: dict[str, Any] = {
        "escalation_key": f"alert:{subject_id}:1",
        "cycle": 0,
        "level": 1,
        "user_id": user_id,
        "level_count": 2,
        "subject_kind": "alert",
        "subject_id": subject_id,
        "episode": 1,
        "title": "disk full",
        "details": "",
        "links": (),
        "priority": "HIGH",
        "request_time": NOW,
        "next_step_time": NOW + timedelta(minutes=5),
        "accept_time": NOW,
        "escalation_id": 3,
    }
    return Intent(**values | more)


def message(about: Intent, method: Method, number: str, id_: int, **more: Any) -> Notification:
    values: dict[str, Any] = {
        "id": id_,
        "key": f"{about.escalation_key}:{about.cycle}:{about.level}:{about.user_id}:{id_}",
        "kind": Kind.PAGE,
        "escalation_key": about.escalation_key,
        "cycle": about.cycle,
        "level": about.level,
        "user_id": about.user_id,
        "method": method.value,
        "target": number,
        "headline": about.title,
        "subject_kind": about.subject_kind,
        "subject_id": about.subject_id,
        "state": State.SENT,
        "at": about.request_time,
        "expires_at": about.request_time + timedelta(hours=4),
        "attempt": 1,
    }
    return Notification(**values | more)


def page(
    method: Method = Method.SMS, number: str = ADA_PHONE, *, language: str = "en", **more: Any
) -> Page:
    """A page that is to be sent for the first time, or as `more` says."""
    about = intent()
    told = message(about, method, number, 36, state=State.SENDING)
    return Page(
        notification=replace(told, **more),
        intent=about,
        user_name="Ada Lovelace",
        attempt_time=datetime.now(UTC),
        language=language,
    )


async def willing(number: str) -> str:
    """Refuses no number."""
    return ""


@dataclass
class House:
    """Ada has a phone and speaks English; Bob's is his own, and he speaks German."""

    db: Database
    clock: Clock
    phones: Phones
    _ids: list[int] = field(default_factory=list)

    async def sent(self, method: Method = Method.SMS, number: str = ADA_PHONE, **more: Any) -> int:
        """Makes as if a page had gone to a number, and returns its id."""
        about = intent(**more)
        return await self.db.write(self._sent, about, method, number)

    async def answers(self) -> list[tuple[str, int, str]]:
        """Returns what was answered: verb, by whom, how their page had reached them."""
        return await self.db.read(_answers)

    async def states(self) -> list[State]:
        """Returns how all notifications stand."""
        return [each.state for each in await self.db.read(_everything)]

    async def ends(self, event: EscalationChanged) -> None:
        """Hears from Escalation that a run ended."""
        await self.db.write(lambda c: consumer.escalation_changed(c, self.clock.now(c), event))

    def _sent(self, connection: Any, about: Intent, method: Method, number: str) -> int:
        now = self.clock.now(connection)
        notifications.add_intent(connection, replace(about, request_time=now))
        id_ = changes.number(connection)
        told = message(about, method, number, id_, at=now, expires_at=now + timedelta(hours=4))
        assert notifications.add(connection, told)
        return id_


def _answers(connection: Any) -> list[tuple[str, int, str]]:
    from sqlalchemy import select

    from services.notification.store.tables import AnswerRow

    rows = connection.execute(select(AnswerRow.__table__).order_by(AnswerRow.__table__.c.id))
    return [(row.verb, row.user_id, row.method) for row in rows]


def _everything(connection: Any) -> list[Notification]:
    return notifications.newest(connection, notifications.NOTIFICATION.c.id > 0, 1000)[::-1]


@asynccontextmanager
async def phone_house(database_url: str) -> AsyncIterator[House]:
    """Offers the house."""
    migrate(database_url, "notification")
    async with database(database_url, "notification") as db:
        clock = Clock()
        made = House(db, clock, Phones(db, clock))

        def furnish(connection: Any) -> None:
            now = clock.now(connection)
            for user in (ADA, BOB):
                consumer.user_changed(connection, now, UserChanged(user=user, version=1))
            contacts.add(connection, 1, Method.PHONE, ADA_PHONE, now)
            contacts.add(connection, 2, Method.PHONE, BOB_PHONE, now)

        await db.write(furnish)
        yield made
