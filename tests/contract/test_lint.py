"""What would go wrong at night is said before it does; what would not, isn't."""

from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.principal import Principal
from services.escalation.linting.others import is_loopback
from services.escalation.peers import AWAY, Ways
from services.escalation.servicer import lint as servicers
from services.escalation.servicer.lint import LintServicer
from tests.contract.blocking import ADA, Calls
from tests.contract.escalation_config_house import make_team, schedules
from tests.contract.escalation_house import INVALID, OK
from tests.contract.simulation_house import HOUR, START, Known, Theatre, theatre, told_by
from tocsin.escalation.v1 import lint_service_pb2 as pb
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1 import token_service_pb2 as token_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.policy_pb2 import (
    EscalationPolicy,
    EscalationRule,
    PolicyReference,
    WebhookReference,
)
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer, Shift
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.token_pb2 import ApiToken
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.notification.v1.contact_pb2 import Contact

DAY = timedelta(days=1)
ANN, BOB = 1, 2
ERROR, WARNING, INFO = (pb.Finding.Severity.Value(name) for name in ("ERROR", "WARNING", "INFO"))
MAIL = Contact(method="EMAIL", target="ann@example.com")
HERE = Contact(method="TERMINAL")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Theatre]:
    async with theatre(tmp_path) as opened:
        admin = User(first_name="Ann", last_name="L", email="ann@example.com", role="ADMIN")
        await opened.house.users("CreateUser", user_calls.CreateUserRequest(user=admin))
        await opened.house.person("Bob")
        yield opened


async def lint(
    stage: Theatre, ways: Ways = AWAY, caller: Any = ADA, **request: Any
) -> pb.LintResponse:
    service = pb.DESCRIPTOR.services_by_name["LintService"]
    servicer = LintServicer(stage.house.db, stage.clock, ways)
    answer = await Calls(service, servicer, caller)("Lint", pb.LintRequest(**request))
    assert answer.code == OK, answer.details
    reply: pb.LintResponse = answer.reply
    return reply


def said(reply: pb.LintResponse) -> list[tuple[str, str, str]]:
    """Returns findings in short: how bad, what, and where."""
    return [
        (
            pb.Finding.Severity.Name(each.severity),
            pb.Finding.Check.Name(each.check),
            f"{each.kind} {each.id} {each.field}".strip(),
        )
        for each in reply.findings
    ]


def layer(user: int, **fields: Any) -> ScheduleLayer:
    told = {"starts_on": "2026-10-01T09:00", "rotation": "P7D", **fields}
    return ScheduleLayer(name="on", users=[User(id=user)], **told)


async def layered(stage: Theatre, *layers: ScheduleLayer, name: str = "Night") -> Schedule:
    told = Schedule(name=name, timezone="Europe/Berlin", type="RECURRING", schedule_layers=layers)
    return Schedule(id=await stage.schedule(told))


def rule(*schedules: Schedule, users: tuple[int, ...] = (), **targets: Any) -> EscalationRule:
    people = [User(id=id_) for id_ in users]
    return EscalationRule(escalation_timeout=5, schedules=schedules, users=people, **targets)


async def test_nothing_is_wrong_with_what_is_right(stage: Theatre) -> None:
    await stage.policy(rule(await layered(stage, layer(BOB))), rule(users=(ANN,)))
    reply = await lint(stage, Known("https://tocsin.example.com", u1=[MAIL], u2=[HERE]))

    assert said(reply) == []
    assert list(reply.unchecked) == []


async def test_gaps_are_told_and_what_they_lead_to(stage: Theatre) -> None:
    until = layer(BOB, ends_on="2026-11-01T09:00")
    night = await layered(stage, until)
    both = await stage.policy(rule(night), rule(users=(ANN,)))
    alone = await stage.policy(rule(night))
    reply = await lint(stage)

    assert said(reply) == [
        ("ERROR", "POLICY_REACHES_NOBODY", f"escalation policy {alone}"),
        ("WARNING", "LEVEL_REACHES_NOBODY", f"escalation policy {both} escalationRules[0]"),
        ("WARNING", "GAP", f"schedule {night.id}"),
    ]
    for finding in reply.findings:
        (span,) = finding.times
        assert span.start.ToDatetime(UTC).isoformat() == "2026-11-01T08:00:00+00:00"
        assert span.end.ToDatetime(UTC) == START + 90 * DAY
        assert (finding.times_count, finding.timezone) == (1, "Europe/Berlin")
    assert said(await lint(stage, days=3)) == []


async def test_a_gap_that_others_cover_is_good_to_know(stage: Theatre) -> None:
    night = await layered(stage, layer(BOB, ends_on="2026-11-01T09:00"))
    await stage.policy(rule(night, users=(ANN,)))
    reply = await lint(stage)

    assert said(reply) == [("INFO", "GAP", f"schedule {night.id}")]


async def test_hand_overs_in_an_hour_that_comes_twice(stage: Theatre) -> None:
    both = [User(id=ANN), User(id=BOB)]
    turns = ScheduleLayer(users=both, starts_on="2026-10-01T02:30", rotation="P1D")
    night = await layered(stage, turns)
    await stage.policy(rule(night))
    (finding,) = (await lint(stage)).findings

    assert (finding.check, finding.severity) == (pb.Finding.ODD_HANDOVER, INFO)
    assert (finding.id, finding.field.split("[")[0]) == (str(night.id), "scheduleLayers")
    assert finding.times[0].start.ToDatetime(UTC).isoformat() == "2026-10-25T00:30:00+00:00"
    assert "twice" in finding.message


async def test_levels_that_never_reach_anybody(stage: Theatre) -> None:
    over = Shift(user=User(id=BOB), start=START + HOUR, end=START + 2 * HOUR)
    told = Schedule(name="Over", timezone="UTC", type="STATIC", shifts=[over])
    past = Schedule(id=await stage.schedule(told))
    team_id = await make_team(stage.house, "Ops", BOB)
    policy_id = await stage.policy(rule(past), rule(teams=[Team(id=team_id)]))
    stage.clock.at = START + DAY
    source = AlertSource(id=7, name="Web", escalation_policy=EscalationPolicy(id=policy_id))
    none = AlertSource(id=8, name="Lost")

    def copy(connection: Connection) -> None:
        facts.publish(connection, "source", 7, source)
        facts.publish(connection, "source", 8, none)

    await stage.house.db.write(copy)
    reply = await lint(stage)
    assert said(reply) == [
        ("ERROR", "LEVEL_REACHES_NOBODY", f"escalation policy {policy_id} escalationRules[0]"),
        ("ERROR", "SOURCE_REACHES_NOBODY", "alert source 8 escalationPolicy"),
        ("WARNING", "GAP", f"schedule {past.id}"),
    ]
    assert "at all" in reply.findings[0].message


async def test_levels_that_only_call_webhooks(stage: Theatre) -> None:
    for id_ in (5, 6):
        await stage.hear_of_webhook(id_)
    bot, other = ([WebhookReference(id=id_)] for id_ in (5, 6))
    mixed = await stage.policy(rule(webhooks=bot), rule(users=(ANN,)), name="Mixed")
    only = await stage.policy(rule(webhooks=bot), name="Only")
    gone = await stage.policy(rule(webhooks=other), name="Gone")
    await stage.hear_of_webhook(6, deleted=True)
    source = AlertSource(id=7, name="Web", escalation_policy=EscalationPolicy(id=only))
    await stage.house.db.write(lambda c: facts.publish(c, "source", 7, source))
    reply = await lint(stage)

    assert said(reply) == [
        ("ERROR", "POLICY_REACHES_NOBODY", f"escalation policy {gone}"),
        ("WARNING", "LEVEL_REACHES_NOBODY", f"escalation policy {mixed} escalationRules[0]"),
        ("WARNING", "POLICY_REACHES_NOBODY", f"escalation policy {only}"),
    ]
    assert [finding.message for finding in reply.findings] == [
        "reaches nobody at all",
        "level 1 reaches nobody at all: it only calls webhooks then",
        "reaches nobody at all; it only calls webhooks then",
    ]


async def test_who_follows_a_policy_counts(stage: Theatre) -> None:
    night = await layered(stage, layer(BOB, ends_on="2026-11-01T09:00"))
    last = await stage.policy(rule(users=(ANN,)), name="Last")
    first = await stage.policy(rule(night), name="First", fallback=PolicyReference(id=last))
    reply = await lint(stage)

    assert said(reply) == [
        ("WARNING", "LEVEL_REACHES_NOBODY", f"escalation policy {first} escalationRules[0]"),
        ("WARNING", "GAP", f"schedule {night.id}"),
    ]


async def test_overrides_close_gaps_and_odd_hand_overs(stage: Theatre) -> None:
    both = [User(id=ANN), User(id=BOB)]
    ends = "2026-11-01T09:00"
    turns = ScheduleLayer(users=both, starts_on="2026-10-01T02:30", rotation="P1D", ends_on=ends)
    night = await layered(stage, turns)
    await stage.policy(rule(night), rule(users=(ANN,)))
    checks = ["LEVEL_REACHES_NOBODY", "GAP", "ODD_HANDOVER"]
    assert [each[1] for each in said(await lint(stage))] == checks

    for start, end in ((START, START + DAY), (START + 7 * DAY, START + 100 * DAY)):
        override = Shift(user=User(id=BOB), start=start, end=end)
        request = schedule_calls.AddOverrideRequest(id=night.id, shift=override)
        assert (await schedules(stage.house, "AddOverride", request)).code == OK
    assert said(await lint(stage)) == []


async def test_whom_nothing_tells(stage: Theatre) -> None:
    night = await layered(stage, layer(BOB))
    await stage.policy(rule(night), name="Web")
    reply = await lint(stage, Known("http://127.0.0.1:8080", u1=[HERE], u2=[]))

    assert said(reply) == [("ERROR", "NO_CONTACT", f"user {BOB}")]
    assert "level 1 of escalation policy Web" in reply.findings[0].message
    unknown = await lint(stage, Known("http://127.0.0.1:8080", u1=[HERE]))
    assert said(unknown) == []
    away = await lint(stage)
    assert (said(away), len(away.unchecked)) == ([], 1)


async def test_contacts_that_nothing_goes_to(stage: Theatre) -> None:
    night = await layered(stage, layer(BOB))
    await stage.policy(rule(night), name="Web")
    locked = Contact(id=2, method="PHONE", target="+4930123456", status="LOCKED")
    some, none = told_by([MAIL]), told_by([locked])
    some.unused.add(contact=locked)
    none.unused.add(contact=Contact(method="TELEGRAM"), setting="TOCSIN_TELEGRAM_TOKEN")

    url = "https://tocsin.example.com"
    reply = await lint(stage, Known(url, u2=some))
    assert said(reply) == [("INFO", "UNVERIFIED_CONTACT", f"user {BOB}")]
    reply = await lint(stage, Known(url, u2=none))
    assert said(reply) == [
        ("WARNING", "UNVERIFIED_CONTACT", f"user {BOB}"),
        ("WARNING", "PROVIDER_MISSING", f"user {BOB}"),
    ]
    assert "there is no other way" in reply.findings[0].message
    assert "TOCSIN_TELEGRAM_TOKEN" in reply.findings[1].advice


@pytest.mark.parametrize(
    ("url", "contact", "wrong"),
    [
        ("http://127.0.0.1:8080", MAIL, True),
        ("http://localhost:8080", MAIL, True),
        ("http://[::1]:8080", MAIL, True),
        ("https://tocsin.example.com", MAIL, False),
        ("http://127.0.0.1:8080", HERE, False),
        ("http://127.0.0.1", Contact(method="WEBHOOK", target="https://a.example/x"), True),
        ("http://127.0.0.1", Contact(method="WEBHOOK", target="http://127.0.0.1:9/x"), False),
    ],
)
async def test_links_must_lead_to_where_they_are_read(
    stage: Theatre, url: str, contact: Contact, *, wrong: bool
) -> None:
    reply = await lint(stage, Known(url, u1=[contact]))

    told = ("WARNING", "LOOPBACK_URL", "deployment  TOCSIN_PUBLIC_URL")
    assert said(reply) == ([told] if wrong else [])


def test_what_leads_to_this_machine() -> None:
    assert not is_loopback("")
    assert not is_loopback("https://10.0.0.1")
    assert is_loopback("http://tocsin.localhost")


async def test_tokens_whose_maker_is_gone(stage: Theatre) -> None:
    bob = Principal(kind="USER", id="b", name="Bob L", user_id=BOB, scopes=frozenset({"admin"}))
    for caller, name in ((bob, "CI"), (ADA, "Console")):
        request = token_calls.CreateTokenRequest(token=ApiToken(name=name, scopes=["alerts:read"]))
        assert (await stage.house.tokens("CreateToken", request, caller)).code == OK
    assert said(await lint(stage)) == []

    await stage.house.users("DeleteUser", user_calls.DeleteUserRequest(id=BOB))
    (finding,) = (await lint(stage)).findings
    assert (finding.kind, finding.name, finding.severity) == ("token", "CI", WARNING)
    assert "Bob L" in finding.message


async def test_schedules_that_nobody_uses(stage: Theatre) -> None:
    night = await layered(stage, layer(BOB))
    assert said(await lint(stage)) == [("INFO", "UNUSED_SCHEDULE", f"schedule {night.id}")]


async def test_what_the_caller_does_not_see_is_left_out(stage: Theatre) -> None:
    team_id = await make_team(stage.house, "Ops", BOB)
    told = Schedule(name="Night", timezone="UTC", type="STATIC", teams=[Team(id=team_id)])
    await stage.schedule(told)
    stranger = Principal(
        kind="TOKEN",
        id="s",
        name="",
        scopes=frozenset({"config:read"}),
        hidden=frozenset({team_id}),
    )
    assert len((await lint(stage)).findings) == 1
    assert said(await lint(stage, caller=stranger)) == []


@pytest.mark.parametrize("days", [0, 367])
async def test_days_have_a_range(stage: Theatre, days: int) -> None:
    service = pb.DESCRIPTOR.services_by_name["LintService"]
    servicer = LintServicer(stage.house.db, stage.clock, AWAY)
    answer = await Calls(service, servicer)("Lint", pb.LintRequest(days=days))
    assert (answer.code, "days" in answer.details) == (INVALID, True)


async def test_what_there_is_no_time_for_is_told(
    stage: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servicers, "MOST_SECONDS", 0)
    await stage.policy(rule(await layered(stage, layer(BOB))))
    await layered(stage, layer(BOB), name="Unused")
    reply = await lint(stage, Known("https://tocsin.example.com", u2=[]))

    assert [each[1] for each in said(reply)] == ["UNUSED_SCHEDULE"]
    # The policy of all admins is one of the two.
    assert list(reply.unchecked) == [
        "There was too much to look at: 2 of 2 escalation policies, and whom they page",
        "There was too much to look at: 1 of 2 schedules",
    ]
