"""Rules and quiet hours: kept as they are told, refused where they cannot be, and acted on."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from services.chassis import facts
from services.chassis.database import database
from services.chassis.migrations import migrate
from services.chassis.principal import Principal
from services.chassis.tables import AuditRow, OutboxRow
from services.notification import claims, consumer
from services.notification.domain.values import WAYS, Sent, State
from services.notification.preference_servicer import PreferenceServicer, QuietHoursServicer
from services.notification.store import notifications
from tests.contract.blocking import ADA, Answer, Calls
from tests.contract.test_contacts import (
    BOB,
    EXISTS,
    INVALID,
    NOT_FOUND,
    NOW,
    OK,
    House,
    StillClock,
)
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested, UserChanged
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1 import preference_service_pb2 as pb
from tocsin.notification.v1 import quiet_hours_service_pb2 as quiet_pb
from tocsin.notification.v1.preference_pb2 import (
    AlertPreference,
    DutyPreference,
    QuietHours,
    UpdatePreference,
)

RULES: dict[str, tuple[str, Any]] = {
    "AlertPreference": (
        "alert_preference",
        AlertPreference(method="SMS", delay_min=5, type="HIGH_PRIORITY"),
    ),
    "DutyPreference": ("duty_preference", DutyPreference(method="SMS", before_min=30)),
    "UpdatePreference": (
        "update_preference",
        UpdatePreference(method="SMS", type="ALERT_RESOLVED"),
    ),
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    async with database(url, "notification") as opened:
        made = House(opened, StillClock())
        await made.add("PHONE", "+4930123456")
        await made.add("EMAIL", "bob@example.com")
        yield made


async def call(house: House, method: str, caller: Principal = ADA, **request: Any) -> Answer:
    service = pb.DESCRIPTOR.services_by_name["PreferenceService"]
    asked = getattr(pb, f"{method}Request")(**{"user_id": 1} | request)
    return await Calls(service, PreferenceServicer(house.book()), caller)(method, asked)


async def quiet(house: House, method: str, **request: Any) -> Answer:
    service = quiet_pb.DESCRIPTOR.services_by_name["QuietHoursService"]
    asked = getattr(quiet_pb, f"{method}Request")(**{"user_id": 1} | request)
    return await Calls(service, QuietHoursServicer(house.book()), ADA)(method, asked)


async def prefer(house: House, method: str, delay: int = 0, type_: str = "HIGH_PRIORITY") -> None:
    told = AlertPreference(method=method, delay_min=delay, type=type_)
    made = await call(house, "CreateAlertPreference", alert_preference=told)
    assert made.code is OK, made.details


def paged(connection: Connection, priority: str = "HIGH", name: str = "7") -> None:
    subject = Subject(kind="deploy", id=name, title="waits", episode=1, priority=priority)
    event = PageRequested(
        escalation_key=f"deploy:{name}:1",
        subject=subject,
        level=1,
        user_ids=[1],
        request_time=NOW,
    )
    react = consumer.reactions(WAYS)[event.DESCRIPTOR.full_name]
    react(connection, NOW, event.SerializeToString())


def know(connection: Connection, /, **more: Any) -> None:
    version = facts.versions(connection, "user", [1]).get("1", 0) + 1
    told = UserChanged(user=User(id=1, email="bob@example.com", **more), version=version)
    consumer.user_changed(connection, NOW, told)


@pytest.mark.parametrize("noun", RULES)
async def test_rules_are_kept_as_they_are_told(house: House, noun: str) -> None:
    field, told = RULES[noun]
    told = type(told).FromString(told.SerializeToString())
    told.contact.id = 1
    made = await call(house, f"Create{noun}", **{field: told})
    again = await call(house, f"Create{noun}", **{field: told})
    got = await call(house, f"Get{noun}", id=made.reply.id)
    listed = await call(house, f"List{noun}s")
    told.MergeFrom(type(told)(method="EMAIL", contact={"id": 2}))
    changed = await call(house, f"Update{noun}", id=made.reply.id, **{field: told})
    others = await call(house, f"Update{noun}", BOB, user_id=2, id=1, **{field: told})
    gone = await call(house, f"Delete{noun}", id=made.reply.id)
    missing = await call(house, f"Get{noun}", id=made.reply.id)

    assert (made.code, again.code, gone.code, missing.code) == (OK, EXISTS, OK, NOT_FOUND)
    assert (made.reply.contact.id, made.reply.contact.target) == (1, "+4930123456")
    assert got.reply == made.reply
    assert list(getattr(listed.reply, f"{field}s")) == [made.reply]
    assert (changed.reply.id, changed.reply.contact.id) == (made.reply.id, 2)
    assert others.code.name == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (AlertPreference(type="HIGH_PRIORITY"), "method"),
        (AlertPreference(method=99, type="HIGH_PRIORITY"), "method"),  # type: ignore[arg-type] # newer
        (AlertPreference(method="SMS"), "type"),
        (AlertPreference(method="SMS", type="HIGH_PRIORITY", delay_min=121), "delayMin"),
        (AlertPreference(method="SMS", type="HIGH_PRIORITY", contact={"id": 2}), "contact"),
        (AlertPreference(method="SMS", type="HIGH_PRIORITY", contact={"id": 9}), "contact"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused(
    house: House, told: AlertPreference, field: str
) -> None:
    made = await call(house, "CreateAlertPreference", alert_preference=told)

    assert made.code is INVALID
    assert made.details.startswith(field)


async def test_a_rule_goes_with_its_contact(house: House) -> None:
    named = AlertPreference(method="SMS", type="HIGH_PRIORITY", contact={"id": 1})
    await call(house, "CreateAlertPreference", alert_preference=named)
    await prefer(house, "EMAIL")
    await house.call("DeleteContact", id=1)

    left = (await call(house, "ListAlertPreferences")).reply.alert_preferences
    assert [each.HasField("contact") for each in left] == [False]
    audit = AuditRow.__table__
    rows = await house.db.read(lambda c: c.execute(select(audit.c.action)).scalars().all())
    assert rows[-2:] == ["preference.create", "contact.delete"]


async def test_a_page_follows_the_rules_and_waits_where_they_say_so(house: House) -> None:
    await house.db.write(know)
    await prefer(house, "EMAIL")
    await prefer(house, "SMS", 5)
    await prefer(house, "SMS", 10)
    await house.db.write(paged)

    (first,) = await house.take()
    assert first.notification.method == "EMAIL"
    await house.db.write(claims.record, house.clock, first, Sent(), 0.5)
    house.clock.at += timedelta(minutes=5)
    (second,) = await house.take()
    assert (second.notification.method, second.address) == ("SMS", "+4930123456")
    rows = await house.told()
    assert [(row.at - NOW) // timedelta(minutes=1) for row in rows[1:]] == [5, 10]
    assert len({row.key for row in rows}) == 3


async def test_what_can_wait_waits_for_the_morning(house: House) -> None:
    await house.db.write(know)
    told = QuietHours(timezone="UTC", start="22:00", end="07:00", days=["SATURDAY"])
    put = await quiet(house, "UpdateQuietHours", quiet_hours=told)
    assert put.code is OK, put.details
    assert (await quiet(house, "GetQuietHours")).reply == put.reply
    await house.db.write(paged, "LOW")  # on a Sunday at 01:30

    (row,) = await house.told()
    assert row.state is State.PENDING
    assert row.at == NOW.replace(hour=7, minute=0)
    assert row.expires_at > row.at
    told.low_priority = QuietHours.DROP
    await quiet(house, "UpdateQuietHours", quiet_hours=told)
    await house.db.write(paged, "LOW", "8")
    (dropped,) = await house.db.read(_about, "8")
    assert (dropped.state, dropped.error) == (
        State.SUPPRESSED,
        "quiet hours until 2026-03-29T07:00Z",
    )
    assert (await quiet(house, "DeleteQuietHours")).code is OK
    assert (await quiet(house, "DeleteQuietHours")).code is NOT_FOUND
    assert (await quiet(house, "GetQuietHours")).code is NOT_FOUND


def _about(connection: Connection, name: str) -> Any:
    return notifications.about(connection, "deploy", name)


@pytest.mark.parametrize("contacts", [True, False])
async def test_who_is_muted_is_not_told_and_nobody_is_alarmed(
    house: House, *, contacts: bool
) -> None:
    if not contacts:
        for id_ in (1, 2):
            await house.call("DeleteContact", id=id_)
    await house.db.write(know, muted_until=NOW + timedelta(hours=1))
    await house.db.write(paged)

    rows = await house.told()
    assert rows
    assert {(row.state, row.error) for row in rows} == {
        (State.SUPPRESSED, "muted until 2026-03-29T02:30Z")
    }
    assert await house.take() == []
    assert await house.db.read(_alarms) == 0


def _alarms(connection: Connection) -> int:
    outbox = OutboxRow.__table__
    name = SuiteAlertRaised.DESCRIPTOR.full_name
    found = select(func.count()).where(outbox.c.type == name)
    return int(connection.execute(found).scalar_one())


async def test_who_is_gone_leaves_no_rules(house: House) -> None:
    await prefer(house, "EMAIL")
    await quiet(
        house,
        "UpdateQuietHours",
        quiet_hours=QuietHours(timezone="UTC", start="22:00", end="07:00"),
    )
    gone = UserChanged(user=User(id=1), version=9, deleted=True)
    await house.db.write(consumer.user_changed, NOW, gone)

    assert (await quiet(house, "GetQuietHours")).code is NOT_FOUND
    assert not (await call(house, "ListAlertPreferences")).reply.alert_preferences
