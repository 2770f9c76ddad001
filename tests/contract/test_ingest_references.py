"""What becomes of alert sources when what they refer to goes, or is nobody's business."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.tables import AuditRow
from services.ingest import references
from tests.contract.blocking import Answer
from tests.contract.ingest_house import CODE, HOURS, OPS, POLICY, SRE, Door, open_door
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationPolicyChanged,
    SupportHoursChanged,
    TeamChanged,
)
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.ingest.v1 import alert_source_service_pb2 as source_pb
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged

POLICY_GONE = EscalationPolicyChanged(escalation_policy=POLICY, version=2, deleted=True)
HOURS_GONE = SupportHoursChanged(support_hours=HOURS, version=2, deleted=True)
OPS_GONE = TeamChanged(team=OPS, version=2, deleted=True)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


def wanted(*teams: int, hours: bool = False) -> AlertSource:
    told = AlertSource(
        name="Checks", integration_type="API", escalation_policy=EscalationPolicy(id=POLICY.id)
    )
    told.teams.extend(Team(id=team) for team in teams)
    if hours:
        told.support_hours.id = HOURS.id
    return told


async def get(door: Door, id_: int) -> AlertSource:
    answer = await door.source("GetAlertSource", source_pb.GetAlertSourceRequest(id=str(id_)))
    found: AlertSource = answer.reply
    return found


async def update(door: Door, source_id: int, told: AlertSource) -> Answer:
    request = source_pb.UpdateAlertSourceRequest(id=source_id, alert_source=told)
    return await door.source("UpdateAlertSource", request)


async def make(door: Door, told: AlertSource) -> int:
    answer = await door.make(told)
    assert answer.code is CODE.OK, answer.details
    id_: int = answer.reply.id
    return id_


async def test_support_hours_that_are_gone_leave_their_sources(door: Door) -> None:
    source_id = await make(door, wanted(OPS.id, hours=True))
    other = await make(door, wanted())

    await door.hear(HOURS_GONE, HOURS_GONE)

    assert not (await get(door, source_id)).HasField("support_hours")
    assert [team.id for team in (await get(door, source_id)).teams] == [OPS.id]
    told = await door.published(AlertSourceChanged)
    assert [(each.alert_source.id, each.version) for each in told[1:]] == [
        (source_id, 1),
        (other, 1),
        (source_id, 2),
    ]
    audited = (await door.rows(AuditRow.__table__))[-1]
    assert (audited.actor_kind, audited.action) == ("SYSTEM", "alert_source.update")
    assert audited.target == f"alert_source:{source_id}"


async def test_a_team_that_is_gone_leaves_its_sources(door: Door) -> None:
    source_id = await make(door, wanted(SRE.id, OPS.id, hours=True))

    await door.hear(OPS_GONE)

    left = await get(door, source_id)
    assert [team.id for team in left.teams] == [SRE.id]
    assert left.support_hours.id == HOURS.id
    assert await door.published(SuiteAlertRaised) == []


async def test_of_a_policy_that_is_gone_somebody_is_told(door: Door) -> None:
    source_id = await make(door, wanted())

    await door.hear(POLICY_GONE, POLICY_GONE)

    (raised,) = await door.published(SuiteAlertRaised)
    assert "Checks" in raised.summary
    assert f"alert source {source_id} reach nobody" in raised.details
    assert (await get(door, source_id)).escalation_policy.id == POLICY.id


async def test_what_changes_and_stays_takes_nothing_away(door: Door) -> None:
    source_id = await make(door, wanted(OPS.id, hours=True))
    before = await get(door, source_id)

    await door.hear(
        TeamChanged(team=OPS, version=2),
        SupportHoursChanged(support_hours=HOURS, version=2),
        EscalationPolicyChanged(escalation_policy=POLICY, version=2),
    )

    assert await get(door, source_id) == before


@pytest.mark.parametrize(
    ("gone", "field"),
    [(POLICY_GONE, "escalationPolicy"), (HOURS_GONE, "supportHours"), (OPS_GONE, "teams")],
)
async def test_what_goes_while_a_source_is_made_is_refused(
    door: Door, gone: EscalationPolicyChanged, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_id = await make(door, wanted())
    check = references.References.check

    async def check_first(self: references.References, *asked: Any) -> None:
        await check(self, *asked)
        await door.hear(gone)  # after it was seen, before it is written

    monkeypatch.setattr(references.References, "check", check_first)

    for answer in (
        await door.make(wanted(OPS.id, hours=True)),
        await update(door, source_id, wanted(OPS.id, hours=True)),
    ):
        assert (answer.code, answer.details.startswith(field)) == (CODE.INVALID_ARGUMENT, True)


async def create_as_outsider(door: Door, *teams: int) -> Answer:
    request = source_pb.CreateAlertSourceRequest(alert_source=wanted(*teams))
    return await door.outsider("CreateAlertSource", request)


async def update_as_outsider(door: Door, source_id: int, *teams: int) -> Answer:
    request = source_pb.UpdateAlertSourceRequest(id=source_id, alert_source=wanted(*teams))
    return await door.outsider("UpdateAlertSource", request)


async def test_a_team_that_somebody_does_not_see_is_none(door: Door) -> None:
    source_id = await make(door, wanted(OPS.id))
    missing = SRE.id + 100

    refused = await create_as_outsider(door, OPS.id, SRE.id)
    unknown = await create_as_outsider(door, OPS.id, missing)

    assert refused.code is CODE.INVALID_ARGUMENT
    assert refused.details.replace("4", "104") == unknown.details
    changed = await update_as_outsider(door, source_id, OPS.id, SRE.id)
    assert (changed.code, changed.details) == (CODE.INVALID_ARGUMENT, refused.details)


async def test_a_source_is_given_only_to_teams_that_somebody_is_in(door: Door) -> None:
    source_id = await make(door, wanted(OPS.id))

    for team_id in (SRE.id, SRE.id + 100):  # alike: nothing tells that one of them is there
        for answer in (
            await create_as_outsider(door, team_id),
            await update_as_outsider(door, source_id, team_id),
        ):
            assert answer.code is CODE.PERMISSION_DENIED
            assert str(team_id) not in answer.details


async def test_a_team_that_a_source_has_may_stay(door: Door) -> None:
    source_id = await make(door, wanted(SRE.id, OPS.id))

    kept = await update_as_outsider(door, source_id, SRE.id, OPS.id)
    assert (kept.code, [team.name for team in kept.reply.teams]) == (CODE.OK, ["", OPS.name])
    assert (await update_as_outsider(door, source_id, OPS.id)).code is CODE.OK
    back = await update_as_outsider(door, source_id, SRE.id, OPS.id)
    assert back.code is CODE.INVALID_ARGUMENT


async def test_a_source_of_a_private_team_alone_is_not_there_for_others(door: Door) -> None:
    source_id = await make(door, wanted(SRE.id))
    shown = source_pb.GetAlertSourceRequest(id=str(source_id))
    removed = source_pb.DeleteAlertSourceRequest(id=source_id)

    for answer in (
        await door.outsider("GetAlertSource", shown),
        await update_as_outsider(door, source_id, SRE.id),
        await update_as_outsider(door, source_id, OPS.id),
        await door.outsider("DeleteAlertSource", removed),
    ):
        assert answer.code is CODE.NOT_FOUND
    assert (await door.member("GetAlertSource", shown)).reply.id == source_id
    assert [team.id for team in (await get(door, source_id)).teams] == [SRE.id]
