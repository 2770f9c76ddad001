"""How people would be told: what Escalation asks for simulations is what pages do."""

from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.notification import consumer
from services.notification.domain.values import WAYS, Method
from services.notification.store import contacts, notifications
from services.notification.targets import Offer
from services.notification.way_servicer import MOST_PEOPLE, Person, WayServicer
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
    contacts.add(connection, 1, Method.PHONE, "+4930123456", NOW)


def servicer(db: Database, offered: Collection[Method]) -> Calls:
    service = pb.DESCRIPTOR.services_by_name["WayService"]
    lacking: dict[Method, str] = {way: f"TOCSIN_{way}" for way in WAYS if way not in offered}
    return Calls(service, WayServicer(db, Clock(), Offer(lacking), URL))


async def people(db: Database, *ids: int, offered: Collection[Method] = WAYS) -> dict[int, Person]:
    answer = await servicer(db, offered)("FindWays", pb.FindWaysRequest(user_ids=ids))
    assert answer.code == OK, answer.details
    assert answer.reply.public_url == URL
    return {person.user_id: person for person in answer.reply.people}


def told(ways: Iterable[Any]) -> list[tuple[str, str, int]]:
    return [
        (Contact.Method.Name(way.method), way.contact.target, way.delay.seconds) for way in ways
    ]


def _page(connection: Connection, priority: Any, offered: Collection[Method]) -> None:
    subject = Subject(kind="deploy", id="7", title="waits", episode=1, priority=priority)
    event = PageRequested(
        escalation_key="deploy:7:1", subject=subject, level=1, user_ids=PEOPLE, request_time=NOW
    )
    paged = consumer.reactions(offered)[PageRequested.DESCRIPTOR.full_name]
    paged(connection, NOW, event.SerializeToString())


@pytest.mark.parametrize("offered", [WAYS, [way for way in WAYS if way is not Method.EMAIL]])
@pytest.mark.parametrize("priority", ["HIGH", "LOW"])
async def test_what_is_foretold_is_what_a_page_does(
    db: Database, priority: str, offered: Collection[Method]
) -> None:
    foretold = {
        id_: told(each.high if priority == "HIGH" else each.low)
        for id_, each in (await people(db, *PEOPLE, offered=offered)).items()
    }
    await db.write(_page, Subject.Priority.Value(priority), offered)

    said = await db.read(notifications.about, "deploy", "7")
    paged = {
        id_: [
            (each.method, each.target, (each.at - NOW).seconds)
            for each in said
            if each.user_id == id_
        ]
        for id_ in PEOPLE
    }
    nowhere = [("EMAIL", "", 0)]  # how a page is kept for which there is no way
    assert {id_: theirs or nowhere for id_, theirs in foretold.items()} == paged
    mails = Method.EMAIL in offered
    mail = [("EMAIL", "ada@home.example", 0)] if mails else []
    phone = [("SMS", "+4930123456", 0)]
    call = [("VOICE", "+4930123456", 120)]
    high = [("WEBHOOK", "https://example.com/ada", 0), *mail, *phone, *call]
    assert foretold[1] == (high if priority == "HIGH" else high[: 1 + len(mail)])
    assert foretold[2] == ([("EMAIL", "bob@example.com", 0)] if mails else [])
    assert foretold[3] == foretold[4] == []


async def test_what_is_not_used_is_told(db: Database) -> None:
    unverified = await db.write(contacts.add, 1, Method.EMAIL, "ada@new.example", NOW)
    await db.write(contacts.save, replace(unverified, verified=False))
    offered = [way for way in WAYS if way not in (Method.SMS, Method.VOICE)]

    found = (await people(db, 1, offered=offered))[1]

    assert [(each.contact.target, each.setting) for each in found.unused] == [
        ("+4930123456", "TOCSIN_SMS"),
        ("ada@new.example", ""),
    ]


async def test_nothing_is_said_of_those_of_whom_nothing_is_known(db: Database) -> None:
    assert await people(db, 9) == {}


async def test_too_many_people_are_refused(db: Database) -> None:
    request = pb.FindWaysRequest(user_ids=range(MOST_PEOPLE + 1))
    assert (await servicer(db, WAYS)("FindWays", request)).code == INVALID
