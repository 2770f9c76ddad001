"""Escalation through its real doors: gRPC, NATS, its database."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from services.escalation.domain.policies import BUILT_IN
from tests.integration.escalation_house import PEER, House, alert_changed, escalation
from tests.parts.waiting import eventually
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.chassis.internal.v1 import fact_service_pb2 as facts_pb
from tocsin.chassis.internal.v1 import subject_service_pb2 as subjects_pb
from tocsin.chassis.internal.v1.fact_service_pb2_grpc import FactServiceStub
from tocsin.chassis.internal.v1.subject_service_pb2_grpc import SubjectServiceStub
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1 import escalation_service_pb2 as pb
from tocsin.escalation.v1 import token_service_pb2, user_service_pb2
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.escalation_service_pb2_grpc import EscalationServiceStub
from tocsin.escalation.v1.token_pb2 import ApiToken
from tocsin.escalation.v1.token_service_pb2_grpc import TokenServiceStub
from tocsin.escalation.v1.user_pb2 import User
from tocsin.escalation.v1.user_service_pb2_grpc import UserServiceStub

PENDING, ACCEPTED, RESOLVED = Alert.PENDING, Alert.ACCEPTED, Alert.RESOLVED


@pytest.fixture
async def house(any_database_url: str, nats_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(any_database_url, nats_url, tmp_path) as opened:
        await opened.open()
        yield opened


@pytest.fixture
async def small_house(database_url: str, nats_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """On SQLite, for what no database can change."""
    async with escalation(database_url, nats_url, tmp_path) as opened:
        await opened.open()
        yield opened


async def test_levels_are_paged_in_time_until_somebody_takes_it(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    policy_id = await house.policy((ada, 60), (bob, 60), repeating=True, frequency=9)

    begun = await house.start(policy_id)
    (first,) = await house.paged(begun.key, 1)
    house.turn(61)
    _, second = await house.paged(begun.key, 2)
    request = pb.AcknowledgeEscalationRequest(id=begun.id)
    stub = house.stub(EscalationServiceStub)
    taken = await stub.AcknowledgeEscalation(request, metadata=house.me)
    house.turn(100_000)
    await house.nothing_is_left_to_do(policy_id)

    assert (first.level, first.cycle, list(first.user_ids)) == (1, 0, [ada])
    assert (second.level, second.cycle, list(second.user_ids)) == (2, 0, [bob])
    assert {first.level_count, second.level_count} == {2}
    assert first.accept_time == begun.start_time
    assert second.HasField("next_step_time")
    assert taken.state == Escalation.ACKNOWLEDGED
    assert len(await house.pages(begun.key)) == 2
    assert await house.run(begun.id) == taken
    changes = [
        (c.cause, c.escalation.version)
        for c in await house.published(EscalationChanged)
        if c.escalation.id == begun.id
    ]
    told = EscalationChanged
    assert changes == [(told.BEGUN, 1), (told.STEPPED, 2), (told.STEPPED, 3), (told.ENDED, 4)]


async def test_nobody_answers_and_the_suite_says_so(small_house: House) -> None:
    house = small_house
    ada = await house.person("Ada")
    begun = await house.start(await house.policy((ada, 60)))
    await house.paged(begun.key, 1)

    house.turn(61)

    async def told() -> list[SuiteAlertRaised]:
        return await house.published(SuiteAlertRaised)

    (raised,) = await eventually(told)
    run = await house.run(begun.id)
    assert run.state == Escalation.EXHAUSTED
    assert run.HasField("end_time")
    assert not run.HasField("ended_by")
    assert "deploy 42" in raised.details


async def test_after_a_crash_the_current_step_is_taken_once(small_house: House) -> None:
    house = small_house
    ada = await house.person("Ada")
    policy_id = await house.policy((ada, 60), (ada, 60), (ada, 60))
    begun = await house.start(policy_id)
    await house.paged(begun.key, 1)

    house.replicas[-1].end(signal.SIGKILL)
    house.turn(3600)
    await house.open()
    await house.paged(begun.key, 2)
    await house.nothing_is_left_to_do(policy_id)

    assert [page.level for page in await house.pages(begun.key)] == [1, 2]
    assert (await house.run(begun.id)).next_step_time.seconds > begun.start_time.seconds + 3600


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_replicas_page_each_level_once(small_house: House) -> None:
    house = small_house
    await house.open()
    ada = await house.person("Ada")
    policy_id = await house.policy((ada, 60), (ada, 60), (ada, 60))
    begun = await asyncio.gather(*(house.start(policy_id, str(n)) for n in range(40)))

    for turn in range(4):
        if turn:
            house.turn(61)
        await eventually(partial(_are_at, house, begun, turn + 1), within=30)

    steps = Counter(
        (change.escalation.id, change.escalation.version, change.cause)
        for change in await house.published(EscalationChanged)
    )
    assert set(steps.values()) == {1}
    assert len(steps) == 40 * 5  # begun, three levels, ended
    assert [replica.runs for replica in house.replicas] == [True, True]


async def _are_at(house: House, begun: list[Escalation], level: int) -> None:
    for run in begun:
        now = await house.run(run.id)
        assert (now.level, now.state) == (
            (level, Escalation.RUNNING) if level < 4 else (3, Escalation.EXHAUSTED)
        )
    ended = [c for c in await house.published(EscalationChanged) if c.cause == c.ENDED]
    assert len(ended) == (40 if level == 4 else 0)


async def test_an_alert_is_paged_until_it_is_accepted(house: House) -> None:
    await house.hears_of_alerts()
    ada = await house.person("Ada")
    policy_id = await house.policy((ada, 60), (ada, 60))

    await house.alert(alert_changed(1, PENDING, policy_id))
    (first,) = await house.paged("alert:7:1", 1)
    await house.alert(alert_changed(2, PENDING, policy_id))  # a repeat tells something new
    await house.alerts_were_heard()
    house.turn(61)
    _, second = await house.paged("alert:7:1", 2)
    await house.alert(alert_changed(3, ACCEPTED, policy_id))
    await house.alerts_were_heard()
    house.turn(61)
    await house.nothing_is_left_to_do(policy_id)

    assert (first.subject.title, second.subject.title) == (
        "disk full, said 1 times",
        "disk full, said 2 times",
    )
    assert len(await house.pages("alert:7:1")) == 2


async def test_an_alert_that_was_over_before_it_began_pages_nobody(small_house: House) -> None:
    house = small_house
    await house.hears_of_alerts()
    policy_id = await house.policy((await house.person("Ada"), 60))

    await house.alert(alert_changed(2, RESOLVED, policy_id))
    await house.alert(alert_changed(1, PENDING, policy_id))
    await house.alerts_were_heard()
    await house.nothing_is_left_to_do(policy_id)

    assert await house.pages("alert:7:1") == []


async def test_a_newer_episode_begins_again_and_ends_the_older(small_house: House) -> None:
    house = small_house
    await house.hears_of_alerts()
    ada, bob = await house.person("Ada"), await house.person("Bob")
    old, new = await house.policy((ada, 60), (ada, 60)), await house.policy((bob, 60))

    await house.alert(alert_changed(1, PENDING, old))
    await house.paged("alert:7:1", 1)
    await house.alert(alert_changed(2, PENDING, new, episode=2))
    (page,) = await house.paged("alert:7:2", 1)
    house.turn(61)
    await house.nothing_is_left_to_do(new)

    assert list(page.user_ids) == [bob]
    assert len(await house.pages("alert:7:1")) == 1


async def test_an_alert_whose_policy_is_not_there_is_told_to_the_suite(small_house: House) -> None:
    house = small_house
    await house.hears_of_alerts()
    admins = [await house.person(name, "ADMIN") for name in ("Ada", "Bob")]

    await house.alert(alert_changed(1, PENDING, 99))
    await eventually(lambda: house.published(SuiteAlertRaised))
    await house.alert(alert_changed(1, PENDING, BUILT_IN, alert_id=8))  # as Ingest makes of it
    (page,) = await house.paged("alert:8:1", 1)
    await eventually(lambda: _ended(house, "alert:8:1"))

    assert list(page.user_ids) == admins
    assert len(await house.published(SuiteAlertRaised)) == 1  # never about itself
    (nobody,) = await _ended(house, "alert:7:1")
    assert nobody.reached_nobody


async def _ended(house: House, key: str) -> list[EscalationChanged]:
    return [
        change
        for change in await house.published(EscalationChanged)
        if change.escalation.key == key and change.cause == change.ENDED
    ]


async def test_who_may_call(small_house: House) -> None:
    house = small_house
    users, issued = house.stub(UserServiceStub), house.stub(TokenServiceStub)
    wanted = ApiToken(name="reader", scopes=["config:read"])
    make = token_service_pb2.CreateTokenRequest(token=wanted)
    made = await issued.CreateToken(make, metadata=house.me)
    reader: Any = [("authorization", f"Bearer {made.token}")]
    peer: Any = [("authorization", f"Bearer {PEER}")]

    async def code(call: Any) -> grpc.StatusCode:
        try:
            await call
        except grpc.aio.AioRpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    listing = user_service_pb2.ListUsersRequest()
    person = user_service_pb2.CreateUserRequest(user=User(first_name="A"))
    checking = subjects_pb.CheckSubjectsRequest()
    subjects = house.stub(SubjectServiceStub)
    assert await code(users.ListUsers(listing)) is grpc.StatusCode.UNAUTHENTICATED
    assert await code(users.ListUsers(listing, metadata=reader)) is grpc.StatusCode.OK
    denied = grpc.StatusCode.PERMISSION_DENIED
    assert await code(users.CreateUser(person, metadata=reader)) is denied
    assert await code(subjects.CheckSubjects(checking, metadata=house.me)) is denied
    assert await code(subjects.CheckSubjects(checking, metadata=peer)) is grpc.StatusCode.OK
    revoke = token_service_pb2.RevokeTokenRequest(id=made.id)
    await issued.RevokeToken(revoke, metadata=house.me)
    unknown = grpc.StatusCode.UNAUTHENTICATED
    assert await code(users.ListUsers(listing, metadata=reader)) is unknown


async def test_its_facts_can_be_copied(small_house: House) -> None:
    house = small_house
    await house.policy((await house.person("Ada"), 60))
    peer: Any = [("authorization", f"Bearer {PEER}")]
    asked = facts_pb.SnapshotRequest(kinds=["user", "policy", "token", "source"])

    stub = house.stub(FactServiceStub)
    found = [fact async for fact in stub.Snapshot(asked, metadata=peer)]

    assert Counter(fact.kind for fact in found) == {"user": 1, "policy": 2, "token": 1}
    assert str(house.token).encode() not in b"".join(fact.payload for fact in found)
