"""What `tocsin simulate` and `tocsin lint` read and print."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app
from services.cli.client import reading
from services.cli.client.findings import lines
from services.cli.client.simulation import Wanted
from services.cli.client.target import BadUsage
from services.cli.client.timeline import period
from tocsin.escalation.v1.lint_service_pb2 import Finding, LintResponse

NOON = datetime(2026, 10, 25, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ANYWHERE = ("--url", "http://127.0.0.1:9", "--token", "anything")
NOTHING: dict[str, Any] = {
    "policy": "",
    "routing_key": "",
    "source": 0,
    "priority": "",
    "at": None,
    "accept_after": None,
    "by": 0,
    "zone": None,
}


def wanted(**said: Any) -> Wanted:
    return Wanted(**NOTHING | said)


def test_a_policy_is_said_by_id_or_name() -> None:
    assert wanted(policy="7").request().escalation_policy_id == 7
    assert wanted(policy="Web 7").request().escalation_policy == "Web 7"
    assert wanted(policy="99999999999").request().escalation_policy == "99999999999"
    assert not wanted(policy="7").request().HasField("escalation_policy")
    request = wanted(source=3, priority="low", accept_after=timedelta(minutes=5), by=2).request()
    assert (request.alert_source_id, request.priority, request.accepted_by) == (3, 2, 2)
    assert request.accept_after_seconds == 300


def test_what_cannot_be_asked_for_is_refused() -> None:
    for said in ({}, {"policy": "x", "priority": "loud"}):
        with pytest.raises(BadUsage):
            wanted(**said).request()


def test_periods_and_zones_are_read() -> None:
    assert reading.period("90s") == timedelta(seconds=90)
    assert reading.zone_of("Europe/Berlin") == BERLIN
    assert reading.zone_of("") is None
    for read, text in ((reading.period, "5"), (reading.zone_of, "Mars/Base")):
        with pytest.raises(BadUsage, match=text):
            read(text)


def test_a_time_without_a_zone_is_in_the_one_that_is_said() -> None:
    told = reading.until("2026-10-25T14:00", NOON, BERLIN)
    assert told == datetime(2026, 10, 25, 13, tzinfo=UTC)
    assert reading.until("2026-10-25T14:00+00:00", NOON, BERLIN).hour == 14
    assert reading.until("1h", NOON, BERLIN) == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("length", "told"),
    [(0, "0"), (59, "59s"), (90, "1m30s"), (3600, "1h"), (90_061, "1d1h1m"), (86_400, "1d")],
)
def test_periods_are_told_in_short(length: int, told: str) -> None:
    assert period(timedelta(seconds=length)) == told


def test_findings_are_printed_with_their_times() -> None:
    gap = Finding(
        severity="WARNING",
        check="GAP",
        kind="schedule",
        id="7",
        name="Night\x1b[2J",
        message="nobody is on call 5 times",
        advice="Add a layer.",
        times_count=5,
        timezone="Europe/Berlin",
    )
    for hour in range(4):
        start = NOON + timedelta(hours=hour)
        gap.times.add(start=start, end=start + timedelta(minutes=30))
    reply = LintResponse(findings=[gap, Finding(severity="INFO", kind="deployment", message="x")])
    reply.unchecked.append("contacts")

    assert [line.plain.rstrip() for line in lines(reply, 30)] == [
        "WARNING  schedule 7 (Night\\x1b[2J)",
        "         nobody is on call 5 times",
        "           Sun 2026-10-25 13:00 CET to Sun 2026-10-25 13:30 CET",
        "           Sun 2026-10-25 14:00 CET to Sun 2026-10-25 14:30 CET",
        "           Sun 2026-10-25 15:00 CET to Sun 2026-10-25 15:30 CET",
        "           and 2 more",
        "         Add a layer.",
        "INFO     deployment",
        "         x",
        "",
        "not checked: contacts",
        "1 warning, 1 note in the next 30 days",
    ]
    assert [line.plain for line in lines(LintResponse(), 90)] == [
        "nothing is wrong in the next 90 days"
    ]


def test_a_span_goes_with_a_comparison_alone() -> None:
    told = CliRunner().invoke(app, ["simulate", "Web", "--from", "2026-10-24", *ANYWHERE])

    assert told.exit_code == 2
    assert "--from, --until and --prune go with --compare" in told.output
