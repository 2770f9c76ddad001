"""How people would be told: what Escalation asks for simulations is what pages do."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.notification import consumer
from services.notification.domain.values import Method
from services.notification.store import contacts, notifications
from services.notification.way_servicer import MOST_PEOPLE, WayServicer
from tests.contract.blocking import Calls
from tests.contract.escalation_house import INVALID, OK
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested, UserChanged
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.internal.v1 import way_service_pb2 as pb
from tocsin.notification.v1.contact_pb2 import Contact

NOW = datetime(2026, 10, 25, tzinfo=UTC)
URL = "https://tocsin.example.com"
PEOPLE = {1: "ada@example.com", 2: "bob@example.com", 3: "nowhere", 4: "gone@example.com"}


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    async with database(url, "notification") as opened:
        await opened.write(_furnish)
        yield opened


def _furnish(connection: Connection) -> None:
    for user_id, email in PEOPLE.items():
        user = User(id=user_id, email=email)
        told = UserChanged(user=user, version=1, deleted=user_id == 4)
        consumer.user_changed(connection, NOW, told)
    contacts.add(connection, 1, Method.WEBHOOK, "https://example.com/ada", NOW)
    contacts.add(connection, 1, Method.EMAIL, "ada@home.example", NOW)


async def ways(db: Database, *people: int, mails: bool) -> dict[int, list[tuple[str, str]]]:
    service = pb.DESCRIPTOR.services_by_name["WayService"]
    calls = Calls(service, WayServicer(db, Clock(), mails=mails, public_url=URL))
    answer = await calls("FindWays", pb.FindWaysRequest(user_ids=people))
    assert answer.code == OK, answer.details
    assert answer.reply.public_url == URL
    return {
        person.user_id: [
            (Contact.Method.Name(each.method), each.target) for each in person.contacts
        ]
        for person in answer.reply.people
    }


def _page(connection: Connection, *, mails: bool) -> None:
    subject = Subject(kind="deploy", id="7", title="waits", episode=1)
    event = PageRequested(
        escalation_key="deploy:7:1", subject=subject, level=1, user_ids=PEOPLE, request_time=NOW
    )
    paged = consumer.reactions(mails=mails)[PageRequested.DESCRIPTOR.full_name]
    paged(connection, NOW, event.SerializeToString())


@pytest.mark.parametrize("mails", [True, False])
async def test_what_is_foretold_is_what_a_page_does(db: Database, *, mails: bool) -> None:
    foretold = await ways(db, *PEOPLE, mails=mails)
    await db.write(lambda connection: _page(connection, mails=mails))

    said = await db.read(notifications.about, "deploy", "7")
    # What nothing can send is tried in vain, and not foretold.
    told = [each for each in said if mails or each.method != "EMAIL" or not each.target]
    paged = {
        user_id: [(each.method, each.target) for each in told if each.user_id == user_id]
        for user_id in PEOPLE
    }
    nowhere = [("EMAIL", "")]  # how a page is kept for which there is no way
    assert {user_id: theirs or nowhere for user_id, theirs in foretold.items()} == paged
    mail = [("EMAIL", "ada@home.example")] if mails else []
    assert foretold[1] == [("WEBHOOK", "https://example.com/ada"), *mail]
    assert foretold[2] == ([("EMAIL", "bob@example.com")] if mails else [])
    assert foretold[3] == foretold[4] == []


async def test_nothing_is_said_of_those_of_whom_nothing_is_known(db: Database) -> None:
    assert await ways(db, 9, mails=True) == {}


async def test_too_many_people_are_refused(db: Database) -> None:
    service = pb.DESCRIPTOR.services_by_name["WayService"]
    calls = Calls(service, WayServicer(db, Clock(), mails=True, public_url=URL))
    request = pb.FindWaysRequest(user_ids=range(MOST_PEOPLE + 1))
    assert (await calls("FindWays", request)).code == INVALID
