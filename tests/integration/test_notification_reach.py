"""How people are reached, on every database: contacts, codes, rules, quiet hours, pages."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.chassis.database import database
from services.chassis.migrations import migrate
from services.notification import claims
from services.notification.domain.values import Kind, Sent, State
from tests.contract.test_contacts import BOB, NOW, OK, House, StillClock, confirmation
from tests.contract.test_preferences import call, know, paged, prefer, quiet
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.preference_pb2 import QuietHours


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    migrate(any_database_url, "notification")
    async with database(any_database_url, "notification") as opened:
        yield House(opened, StillClock())


async def test_somebody_says_how_they_are_told_and_is(house: House) -> None:
    await house.db.write(know)
    hook = (await house.add("WEBHOOK", "https://a.example/secret")).reply
    phone = (await house.add("PHONE", "+4930123456", BOB)).reply
    assert (await house.call("SendVerification", BOB, id=phone.id)).code is OK
    (code,) = await house.take()
    assert code.notification.kind is Kind.VERIFICATION
    await house.db.write(claims.record, house.clock, code, Sent(), 0.5)
    verified = await house.call(
        "ConfirmVerification", BOB, id=phone.id, confirmation=confirmation(code.code)
    )
    assert verified.reply.status == Contact.OK
    await prefer(house, "WEBHOOK")
    await prefer(house, "SMS", 5)
    await prefer(house, "SMS", 0, "LOW_PRIORITY")
    night = QuietHours(timezone="Europe/Berlin", start="22:00", end="07:00", days=["SATURDAY"])
    assert (await quiet(house, "UpdateQuietHours", quiet_hours=night)).code is OK
    assert (await quiet(house, "UpdateQuietHours", quiet_hours=night)).code is OK

    await house.db.write(paged)
    await house.db.write(paged, "LOW", "8")

    (page,) = await house.take()
    assert (page.address, page.notification.contact_id) == ("https://a.example/secret", hook.id)
    await house.db.write(claims.record, house.clock, page, Sent(), 0.5)
    waiting = [row for row in await house.told() if row.state is State.PENDING]
    assert [(row.method, row.at - NOW) for row in waiting] == [("SMS", timedelta(minutes=5))]
    house.clock.at = NOW + timedelta(hours=4)
    assert {each.notification.method for each in await house.take()} == {"SMS"}
    assert (await house.call("DeleteContact", id=phone.id)).code is OK
    assert (await house.call("DeleteContact", id=hook.id)).code is OK
    left = (await call(house, "ListAlertPreferences")).reply.alert_preferences
    assert [(each.delay_min, each.HasField("contact")) for each in left] == [
        (0, False),
        (0, False),
        (5, False),
    ]
