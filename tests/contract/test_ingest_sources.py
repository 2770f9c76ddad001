"""What ingest answers about alert sources, state by state."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.clock import Clock
from services.chassis.outbox import OUTBOX
from services.chassis.principal import Principal
from services.chassis.tables import AuditRow
from services.ingest import consumer, sources
from services.ingest.store.tables import EVENT, SOURCE
from tests.contract.blocking import Answer, Calls, InTeam
from tests.contract.ingest_house import (
    ADA,
    CODE,
    HOURS,
    OPS,
    POLICY,
    READER,
    SOURCE_MESSAGE,
    URL,
    Door,
    body,
    open_door,
)
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.ingest.v1 import alert_source_service_pb2 as source_pb
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged

SRE_LABEL = Team(id=4, name="SRE", visibility=Team.PRIVATE)
SOURCES = source_pb.DESCRIPTOR.services_by_name["AlertSourceService"]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


def full() -> AlertSource:
    return AlertSource(
        name=" Prometheus ",
        integration_type="PROMETHEUS",
        escalation_policy=EscalationPolicy(id=1),
        active=False,
        alert_priority_rule=AlertSource.LOW,
        teams=[Team(id=9), Team(id=4), Team(id=9)],
        alert_creation=AlertSource.ONE_PENDING_ALERT_ALLOWED,
        auto_resolution_timeout="PT90M",
        icon_url="https://example.com/icon.png",
        support_hours=SupportHours(id=3),
    )


async def get(door: Door, id_: object, *, reader: bool = False) -> Answer:
    calls = door.reader if reader else door.source
    return await calls("GetAlertSource", source_pb.GetAlertSourceRequest(id=str(id_)))


async def test_a_source_is_made_with_a_key_that_those_who_write_see(door: Door) -> None:
    made = (await door.create()).reply

    assert made.id == 2
    assert made.integration_key.startswith("il1")
    assert len(made.integration_key) == 43
    assert made.integration_url == f"{URL}/api/events"
    assert made.active
    assert made.alert_priority_rule == AlertSource.HIGH
    assert made.alert_creation == AlertSource.ONE_ALERT_PER_EMAIL
    assert made.status == AlertSource.ALL_RESOLVED
    assert made.escalation_policy == POLICY
    assert not made.HasField("auto_resolution_timeout")
    assert not made.HasField("icon_url")
    assert not made.HasField("support_hours")
    assert (await get(door, 2)).reply == made
    seen = (await get(door, 2, reader=True)).reply
    assert not seen.HasField("integration_key")
    made.ClearField("integration_key")
    assert seen == made


async def test_a_source_is_shown_with_what_it_refers_to(door: Door) -> None:
    made = (await door.make(full())).reply
    assert list(made.teams) == [SRE_LABEL, OPS]
    made = (await get(door, made.id)).reply

    assert made.name == "Prometheus"
    assert not made.active
    assert made.status == AlertSource.DISABLED
    assert made.alert_priority_rule == AlertSource.LOW
    assert made.alert_creation == AlertSource.ONE_PENDING_ALERT_ALLOWED
    assert (made.auto_resolution_timeout, made.icon_url) == ("PT90M", full().icon_url)
    assert made.support_hours == HOURS
    assert list(made.teams) == [Team(id=4, name="SRE", visibility=Team.PRIVATE), OPS]
    assert (await get(door, made.id)).reply == made


async def test_a_private_teams_name_is_shown_to_its_members(door: Door) -> None:
    await door.make(full())
    outsider = replace(READER, hidden=frozenset({4}))
    member = replace(READER, teams=frozenset({4}))
    request = source_pb.GetAlertSourceRequest(id="2")

    async def teams(caller: Principal) -> list[Team]:
        calls = Calls(SOURCES, door.servicer, caller)
        return list((await calls("GetAlertSource", request)).reply.teams)

    named = [Team(id=4, name="SRE", visibility=Team.PRIVATE), OPS]
    assert await teams(member) == named
    assert await teams(ADA) == named  # who is an ADMIN
    # The other team is public, so the source is there for everybody.
    assert await teams(outsider) == [Team(id=4, visibility=Team.PRIVATE), OPS]


async def test_the_sources_of_a_team(door: Door) -> None:
    await door.create()
    await door.make(full())

    async def listed(team_id: int) -> list[int]:
        calls = Calls(SOURCES, InTeam(door.servicer, team_id), ADA)
        answer = await calls("ListAlertSources", source_pb.ListAlertSourcesRequest())
        return [source.id for source in answer.reply.alert_sources]

    assert await listed(9) == [3]
    assert await listed(0) == [1, 2, 3]
    assert await listed(-1) == []
    assert await listed(77) == []


async def test_a_source_is_found_by_its_key_by_those_who_may_see_it(door: Door) -> None:
    key = await door.key()

    assert (await get(door, key)).reply.id == 2
    assert (await get(door, key, reader=True)).code is CODE.NOT_FOUND
    assert (await get(door, "il1nobody")).code is CODE.NOT_FOUND


@pytest.mark.parametrize("id_", ["", "0", "99", "-1", "9" * 5000, "1 ", "\u0661"])
async def test_a_source_that_is_not_there_is_not_found(door: Door, id_: str) -> None:
    assert (await get(door, id_)).code is CODE.NOT_FOUND


@pytest.mark.parametrize("name", ["Straße 5", "STRASSE 5", " straße 5 "])
async def test_a_source_is_found_by_its_name_without_case(door: Door, name: str) -> None:
    for _ in range(2):
        await door.key(name="Straße 5")

    request = source_pb.GetAlertSourceByNameRequest(name=name)
    assert (await door.source("GetAlertSourceByName", request)).reply.id == 2


async def test_a_name_that_nobody_has_is_not_found(door: Door) -> None:
    request = source_pb.GetAlertSourceByNameRequest(name="nobody")

    assert (await door.source("GetAlertSourceByName", request)).code is CODE.NOT_FOUND


async def test_no_key_is_in_any_table_log_or_message(door: Door) -> None:
    key = await door.key()

    told = await door.published(AlertSourceChanged)
    assert [(change.alert_source.id, change.version) for change in told] == [(1, 1), (2, 1)]
    (audited,) = await door.rows(AuditRow.__table__)
    assert (audited.action, audited.target) == ("alert_source.create", "alert_source:2")
    assert audited.user_id == 3
    tables = (OUTBOX, SOURCE, AuditRow.__table__, facts.FACT)
    assert key not in repr([await door.rows(table) for table in tables])


async def test_a_key_that_cannot_be_opened_does_not_hide_its_source(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    key = await door.key()

    def lose(connection: Connection) -> None:
        connection.execute(SOURCE.update().values(sealed_key=b"\x01\x03oldxxxxxxxxxxxxxxxx"))

    await door.db.write(lose)

    found = (await get(door, 2)).reply
    assert (found.name, found.HasField("integration_key")) == ("Prometheus", False)
    assert "sealed with the key 'old'" in caplog.text
    assert (await door.post(body(key))).code is CODE.OK


async def update(door: Door, source_id: int, wanted: AlertSource) -> Answer:
    request = source_pb.UpdateAlertSourceRequest(id=source_id, alert_source=wanted)
    return await door.source("UpdateAlertSource", request)


async def test_an_update_replaces_all_but_the_key(door: Door) -> None:
    made = (await door.make(full())).reply

    changed = (await update(door, made.id, SOURCE_MESSAGE)).reply

    assert changed.integration_key == made.integration_key
    fresh = (await door.create()).reply
    fresh.id, fresh.integration_key = changed.id, changed.integration_key
    assert changed == fresh
    assert (await get(door, made.id)).reply == changed
    told = (await door.published(AlertSourceChanged))[2]
    assert (told.alert_source.id, told.version, told.deleted) == (2, 2, False)
    assert [row.action for row in await door.rows(AuditRow.__table__)][:2] == [
        "alert_source.create",
        "alert_source.update",
    ]


async def test_the_same_again_changes_nothing(door: Door) -> None:
    await door.make(full())
    made = (await get(door, 2)).reply

    assert (await update(door, made.id, made)).reply == made
    assert len(await door.published(AlertSourceChanged)) == 2
    assert len(await door.rows(AuditRow.__table__)) == 1


async def test_an_update_is_known_to_the_next_event(door: Door) -> None:
    made = (await door.create()).reply
    await door.post(body(made.integration_key))
    made.active = False

    await update(door, made.id, made)
    await door.post(body(made.integration_key))

    assert [row.note for row in await door.rows(EVENT)] == ["", "SOURCE_INACTIVE"]


async def delete(door: Door, source_id: int) -> Answer:
    request = source_pb.DeleteAlertSourceRequest(id=source_id)
    return await door.source("DeleteAlertSource", request)


async def test_the_key_of_a_deleted_source_is_unknown(door: Door) -> None:
    key = await door.key()
    assert (await door.post(body(key))).code is CODE.OK

    assert (await delete(door, 2)).code is CODE.OK

    assert (await door.post(body(key))).code is CODE.NOT_FOUND
    assert (await get(door, 2)).code is CODE.NOT_FOUND
    assert (await get(door, key)).code is CODE.NOT_FOUND
    by_name = source_pb.GetAlertSourceByNameRequest(name="Prometheus")
    assert (await door.source("GetAlertSourceByName", by_name)).code is CODE.NOT_FOUND
    listed = await door.source("ListAlertSources", source_pb.ListAlertSourcesRequest())
    assert [source.id for source in listed.reply.alert_sources] == [1]
    assert (await door.published(AlertSourceChanged))[-1].deleted
    (_, fact) = [row for row in await door.rows(facts.FACT) if row.kind == sources.KIND]
    assert (fact.id, fact.version, fact.deleted) == ("2", 2, True)
    assert (await door.rows(AuditRow.__table__))[-1].action == "alert_source.delete"


async def test_what_is_gone_can_be_neither_changed_nor_deleted_again(door: Door) -> None:
    await door.key()
    await delete(door, 2)

    assert (await delete(door, 2)).code is CODE.NOT_FOUND
    assert (await update(door, 2, SOURCE_MESSAGE)).code is CODE.NOT_FOUND
    assert (await delete(door, 0)).code is CODE.NOT_FOUND
    assert (await door.create()).reply.id == 3


async def test_the_built_in_source_stays_as_it_is(door: Door) -> None:
    assert (await update(door, 1, SOURCE_MESSAGE)).code is CODE.FAILED_PRECONDITION
    assert (await delete(door, 1)).code is CODE.FAILED_PRECONDITION
    assert (await get(door, 1)).reply.name == "tocsin"
    assert not (await get(door, 1)).reply.HasField("integration_key")


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("name", {"name": ""}),
    ("name", {"name": "  "}),
    ("name", {"name": "x" * 256}),
    ("integrationType", {"integration_type": ""}),
    ("integrationType", {"integration_type": "api"}),
    ("integrationType", {"integration_type": "NO_SUCH_TOOL"}),
    ("alertPriorityRule", {"alert_priority_rule": 99}),
    ("alertCreation", {"alert_creation": 99}),
    ("autoResolutionTimeout", {"auto_resolution_timeout": "PT1M"}),
    ("iconUrl", {"icon_url": "icon.png"}),
    ("escalationPolicy", {"escalation_policy": EscalationPolicy()}),
    ("escalationPolicy", {"escalation_policy": EscalationPolicy(id=-1)}),
    ("escalationPolicy", {"escalation_policy": EscalationPolicy(id=7)}),
    ("supportHours", {"support_hours": SupportHours()}),
    ("supportHours", {"support_hours": SupportHours(id=7)}),
    ("teams", {"teams": [Team(id=4), Team(id=7)]}),
    ("teams", {"teams": [Team(name="SRE")]}),
]


@pytest.mark.parametrize(("field", "fields"), REFUSED)
async def test_a_source_is_refused(door: Door, fields: dict[str, Any], field: str) -> None:
    await door.key()
    said = {"name": "x", "integration_type": "API", "escalation_policy": EscalationPolicy(id=1)}
    wanted = AlertSource(**{**said, **fields})

    for answer in (await door.make(wanted), await update(door, 2, wanted)):
        assert answer.code is CODE.INVALID_ARGUMENT
        assert door.failure.field == field
        assert answer.details.startswith(field)


@pytest.mark.parametrize(
    "unknown",
    [
        {"escalation_policy": EscalationPolicy(id=7)},
        {"teams": [Team(id=7)]},
        {"support_hours": SupportHours(id=7)},
    ],
)
async def test_while_nobody_knows_the_caller_is_told_to_try_again(
    door: Door, unknown: dict[str, Any]
) -> None:
    door.owner.code = CODE.UNAVAILABLE
    said = {"name": "x", "integration_type": "API", "escalation_policy": EscalationPolicy(id=1)}

    assert (await door.make(AlertSource(**{**said, **unknown}))).code is CODE.UNAVAILABLE


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ([], "ALL_RESOLVED"),
        ([(7, "PENDING", 1)], "PENDING"),
        ([(7, "PENDING", 1), (7, "ACCEPTED", 2)], "ALL_ACCEPTED"),
        ([(7, "ACCEPTED", 2), (7, "PENDING", 1)], "ALL_ACCEPTED"),
        ([(7, "PENDING", 1), (8, "ACCEPTED", 5)], "PENDING"),
        ([(7, "PENDING", 1), (7, "RESOLVED", 3)], "ALL_RESOLVED"),
        ([(7, "RESOLVED", 3), (7, "PENDING", 1)], "ALL_RESOLVED"),
        ([(7, "RESOLVED", 3), (8, "PENDING", 1), (8, "PENDING", 1)], "PENDING"),
    ],
)
async def test_a_source_stands_as_its_alerts_do(
    door: Door, told: list[tuple[int, str, int]], found: str
) -> None:
    await door.key()
    react = consumer.reactions(door.means)["alertstate"][AlertChanged.DESCRIPTOR.full_name]
    clock = Clock()

    def hear(connection: Connection) -> None:
        for alert_id, status, version in told:
            alert = {"id": alert_id, "status": status, "alert_source": {"id": 2}}
            changed = AlertChanged(alert=alert, version=version)
            react(connection, clock.now(connection), changed.SerializeToString())

    await door.db.write(hear)

    assert (await get(door, 2)).reply.status == AlertSource.Status.Value(found)
    assert (await get(door, 1)).reply.status == AlertSource.ALL_RESOLVED


async def test_sources_are_listed_oldest_first_in_pages(door: Door) -> None:
    for name in ("a", "b", "c"):
        await door.key(name=name)

    async def names(**paging: int) -> list[str]:
        request = source_pb.ListAlertSourcesRequest(**paging)
        listed = (await door.reader("ListAlertSources", request)).reply.alert_sources
        assert not any(source.HasField("integration_key") for source in listed)
        return [source.name for source in listed]

    assert await names() == ["tocsin", "a", "b", "c"]
    assert await names(start_index=1, max_results=2) == ["a", "b"]
    assert await names(start_index=9) == []
    listed = await door.source("ListAlertSources", source_pb.ListAlertSourcesRequest())
    assert [len(source.integration_key) for source in listed.reply.alert_sources] == [0, 43, 43, 43]


@pytest.mark.parametrize("paging", [{"max_results": 51}, {"max_results": -1}, {"start_index": -1}])
async def test_a_page_out_of_bounds_is_refused(door: Door, paging: dict[str, int]) -> None:
    answer = await door.source("ListAlertSources", source_pb.ListAlertSourcesRequest(**paging))

    assert answer.code is CODE.INVALID_ARGUMENT
