"""Whom an alert of a private team is there for: its members, ADMINs, and whoever was called."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from sqlalchemy import Connection, update

from services.alertstate.watch import ALERTS
from services.chassis import facts, watch
from services.chassis.outbox import OUTBOX
from services.chassis.principal import Principal, current_principal
from tests.contract.alertstate_house import ADA, House, accepted, running_house
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.team_pb2 import Team

OK, NOT_FOUND = grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND
FORBIDDEN = grpc.StatusCode.PERMISSION_DENIED
SECRET = 8  # the team of the house's source, taken for a private one
EVE = Principal(kind="USER", id="evetoken", name="Eve", user_id=2, hidden=frozenset({SECRET}))
MEMBER = replace(EVE, hidden=frozenset(), teams=frozenset({SECRET}))
ONLOOKER = replace(MEMBER, watches=frozenset({SECRET}))
ADMIN = replace(EVE, is_admin=True)
BOUND = replace(EVE, user_id=0, hidden=frozenset(), team=SECRET, teams=frozenset({SECRET}))
ELSEWHERE = replace(BOUND, team=9, teams=frozenset({9}))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as opened:
        await opened.take(accepted(1))
        yield opened


async def seen(house: House, caller: Principal) -> tuple[bool, bool, bool, bool]:
    """Returns whether an alert is there: alone, in the list, in the count, in a watch."""
    got = await house.call("GetAlert", pb.GetAlertRequest(id=1), caller)
    assert got.code in (OK, NOT_FOUND)
    listed = await house.call("ListAlerts", pb.ListAlertsRequest(), caller)
    counted = await house.call("CountAlerts", pb.CountAlertsRequest(), caller)
    watched = await house.db.read(_watched, caller)
    return got.code is OK, bool(listed.reply.alerts), counted.reply.count == 1, watched


def _watched(connection: Connection, caller: Principal) -> bool:
    current_principal.set(caller)
    return bool(watch.page(connection, ALERTS, "").changes)


@pytest.fixture
async def published(house: House) -> House:
    def publish(connection: Connection) -> None:
        connection.execute(update(OUTBOX).values(published=True, stream_seq=OUTBOX.c.id))

    await house.db.write(publish)
    return house


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (EVE, False),
        (replace(EVE, user_id=0, kind="TOKEN"), False),
        (MEMBER, True),
        (ONLOOKER, True),
        (ADMIN, True),
        (BOUND, True),
        (ELSEWHERE, False),
        (replace(ELSEWHERE, is_admin=True), False),
        (ADA, True),
    ],
)
async def test_who_sees_it(published: House, caller: Principal, sees: bool) -> None:
    assert await seen(published, caller) == (sees,) * 4


async def test_who_was_called_sees_and_takes_it(published: House) -> None:
    assert (await published.accept(1, EVE)).code is NOT_FOUND
    add = pb.AddResponderRequest(id=1, user=EVE.user_id)
    assert (await published.call("AddResponder", add, ADA)).code is OK

    assert (await seen(published, EVE))[:3] == (True, True, True)
    assert (await published.accept(1, EVE)).code is OK
    assert await seen(published, replace(EVE, team=9, teams=frozenset({9}))) == (False,) * 4


async def test_who_is_called_to_it_is_not_told_of_a_policy_of_others(published: House) -> None:
    add = pb.AddResponderRequest(id=1, user=EVE.user_id)
    await published.call("AddResponder", add, ADA)
    mine = Team(id=SECRET, visibility=Team.PRIVATE)
    secret = EscalationPolicy(id=4, name="Secret", routing_key="s", teams=[mine])
    await published.db.write(facts.publish, "policy", 4, secret)

    got = [
        (await published.call("GetAlert", pb.GetAlertRequest(id=1), caller)).reply
        for caller in (EVE, MEMBER)
    ]

    assert [alert.escalation_policy for alert in got] == [EscalationPolicy(id=4), secret]
    assert [alert.alert_source.escalation_policy.name for alert in got] == ["", "Secret"]


async def test_who_looks_on_takes_it_only_when_called(published: House) -> None:
    assert (await published.accept(1, ONLOOKER)).code is FORBIDDEN
    add = pb.AddResponderRequest(id=1, user=ONLOOKER.user_id)
    await published.call("AddResponder", add, ADA)
    assert (await published.accept(1, ONLOOKER)).code is OK


async def test_an_alert_by_hand_belongs_to_the_teams_of_its_source(published: House) -> None:
    manual = pb.CreateAlertRequest()
    manual.alert.summary = "by hand"
    manual.alert.escalation_policy.id = 4
    assert (await published.call("CreateAlert", manual, BOUND)).code is FORBIDDEN
    manual.alert.alert_source.id = 3
    assert (await published.call("CreateAlert", manual, EVE)).code is NOT_FOUND  # none she sees
    made = await published.call("CreateAlert", manual, BOUND)
    assert made.code is OK
    assert (await published.accept(made.reply.id, BOUND)).code is OK
