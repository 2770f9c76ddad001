"""How alerts are shown: who is next, who could help, to whom, and what their log tells."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from sqlalchemy import Connection

from services.alertstate import consumer
from services.alertstate.peers import Escalations, References
from services.alertstate.servicer.alerts import AlertServicer
from services.chassis import facts
from services.chassis.principal import Principal
from tests.contract.alertstate_house import (
    ADA,
    ALERTS,
    BOT,
    NOON,
    Copies,
    House,
    accepted,
    running_house,
)
from tests.contract.blocking import Calls, InTeam
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1.alert_pb2 import Alert, SuggestedResponder
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged
from tocsin.notification.v1.notification_pb2 import Notification

NEXT = "nextEscalationUser"
BEGUN, STEPPED = EscalationChanged.BEGUN, EscalationChanged.STEPPED
CALLED = EscalationChanged.CALLED


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as running:
        yield running


async def hear(house: House, version: int, cause: EscalationChanged.Cause, **more: Any) -> None:
    """Hears how the escalation of the first alert goes; its next step is due in an hour."""
    run = Escalation(
        key="alert:1:1",
        subject=Subject(kind="alert", id="1", episode=1),
        state=Escalation.RUNNING,
        level=1,
        paged_user_ids=more.pop("paged", []),
        next_step_time=NOON + timedelta(hours=1),
        version=version,
    )
    told = EscalationChanged(escalation=run, cause=cause, **more)

    def react(connection: Connection) -> None:
        name = EscalationChanged.DESCRIPTOR.full_name
        consumer.of_escalation()[name](connection, NOON, told.SerializeToString())

    await house.db.write(react)


async def texts(house: House, lang: str = "en") -> list[tuple[str, str, str]]:
    request = pb.ListLogEntriesRequest(id=1, lang=lang)
    found = (await house.call("ListLogEntries", request)).reply.log_entries
    return [(each.log_entry_type, each.text, each.filter_types[0]) for each in found]


# who is next


async def test_escalation_says_who_is_next(house: House) -> None:
    await house.take(accepted(1, key="a"), accepted(2, key="b"))
    await hear(house, 2, STEPPED, paged=[1])
    house.runs.next = {"alert:1:1": User(id=2, first_name="Bob"), "alert:2:1": User(id=1)}

    assert (await house.get(1, NEXT)).next_escalation_user.first_name == "Bob"
    assert not (await house.get(1)).HasField("next_escalation_user")
    assert not (await house.get(2, NEXT)).HasField("next_escalation_user")  # no step is due
    listed = (await house.call("ListAlerts", pb.ListAlertsRequest(include=[NEXT]))).reply.alerts
    assert [each.next_escalation_user.id for each in listed] == [0, 2]


async def test_an_escalation_that_is_away_says_nothing(house: House) -> None:
    await house.take(accepted(1))
    await hear(house, 2, STEPPED, paged=[1])
    async with grpc.aio.insecure_channel("127.0.0.1:1") as nowhere:
        away = replace(house, channel=nowhere)

        assert not (await away.get(1, NEXT)).HasField("next_escalation_user")
        assert await suggested(away) == [1]  # whom the policy names


# who could help


async def suggested(house: House) -> list[int]:
    request = pb.ListSuggestedRespondersRequest(id=1)
    found = (await house.call("ListSuggestedResponders", request)).reply.suggested_responders
    people = [each for each in found if each.group in (SUGGESTED, USER)]
    assert len({each.id for each in people}) == len(people)
    assert {each.id for each in people if each.disabled} == {
        each.user.id for each in (await house.get(1)).responders
    }
    return [each.id for each in people if each.group == SUGGESTED]


SUGGESTED, USER = SuggestedResponder.SUGGESTED, SuggestedResponder.USER


async def test_whom_the_policy_means_now_is_suggested(house: House) -> None:
    await house.take(accepted(1))
    house.runs.people = [2]

    assert await suggested(house) == [2]
    house.runs.people = [2, 1]
    await house.accept(1, ADA)
    assert await suggested(house) == [1, 2]


# to whom


async def test_a_private_teams_name_is_kept_from_others(house: House) -> None:
    private = Team(id=8, name="SRE", visibility=Team.PRIVATE)
    rule = EscalationRule(teams=[private])
    policy = EscalationPolicy(id=4, name="on-call", escalation_rules=[rule], teams=[private])
    await house.db.write(facts.publish, "policy", 4, policy)
    await house.take(accepted(1))

    async def names(caller: Principal) -> set[str]:
        request = pb.GetAlertRequest(id=1, include=["escalationRules"])
        alert: Alert = (await house.call("GetAlert", request, caller)).reply
        found = [*alert.escalation_policy.teams, *alert.escalation_rules[0].teams]
        found += alert.alert_source.escalation_policy.teams
        return {team.name for team in found}

    assert await names(BOT) == {""}
    assert await names(replace(BOT, teams=frozenset({8}))) == {"SRE"}
    assert await names(replace(BOT, scopes=frozenset({"admin"}))) == {"SRE"}


async def test_the_alerts_of_a_team(house: House) -> None:
    await house.take(accepted(1, key="a"), accepted(2, key="b", source=9))
    copies = Copies(house.db)
    escalations = Escalations(house.channel)
    servicer = AlertServicer(house.db, house.clock, References(copies, copies), escalations)

    async def asked(method: str, request: Any, team_id: int) -> Any:
        mine = replace(BOT, teams=frozenset({8}))
        return (await Calls(ALERTS, InTeam(servicer, team_id), mine)(method, request)).reply

    async def listed(team_id: int) -> list[int]:
        found = await asked("ListAlerts", pb.ListAlertsRequest(), team_id)
        count = await asked("CountAlerts", pb.CountAlertsRequest(), team_id)
        assert count.count == len(found.alerts)
        return [each.id for each in found.alerts]

    assert await listed(0) == [2, 1]
    assert await listed(8) == [1]
    assert await listed(-1) == [1]
    assert await listed(7) == []


# what the log tells


async def test_a_call_by_hand_is_in_the_log(house: House) -> None:
    await house.take(accepted(1))
    await hear(house, 1, BEGUN)
    await hear(house, 2, CALLED, paged=[2, 1], called_user_ids=[2, 1], call_number=1)
    await hear(house, 2, CALLED, paged=[2, 1], called_user_ids=[2, 1], call_number=1)
    await hear(house, 3, STEPPED, paged=[2, 1])

    type_, group = "AlertAssignedBySystemLogEntry", "ALERT_UPDATES"
    assert (await texts(house))[1:] == [
        (type_, "called to the alert by hand: Bob Noyce, Ada Lovelace", group),
        ("AlertEscalatedToLevelLogEntry", "the alert was escalated to level 1", group),
    ]
    german = (type_, "von Hand zum Alarm gerufen: Bob Noyce, Ada Lovelace", group)
    assert (await texts(house, "de"))[1] == german
    assert {each.user.id for each in (await house.get(1)).responders} == {1, 2}


@pytest.mark.parametrize(
    ("target", "type_"),
    [("", "PhoneNumberNotSetLogEntry"), ("x@example.com", "NotificationLogEntry")],
)
async def test_who_has_no_contact_is_told_apart(house: House, target: str, type_: str) -> None:
    await house.take(accepted(1))
    told = Notification(id=5, status=Notification.ERROR, error_message="no contact", target=target)
    changed = NotificationChanged(notification=told, subject_kind="alert", subject_id="1")

    def react(connection: Connection) -> None:
        name = NotificationChanged.DESCRIPTOR.full_name
        consumer.of_notification()[name](connection, NOON, changed.SerializeToString())

    await house.db.write(react)
    entry = (await texts(house))[1]
    assert (entry[0], entry[2]) == (type_, "NOTIFICATIONS")
    assert entry[1].endswith(": no contact")
