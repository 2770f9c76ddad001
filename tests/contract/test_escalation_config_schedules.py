"""What the records that people keep have to do with schedules, and who else may know them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.chassis.facts import FactServicer
from services.chassis.team_context import wanted_teams
from services.escalation import announcing, app
from services.escalation.store import schedules
from tests.contract.blocking import ADA, Answer, Calls
from tests.contract.escalation_config_house import make_hours, make_team, teams
from tests.contract.escalation_house import (
    INVALID,
    NOT_FOUND,
    OK,
    WRONG_STATE,
    House,
    escalation,
    new_policy,
)
from tocsin.chassis.internal.v1 import fact_service_pb2 as fact_calls
from tocsin.escalation.v1 import schedule_pb2
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.escalation_events_pb2 import EscalationPolicyChanged
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team

LAYER = Layer(name="day", starts_on="2026-01-01T09:00", users=(1,), rotation="P7D")
NIGHTS = Schedule(id=4, name="Nights", timezone="UTC", kind=Kind.RECURRING, layers=(LAYER,))
BY_SCHEDULE = EscalationRule(schedule=schedule_pb2.Schedule(id=4))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        await opened.person()
        yield opened


async def delete_user(house: House) -> Answer:
    return await house.users("DeleteUser", user_calls.DeleteUserRequest(id=1))


async def test_a_policy_pages_schedules_and_names_them(house: House) -> None:
    await house.db.write(schedules.add, NIGHTS)

    made = await house.policies("CreateEscalationPolicy", new_policy(BY_SCHEDULE))

    assert made.code == OK
    told = made.reply.escalation_rules[0].schedules[0]
    assert (told.id, told.name) == (4, "Nights")

    def rename(connection: Connection) -> None:
        schedules.save(connection, replace(NIGHTS, name="Late"))
        announcing.naming_schedule(connection, house.clock.now(connection), 4)

    await house.db.write(rename)
    event = (await house.told(EscalationPolicyChanged))[-1]
    assert event.escalation_policy.escalation_rules[0].schedules[0].name == "Late"


async def test_somebody_in_a_schedule_is_not_deleted(house: House) -> None:
    await house.db.write(schedules.add, NIGHTS)
    refused = await delete_user(house)
    assert (refused.code, refused.details) == (
        WRONG_STATE,
        "user 1 is in use by schedule 4 (Nights)",
    )


async def test_an_override_and_a_shift_that_are_over_keep_nobody(house: House) -> None:
    now = house.clock.wall()
    over = Shift(1, now - timedelta(hours=2), now - timedelta(hours=1))
    coming = Shift(1, now + timedelta(hours=1), now + timedelta(hours=2))
    static = replace(NIGHTS, kind=Kind.STATIC, layers=(), shifts=(over,))
    await house.db.write(schedules.add, static)
    await house.db.write(schedules.add_override, 1, 4, over)
    await house.db.write(schedules.add_override, 2, 4, coming)

    assert (await delete_user(house)).details == "user 1 is in use by schedule 4 (Nights)"
    house.clock.turn(timedelta(hours=3))
    assert (await delete_user(house)).code == OK


async def test_a_team_with_a_schedule_is_not_deleted(house: House) -> None:
    team_id = await make_team(house, "Ops")
    await house.db.write(schedules.add, replace(NIGHTS, teams=(team_id,)))
    refused = await teams(house, "DeleteTeam", team_calls.DeleteTeamRequest(id=team_id))
    assert (refused.code, "schedule 4 (Nights)" in refused.details) == (WRONG_STATE, True)


# what the other services may ask


@pytest.mark.parametrize(("kind", "message"), [("team", Team), ("support_hours", SupportHours)])
async def test_the_new_kinds_are_handed_out(house: House, kind: str, message: Any) -> None:
    made = {
        "team": await make_team(house, "Ops", 1),
        "support_hours": (await make_hours(house)).reply.id,
    }
    service = fact_calls.DESCRIPTOR.services_by_name["FactService"]
    servicer = FactServicer(house.db, app.FACTS)

    got = await Calls(service, servicer)("GetFact", fact_calls.GetFactRequest(kind=kind, id="1"))

    assert (got.reply.version, got.reply.deleted) == (1, False)
    told = message.FromString(got.reply.payload)
    assert told.id == made[kind]
    assert b"example.com" not in got.reply.payload  # of people, who they are and no more
    missing = fact_calls.GetFactRequest(kind=kind, id="9")
    assert (await Calls(service, servicer)("GetFact", missing)).code == NOT_FOUND


class Told:
    """A call with these headers."""

    def __init__(self, **headers: str) -> None:
        self._headers = headers

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return [(name.replace("_", "-"), value) for name, value in self._headers.items()]


class Asking:
    """Answers every list call with the teams that it asks for."""

    def __init__(self, told: Any) -> None:
        self._told = told

    async def ListTeams(self, request: Any, context: Any) -> team_calls.ListTeamsResponse:
        wanted = wanted_teams(self._told)
        ids = [-1] if wanted is None else sorted(wanted)
        return team_calls.ListTeamsResponse(teams=[Team(id=id_) for id_ in ids])


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, [-1]),
        ({"team_context": "0"}, [-1]),
        ({"team_context": "-1"}, [3, 5]),
        ({"team_context": "7"}, [7]),
        ({"x_team_context": "7"}, [7]),
        ({"team_context": "8", "x_team_context": "7"}, [8]),
        ({"team_context": "-2"}, INVALID),
        ({"team_context": "mine"}, INVALID),
        ({"team_context": ""}, INVALID),
        ({"team_context": "1_0"}, INVALID),
        ({"team_context": " 7"}, INVALID),
        ({"team_context": "2147483647"}, [2147483647]),
        ({"team_context": "2147483648"}, INVALID),
        ({"team_context": "99999999999999999999"}, INVALID),
    ],
)
async def test_which_teams_a_list_is_of(headers: dict[str, str], expected: Any) -> None:
    service = team_calls.DESCRIPTOR.services_by_name["TeamService"]
    caller = replace(ADA, teams=frozenset({5, 3}))
    calls = Calls(service, Asking(Told(**headers)), caller)

    answer = await calls("ListTeams", team_calls.ListTeamsRequest())

    if answer.code != OK:
        assert (answer.code, "team-context" in answer.details) == (expected, True)
    else:
        assert [team.id for team in answer.reply.teams] == expected
