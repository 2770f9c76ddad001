"""How other programs start runs, find them again, and answer for people."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.replies import MOST_BYTES
from tests.contract.blocking import ADA, Answer
from tests.contract.escalation_config_house import make_team, policies
from tests.contract.escalation_house import (
    DEPLOY,
    EXISTS,
    INVALID,
    NOT_FOUND,
    OK,
    House,
    escalation,
    new_policy,
)
from tocsin.escalation.v1 import escalation_service_pb2 as calls
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User

JOB = Subject(kind="job", id="backup", title="backup is late")
BOB = replace(ADA, id="bobbobbo")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


async def start(
    house: House, policy_id: int = 0, key: str = "", subject: Subject = JOB, **more: Any
) -> Answer:
    caller, header = more.pop("caller", ADA), more.pop("header", {})
    request = calls.StartEscalationRequest(
        subject=subject, escalation_policy_id=policy_id, idempotency_key=key, **more
    )
    return await house.escalations("StartEscalation", request, caller, **header)


async def end(house: House, run_id: int, how: str = "Stop") -> None:
    request = getattr(calls, f"{how}EscalationRequest")(id=run_id)
    assert (await house.escalations(f"{how}Escalation", request)).code is OK


async def listed(house: House, caller: Any = ADA, **wanted: Any) -> list[int]:
    request = calls.ListEscalationsRequest(**wanted)
    answer = await house.escalations("ListEscalations", request, caller)
    assert answer.code is OK, answer.details
    return [run.id for run in answer.reply.escalations]


async def test_a_repeat_under_its_key_is_the_same_run(house: House) -> None:
    policy_id = await house.policy(60)
    first = await start(house, policy_id, "night 1")
    await end(house, first.reply.id)

    again = await start(house, policy_id, "night 1")

    assert (first.code, again.code) == (OK, OK)
    assert (again.reply.id, again.reply.state) == (first.reply.id, Escalation.STOPPED)
    assert await listed(house) == [first.reply.id]


async def test_another_request_under_a_used_key_is_refused(house: House) -> None:
    policy_id = await house.policy(60)
    await start(house, policy_id, "night 1")
    other = Subject(kind="job", id="backup", title="something else")

    assert (await start(house, policy_id, "night 1", other)).code is EXISTS
    header = {"idempotency_key": "night 1"}
    assert (await start(house, policy_id, subject=other, header=header)).code is EXISTS


async def test_a_key_is_its_callers_own_and_forgotten_after_a_day(house: House) -> None:
    policy_id = await house.policy(60)
    other = Subject(kind="job", id="report", title="report is late")
    await start(house, policy_id, "night 1")

    assert (await start(house, policy_id, "night 1", other, caller=BOB)).code is OK
    house.clock.turn(timedelta(hours=25))
    assert (await start(house, policy_id, "night 1", other)).code is OK


@pytest.mark.parametrize("key", ["x" * 256, "caf\u00e9", "a\nb"])
async def test_what_is_no_key(house: House, key: str) -> None:
    assert (await start(house, await house.policy(60), key)).code is INVALID


@pytest.mark.parametrize(
    ("before", "episode"),
    [("", 1), ("Stop", 2), ("Acknowledge", 2), ("exhausted", 2)],
)
async def test_another_key_begins_the_next_episode_unless_one_is_under_way(
    house: House, before: str, episode: int
) -> None:
    policy_id = await house.policy(60)
    first = (await start(house, policy_id, "night 1")).reply
    if before == "exhausted":
        await house.goes_on()
        await house.goes_on(60)
    elif before:
        await end(house, first.id, before)

    second = (await start(house, policy_id, "night 2")).reply

    assert second.subject.episode == episode
    assert (second.id == first.id) == (episode == 1)
    assert second.state == Escalation.RUNNING


async def test_without_a_key_the_episode_is_the_callers(house: House) -> None:
    policy_id = await house.policy(60)
    first = (await start(house, policy_id)).reply
    await end(house, first.id)

    assert (await start(house, policy_id)).reply.state == Escalation.STOPPED
    second = Subject(kind="job", id="backup", title="backup is late", episode=2)
    assert (await start(house, policy_id, "night 2", second)).reply.key == "job:backup:2"


async def test_a_policy_is_named_in_one_of_three_ways(house: House) -> None:
    policy_id = await house.policy(60)
    request = policy_calls.GetEscalationPolicyRequest(id=policy_id)
    policy = (await house.policies("GetEscalationPolicy", request)).reply
    policy.routing_key = "night"
    update = policy_calls.UpdateEscalationPolicyRequest(id=policy_id, escalation_policy=policy)
    assert (await house.policies("UpdateEscalationPolicy", update)).code is OK

    by_key = await start(house, routing_key="night")
    by_name = await start(house, subject=DEPLOY, escalation_policy_name="Night")

    assert by_key.reply.escalation_policy_id == by_name.reply.escalation_policy_id == policy_id
    assert (await start(house)).code is INVALID
    assert (await start(house, policy_id, routing_key="night")).code is INVALID
    wrongs: list[dict[str, Any]] = [{"routing_key": "day"}, {"escalation_policy_name": "Day"}]
    for wrong in wrongs:
        another = Subject(kind="job", id="x", title="t")
        assert (await start(house, subject=another, **wrong)).code is NOT_FOUND


async def test_a_run_is_found_by_its_key(house: House) -> None:
    run = (await start(house, await house.policy(60))).reply

    found = await house.escalations("GetEscalation", calls.GetEscalationRequest(key="job:backup:1"))

    assert found.reply == run
    for request, code in (
        (calls.GetEscalationRequest(key="job:backup:2"), NOT_FOUND),
        (calls.GetEscalationRequest(), INVALID),
        (calls.GetEscalationRequest(id=1, key="job:backup:1"), INVALID),
    ):
        assert (await house.escalations("GetEscalation", request)).code is code


async def test_a_program_brings_a_persons_answer(house: House) -> None:
    run = (await start(house, await house.policy(60))).reply
    bob = await house.person("Bob")

    def answered(user_id: int) -> Any:
        request = calls.AcknowledgeEscalationRequest(id=run.id, user_id=user_id)
        return house.escalations("AcknowledgeEscalation", request, replace(ADA, user_id=0))

    assert (await answered(99)).code is INVALID
    taken = (await answered(bob)).reply
    assert taken.state == Escalation.ACKNOWLEDGED
    assert (taken.ended_by.user_id, taken.ended_by.name) == (bob, "Bob L")
    assert (await answered(1)).reply.ended_by.user_id == bob  # whoever was first stays the one


async def test_a_page_tells_which_run_to_acknowledge(house: House) -> None:
    run = (await start(house, await house.policy(60))).reply
    await house.goes_on()

    (page,) = await house.told(PageRequested)

    assert page.escalation_id == run.id


async def test_lists_are_filtered_and_paged(house: House) -> None:
    policy_id = await house.policy(60)
    rule = EscalationRule(users=[User(id=1)])
    other_id = (await house.policies("CreateEscalationPolicy", new_policy(rule))).reply.id
    runs = []
    for number in range(5):
        subject = Subject(kind="job", id=f"j{number}", title="t")
        runs.append((await start(house, policy_id, subject=subject)).reply)
        house.clock.turn(timedelta(minutes=1))
    deploy = (await start(house, other_id, subject=DEPLOY)).reply
    await end(house, runs[0].id)
    await end(house, runs[1].id, "Acknowledge")
    jobs = [run.id for run in reversed(runs)]

    assert await listed(house) == [deploy.id, *jobs]
    assert await listed(house, kind="job") == jobs
    assert await listed(house, kind="job", subject_id="j3") == [runs[3].id]
    assert await listed(house, policies=[other_id, 77]) == [deploy.id]
    over = [Escalation.STOPPED, Escalation.ACKNOWLEDGED]
    assert await listed(house, states=over) == [runs[1].id, runs[0].id]
    assert await listed(house, start_index=1, max_results=2) == jobs[:2]
    between = {"from": runs[1].start_time, "until": runs[3].start_time}
    assert await listed(house, **between) == [runs[2].id, runs[1].id]


async def test_a_list_of_much_is_shortened_where_it_is_most(house: House) -> None:
    policy_id = await house.policy(60)
    for number in range(40):
        details = "x" * 120_000 if number else "short"
        subject = Subject(kind="job", id=f"j{number}", title="t", details=details)
        assert (await start(house, policy_id, subject=subject)).code is OK

    answer = await house.escalations("ListEscalations", calls.ListEscalationsRequest())

    *large, small = answer.reply.escalations
    assert answer.reply.ByteSize() < MOST_BYTES
    assert small.subject.details == "short"
    for run in large:
        assert len(run.subject.details) > 50_000
        assert run.subject.details.endswith(f"/api/escalations/{run.id} has the whole]")


@pytest.mark.parametrize(
    "wanted",
    [
        {"max_results": 101},
        {"start_index": -1},
        {"states": [0]},
        {"states": [9]},
        {"kind": "a\0"},
        {"subject_id": "j1"},
    ],
)
async def test_what_no_list_is(house: House, wanted: dict[str, Any]) -> None:
    request = calls.ListEscalationsRequest(**wanted)
    assert (await house.escalations("ListEscalations", request)).code is INVALID


async def test_runs_belong_to_the_teams_of_their_policies(house: House) -> None:
    ada = await house.person()
    secret = await make_team(house, "Secret", ada, visibility="PRIVATE")
    told = EscalationPolicy(
        name="Secret",
        escalation_rules=[EscalationRule(users=[User(id=ada)])],
        teams=[Team(id=secret)],
    )
    request = policy_calls.CreateEscalationPolicyRequest(escalation_policy=told)
    private = (await policies(house, "CreateEscalationPolicy", request, ADA)).reply.id
    hidden = (await start(house, private)).reply.id
    rule = EscalationRule(users=[User(id=ada)])
    public = (await house.policies("CreateEscalationPolicy", new_policy(rule))).reply.id
    shown = (await start(house, public, subject=DEPLOY)).reply.id
    stranger = replace(
        ADA, user_id=7, scopes=frozenset({"escalations:read"}), hidden=frozenset({secret})
    )
    bound = replace(stranger, hidden=frozenset(), team=secret)

    assert await listed(house) == [shown, hidden]
    assert await listed(house, stranger) == [shown]
    assert await listed(house, stranger, kind="job") == []
    assert await listed(house, bound) == [hidden]
    by_key = calls.GetEscalationRequest(key="job:backup:1")
    assert (await house.escalations("GetEscalation", by_key, stranger)).code is NOT_FOUND
