"""What would page whom: asked in every way, answered with reasons."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import grpc
import grpc.aio
import pytest

from services.chassis import facts
from services.chassis.principal import Principal
from services.cli.client.timeline import Timeline
from services.escalation.domain.runs import Effect
from services.escalation.peers import Ways
from services.escalation.servicer import simulation as servicers
from services.escalation.wire.simulation import KINDS
from tests.contract.escalation_config_house import make_team
from tests.contract.escalation_house import INVALID, NOT_FOUND, OK, hear
from tests.contract.simulation_house import HOUR, START, Theatre, pages_of, theatre
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.policy_pb2 import (
    EscalationPolicy,
    EscalationRule,
    PolicyReference,
    WebhookReference,
)
from tocsin.escalation.v1.schedule_pb2 import Schedule, Shift
from tocsin.escalation.v1.simulation_pb2 import SimulatedReason, SimulatedStep, Simulation
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.notification.internal.v1 import way_service_pb2 as ways_pb
from tocsin.notification.internal.v1 import way_service_pb2_grpc as ways_rpc
from tocsin.notification.v1.contact_pb2 import Contact

MINUTE = timedelta(minutes=1)
ADA, BOB, EVE = 1, 2, 3


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Theatre]:
    async with theatre(tmp_path) as opened:
        for name in ("Ada", "Bob", "Eve"):
            opened.users.append(await opened.house.person(name))
        yield opened


def rule(minutes: int, **targets: Any) -> EscalationRule:
    return EscalationRule(escalation_timeout=minutes, **targets)


async def night(stage: Theatre, *shifts: tuple[int, int, int]) -> Schedule:
    """Makes a schedule of (user, from, until) in hours from the start."""
    told = [
        Shift(user=User(id=user), start=START + start * HOUR, end=START + end * HOUR)
        for user, start, end in shifts
    ]
    made = Schedule(name="Night", timezone="Europe/Berlin", type="STATIC", shifts=told)
    return Schedule(id=await stage.schedule(made))


def lines(simulation: Simulation) -> list[str]:
    """Returns a timeline in short: minutes, what, level, who and why."""
    return [
        " ".join(
            (
                f"{step.offset_seconds // 60}",
                SimulatedStep.Kind.Name(step.kind),
                f"{step.cycle}.{step.level}",
                *(
                    f"{page.user.first_name}:{','.join(map(_why, page.reasons))}"
                    for page in step.pages
                ),
                *map(_why, step.reasons),
            )
        )
        for step in simulation.steps
    ]


def _why(reason: SimulatedReason) -> str:
    return SimulatedReason.Kind.Name(reason.kind)


async def test_a_timeline_tells_who_is_paged_when_and_why(stage: Theatre) -> None:
    team = Team(id=await make_team(stage.house, "Ops", BOB, ADA))
    schedule = await night(stage, (BOB, 0, 1), (EVE, 1, 2))
    policy_id = await stage.policy(
        rule(50, schedules=[schedule], users=[User(id=ADA)]),
        rule(30, schedules=[schedule]),
        rule(60, schedules=[schedule], teams=[team]),
        rule(5, schedules=[schedule]),
        delay_min=15,
        name="Web",
    )
    simulation = await stage.simulated(escalation_policy_id=policy_id)

    assert lines(simulation) == [
        "0 BEGUN 0.0",
        "15 PAGED 0.1 Ada:NAMED Bob:ON_CALL",
        "65 PAGED 0.2 Eve:ON_CALL",
        "95 PAGED 0.3 Eve:ON_CALL Bob:MEMBER Ada:MEMBER",
        "155 SKIPPED 0.4 NOBODY_ON_CALL",
        "155 EXHAUSTED 0.0",
    ]
    assert simulation.state == Escalation.EXHAUSTED
    assert simulation.escalation_policy.name == "Web"
    begun, first, second, *_ = simulation.steps
    assert begun.next_time.ToDatetime(UTC) == START + 15 * MINUTE
    assert first.next_time.ToDatetime(UTC) == START + 65 * MINUTE
    reason = second.pages[0].reasons[0]
    assert (reason.schedule.name, reason.schedule.timezone) == ("Night", "Europe/Berlin")
    assert reason.start.ToDatetime(UTC) == START + HOUR
    assert reason.end.ToDatetime(UTC) == START + 2 * HOUR
    assert not simulation.contacts_known
    assert len(simulation.notes) == 1


async def test_a_gap_says_when_it_is_over(stage: Theatre) -> None:
    schedule = await night(stage, (EVE, 5, 6))
    policy_id = await stage.policy(
        rule(5, schedules=[schedule]), rule(5, users=[User(id=ADA)]), repeating=True, frequency=1
    )
    simulation = await stage.simulated(escalation_policy_id=policy_id)

    assert lines(simulation) == [
        "0 BEGUN 0.0",
        "0 SKIPPED 0.1 NOBODY_ON_CALL",
        "0 PAGED 0.2 Ada:NAMED",
        "5 SKIPPED 1.1 NOBODY_ON_CALL",
        "5 PAGED 1.2 Ada:NAMED",
        "10 EXHAUSTED 1.0",
    ]
    assert simulation.steps[1].reasons[0].end.ToDatetime(UTC) == START + 5 * HOUR


async def test_an_accept_ends_it(stage: Theatre) -> None:
    policy_id = await stage.policy(rule(5, users=[User(id=ADA)]), rule(5, users=[User(id=BOB)]))
    request = {"escalation_policy_id": policy_id}
    simulation = await stage.simulated(**request, accept_after_seconds=300, accepted_by=EVE)

    assert lines(simulation) == ["0 BEGUN 0.0", "0 PAGED 0.1 Ada:NAMED", "5 ACCEPTED 0.0 Eve:"]
    assert simulation.state == Escalation.ACKNOWLEDGED
    late = await stage.simulated(**request, accept_after_seconds=3600)
    assert [step.kind for step in late.steps][-2:] == [
        SimulatedStep.EXHAUSTED,
        SimulatedStep.ACCEPTED,
    ]


async def test_low_stops_after_the_first_level(stage: Theatre) -> None:
    policy_id = await stage.policy(
        rule(5, users=[User(id=ADA)]), rule(5, users=[User(id=BOB)]), repeating=True
    )
    simulation = await stage.simulated(escalation_policy_id=policy_id, priority="LOW")

    assert lines(simulation) == ["0 BEGUN 0.0", "0 PAGED 0.1 Ada:NAMED", "5 EXHAUSTED 0.0"]


async def test_the_past_is_simulated_with_the_configuration_of_now(stage: Theatre) -> None:
    schedule = await night(stage, (EVE, -50, -40), (ADA, 50, 60))
    policy_id = await stage.policy(rule(5, schedules=[schedule]))
    at = START - 45 * HOUR
    simulation = await stage.simulated(escalation_policy_id=policy_id, at=at)

    assert pages_of(simulation) == [(at, 0, 1, (EVE,), ())]
    assert any("of now" in note for note in simulation.notes)


async def test_what_is_meant_is_said_in_any_way(stage: Theatre) -> None:
    policy_id = await stage.policy(rule(5, users=[User(id=ADA)]), name="Web", routing_key="web")
    source = AlertSource(
        id=7, escalation_policy=EscalationPolicy(id=policy_id), alert_priority_rule="LOW"
    )
    await stage.house.db.write(lambda c: facts.publish(c, "source", 7, source))

    for said in (
        {"escalation_policy_id": policy_id},
        {"escalation_policy": "wEB"},
        {"routing_key": " web "},
    ):
        assert (await stage.simulated(**said)).escalation_policy.id == policy_id
    of_source = await stage.simulated(alert_source_id=7)
    assert of_source.escalation_policy.id == policy_id
    assert of_source.priority == 2
    assert (await stage.simulated(alert_source_id=7, priority="HIGH")).priority == 1


@pytest.mark.parametrize(
    ("request_", "code", "word"),
    [
        ({}, INVALID, "exactly one"),
        ({"escalation_policy_id": 1, "routing_key": "x"}, INVALID, "exactly one"),
        ({"escalation_policy_id": 99}, NOT_FOUND, "99"),
        ({"escalation_policy": "none"}, NOT_FOUND, "none"),
        ({"escalation_policy": ""}, INVALID, "escalationPolicy"),
        ({"routing_key": "none"}, NOT_FOUND, "none"),
        ({"alert_source_id": 99}, NOT_FOUND, "99"),
        ({"escalation_policy_id": 1, "priority": 9}, INVALID, "priority"),
        ({"escalation_policy_id": 1, "max_results": 0}, INVALID, "maxResults"),
        ({"escalation_policy_id": 1, "max_results": 1001}, INVALID, "maxResults"),
        ({"escalation_policy_id": 1, "accept_after_seconds": -1}, INVALID, "acceptAfterSeconds"),
        ({"escalation_policy_id": 1, "accepted_by": 1}, INVALID, "acceptAfterSeconds"),
        (
            {"escalation_policy_id": 1, "accept_after_seconds": 1, "accepted_by": 99},
            NOT_FOUND,
            "99",
        ),
        ({"escalation_policy_id": 1, "at": datetime(1950, 1, 1, tzinfo=UTC)}, INVALID, "at"),
        ({"escalation_policy_id": 1, "at": datetime(3500, 1, 1, tzinfo=UTC)}, INVALID, "at"),
    ],
)
async def test_what_cannot_be_simulated_is_refused(
    stage: Theatre, request_: dict[str, Any], code: grpc.StatusCode, word: str
) -> None:
    answer = await stage.simulate(**request_)

    assert (answer.code, word in answer.details) == (code, True), answer.details


async def test_nothing_is_simulated_for_longer_than_a_call_takes(
    stage: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy_id = await stage.policy(EscalationRule(escalation_timeout=5, users=[User(id=ADA)]))
    monkeypatch.setattr(servicers, "MOST_SECONDS", 0)
    answer = await stage.simulate(escalation_policy_id=policy_id)
    assert (answer.code, "too much to simulate" in answer.details) == (INVALID, True)


async def test_webhooks_are_called_and_all_reasons_told(stage: Theatre) -> None:
    for id_ in (5, 6):
        await stage.hear_of_webhook(id_)
    team = Team(id=await make_team(stage.house, "Ops", ADA))
    schedule = await night(stage, (ADA, 0, 1))
    both = [WebhookReference(id=5), WebhookReference(id=6)]
    policy_id = await stage.policy(
        rule(90, users=[User(id=ADA)], schedules=[schedule], teams=[team], webhooks=both),
        rule(5, schedules=[schedule], webhooks=both),
        rule(5, webhooks=both[1:]),
    )
    await stage.hear_of_webhook(6, deleted=True)
    simulation = await stage.simulated(escalation_policy_id=policy_id)

    assert lines(simulation) == [
        "0 BEGUN 0.0",
        "0 PAGED 0.1 Ada:NAMED,ON_CALL,MEMBER",
        "90 PAGED 0.2 NOBODY_ON_CALL",
        "95 SKIPPED 0.3",
        "95 EXHAUSTED 0.0",
    ]
    called = [[(each.id, each.name) for each in step.webhooks] for step in simulation.steps]
    assert called == [[], [(5, "Bot 5")], [(5, "Bot 5")], [], []]
    text = [line.plain for line in Timeline(simulation, UTC, utf8=True).lines()]
    assert any("webhook Bot 5" in line for line in text)


async def test_the_name_of_a_private_teams_policy_is_not_told(stage: Theatre) -> None:
    secret = await make_team(stage.house, "Secret", ADA, visibility="PRIVATE")
    teams = [Team(id=secret)]
    other = await stage.policy(rule(5, users=[User(id=EVE)]), name="Hidden", teams=teams)
    policy_id = await stage.policy(
        rule(5, users=[User(id=ADA)]), fallback=PolicyReference(id=other)
    )
    stranger = Principal(
        kind="TOKEN",
        id="s",
        name="",
        scopes=frozenset({"config:read"}),
        hidden=frozenset({secret}),
    )

    own = await stage.simulated(escalation_policy_id=policy_id)
    hidden = await stage.simulate(stranger, escalation_policy_id=policy_id)

    assert own.steps[-1].escalation_policy.name == "Hidden"
    assert own.steps[-1].escalation_policy.teams[0].name == "Secret"
    assert hidden.reply.steps[-1].escalation_policy == EscalationPolicy(id=other)
    assert pages_of(hidden.reply) == pages_of(own)


def test_every_effect_is_told_as_something() -> None:
    assert KINDS.keys() == set(get_args(Effect))


async def test_people_take_turns_and_policies_follow(stage: Theatre) -> None:
    second = await stage.policy(rule(5, users=[User(id=EVE)]), name="Second")
    people = [User(id=each) for each in (ADA, BOB)]
    policy_id = await stage.policy(
        rule(5, users=people, distribution="ROUND_ROBIN"),
        fallback=PolicyReference(id=second),
        accept_expiry_min=30,
    )
    simulation = await stage.simulated(escalation_policy_id=policy_id)
    assert lines(simulation) == [
        "0 BEGUN 0.0",
        "0 PAGED 0.1 Ada:NAMED",
        "5 FALLEN_BACK 1.0",
        "5 PAGED 1.1 Eve:NAMED",
        "10 EXHAUSTED 1.0",
    ]
    turn = simulation.steps[1].turn
    assert (turn.user.id, turn.place, turn.count) == (ADA, 1, 2)
    assert [step.escalation_policy.name for step in simulation.steps[2:]] == ["Second"] * 3
    assert [step.round for step in simulation.steps] == [1] * 5

    await stage.start(policy_id, "1")
    accepted = await stage.simulated(escalation_policy_id=policy_id, accept_after_seconds=60)
    assert lines(accepted)[1:] == ["0 PAGED 0.1 Bob:NAMED", "1 ACCEPTED 0.0"]
    assert accepted.steps[-1].accept_expire_time.ToDatetime(UTC) == START + 31 * MINUTE


async def test_a_long_timeline_is_cut(stage: Theatre) -> None:
    policy_id = await stage.policy(
        rule(14 * 24 * 60, users=[User(id=ADA)]),
        rule(20 * 24 * 60, users=[User(id=BOB)]),
        repeating=True,
        frequency=9,
    )
    simulation = await stage.simulated(escalation_policy_id=policy_id)
    assert [line.split()[0] for line in lines(simulation)] == ["0", "0", f"{14 * 24 * 60}"]
    assert simulation.state == Escalation.RUNNING

    short = await stage.simulated(escalation_policy_id=policy_id, max_results=2)
    assert len(short.steps) == 2
    assert short.state == Escalation.RUNNING


class Notification(ways_rpc.WayServiceServicer):
    """Notification, as far as it is asked how people would be told."""

    async def FindWays(self, request: Any, context: Any) -> ways_pb.FindWaysResponse:
        mail = Contact(id=1, method="EMAIL", target="ada@example.com")
        phone = Contact(id=2, method="PHONE", target="+4930123456")
        person = ways_pb.FindWaysResponse.Person(user_id=ADA, contacts=[mail, phone])
        person.high.add(contact=mail, method="EMAIL")
        person.high.add(contact=phone, method="SMS")
        person.high.add(contact=phone, method="VOICE", delay=timedelta(minutes=2))
        assert request.HasField("time")
        person.low.add(contact=mail, method="EMAIL", held="quiet hours")
        return ways_pb.FindWaysResponse(people=[person])


async def test_a_timeline_tells_through_what(stage: Theatre) -> None:
    policy_id = await stage.policy(rule(5, users=[User(id=ADA), User(id=BOB)]))
    server = grpc.aio.server()
    ways_rpc.add_WayServiceServicer_to_server(Notification(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stage.ways = Ways(channel)
        answer = await stage.simulate(escalation_policy_id=policy_id)
        assert answer.code == OK
        assert answer.reply.contacts_known
        pages = answer.reply.steps[1].pages
        assert [[each.target for each in page.contacts] for page in pages] == [
            ["ada@example.com", "+4930123456"],
            [],
        ]
        assert [
            (Contact.Method.Name(way.method), way.contact.id, way.delay_seconds)
            for way in pages[0].ways
        ] == [("EMAIL", 1, 0), ("SMS", 2, 0), ("VOICE", 2, 120)]
        low = await stage.simulated(escalation_policy_id=policy_id, priority="LOW")
        assert [way.held for way in low.steps[1].pages[0].ways] == ["quiet hours"]
        await server.stop(None)
        away = await stage.simulated(escalation_policy_id=policy_id)
        assert not away.contacts_known
        assert pages_of(away) == pages_of(answer.reply)


async def test_webhooks_are_foretold_as_they_are_called(stage: Theatre) -> None:
    await hear(stage.house, 7, name="bot")
    await hear(stage.house, 8, name="old")
    bot, old = WebhookReference(id=7), WebhookReference(id=8)
    both = rule(5, webhooks=[bot, old], users=[User(id=ADA)])
    policy_id = await stage.policy(rule(5, webhooks=[old]), both, rule(5, webhooks=[bot]))
    await hear(stage.house, 8, version=2, deleted=True)
    simulation = await stage.simulated(escalation_policy_id=policy_id)
    await stage.start(policy_id, "deploy")
    await stage.play(START + HOUR)

    assert lines(simulation) == [
        "0 BEGUN 0.0",
        "0 SKIPPED 0.1",
        "0 PAGED 0.2 Ada:NAMED",
        "5 PAGED 0.3",
        "10 EXHAUSTED 0.0",
    ]
    called = [(step.level, [(w.id, w.name) for w in step.webhooks]) for step in simulation.steps]
    assert [each for each in called if each[1]] == [(2, [(7, "bot")]), (3, [(7, "bot")])]
    pages = await stage.house.told(PageRequested)
    assert [(page.level, list(page.webhook_ids)) for page in pages] == [(2, [7]), (3, [7])]
