"""What an alert source may refer to, by whoever makes or changes it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.chassis import facts
from services.chassis.principal import Principal
from tests.contract.blocking import Answer, Calls
from tests.contract.ingest_house import CODE, OPS, SRE, Door, open_door
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.ingest.v1 import alert_source_service_pb2 as source_pb
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

SOURCES = source_pb.DESCRIPTOR.services_by_name["AlertSourceService"]
OUTSIDER = Principal(
    kind="USER",
    id="evetoken",
    name="Eve",
    user_id=7,
    scopes=frozenset({"config:write"}),
    teams=frozenset({OPS.id}),
    changes=frozenset({OPS.id}),
    hidden=frozenset({SRE.id}),
)
MEMBER = replace(OUTSIDER, teams=frozenset({OPS.id, SRE.id}), hidden=frozenset())
POLICY = EscalationPolicy(id=21, name="Secret", teams=[SRE])
HOURS = SupportHours(id=22, name="Secret", teams=[SRE])
PLAIN = AlertSource(
    name="Disks",
    integration_type="API",
    escalation_policy=EscalationPolicy(id=1),
    teams=[Team(id=OPS.id)],
)
SECRETS = {
    "escalationPolicy": AlertSource(escalation_policy=EscalationPolicy(id=POLICY.id)),
    "supportHours": AlertSource(support_hours=SupportHours(id=HOURS.id)),
    "teams": AlertSource(teams=[Team(id=SRE.id)]),
}
secrets = pytest.mark.parametrize(("field", "more"), SECRETS.items(), ids=SECRETS)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        await opened.db.write(facts.publish, "policy", POLICY.id, POLICY)
        await opened.db.write(facts.publish, "support_hours", HOURS.id, HOURS)
        yield opened


def told(more: AlertSource, name: str = "Disks") -> AlertSource:
    whole = AlertSource()
    whole.CopyFrom(PLAIN)
    whole.MergeFrom(more)
    whole.name = name
    return whole


async def make(door: Door, wanted: AlertSource, caller: Principal) -> Answer:
    calls = Calls(SOURCES, door.servicer, caller)
    request = source_pb.CreateAlertSourceRequest(alert_source=wanted)
    return await calls("CreateAlertSource", request)


async def put(door: Door, id_: int, wanted: AlertSource, caller: Principal) -> Answer:
    calls = Calls(SOURCES, door.servicer, caller)
    request = source_pb.UpdateAlertSourceRequest(id=id_, alert_source=wanted)
    return await calls("UpdateAlertSource", request)


@secrets
async def test_what_its_maker_does_not_see_is_not_there(
    door: Door, field: str, more: AlertSource
) -> None:
    refused = await make(door, told(more), OUTSIDER)
    assert refused.code is CODE.INVALID_ARGUMENT
    assert field in refused.details
    assert "which is not there" in refused.details
    made = await make(door, told(more), MEMBER)
    assert made.code is CODE.OK, made.details

    plain = (await make(door, PLAIN, OUTSIDER)).reply
    assert (await put(door, plain.id, told(more), OUTSIDER)).details == refused.details


@secrets
async def test_what_is_referred_to_already_stays(door: Door, field: str, more: AlertSource) -> None:
    made = (await make(door, told(more), MEMBER)).reply
    changed = await put(door, made.id, told(more, "Other disks"), OUTSIDER)
    assert (changed.code, changed.reply.name) == (CODE.OK, "Other disks"), changed.details
