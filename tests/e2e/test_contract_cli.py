"""The client commands against a real suite, as somebody at a terminal would use them."""

import json
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.parts.ports import free_port
from tests.parts.suite import ROOT, Suite
from tests.parts.team import Team
from tests.parts.waiting import eventually

SECONDS = 30


def environment(suite: Suite, **more: str) -> Mapping[str, str]:
    """What somebody has set who sourced the suite's credentials."""
    return {**suite.environment, **suite.credentials, **more}


def tocsin(suite: Suite, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        [sys.executable, "-m", "services.cli", *words],
        cwd=ROOT,
        env=environment(suite, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran


def told(suite: Suite, *words: str) -> Any:
    ran = tocsin(suite, *words, "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@contextmanager
def watching(suite: Suite, *words: str) -> Iterator[list[dict[str, Any]]]:
    """Collects what a watch prints, until Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "alerts", "watch", "--json", *words],
        cwd=ROOT,
        env=environment(suite),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = process.stdout
    seen: list[dict[str, Any]] = []
    reader = threading.Thread(target=lambda: seen.extend(map(json.loads, lines)), daemon=True)
    reader.start()
    try:
        yield seen
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)
        reader.join(SECONDS)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        process.stderr.close()
        process.stdout.close()


def place(suite: Suite) -> str:
    """Where a watch has to begin to see what comes from now on."""
    with suite.client() as client, client.stream("GET", "/api/alert-stream") as reply:
        lines = reply.iter_lines()
        return next(line.removeprefix("id: ") for line in lines if line.startswith("id: "))


def causes(seen: list[dict[str, Any]]) -> list[str]:
    return [change["cause"] for change in seen if change["cause"] != "ESCALATION_CHANGED"]


async def test_an_alert_is_sent_seen_taken_and_ended(suite: Suite, team: Team) -> None:
    word = f"disk {secrets.token_hex(4)} full"
    team.send("ALERT", "before the watch")
    before = await team.alert("before the watch")
    # Calling Ada is the last that changes it, and must not come after the watch has begun.
    await eventually(lambda: team.alerts()[0]["responders"], within=SECONDS)
    with watching(suite, "--source", str(team.source_id), "--since", place(suite)) as seen:
        sent = tocsin(suite, "send", word, "--key", team.key, "--alert-key", "disk")
        assert (sent.returncode, sent.stdout.split()[0]) == (0, "ACCEPTED")
        alert = await team.alert(word)
        number = str(alert["id"])

        assert word in tocsin(suite, "alerts", "list", "--source", str(team.source_id)).stdout
        listed = told(suite, "alerts", "list", "--source", str(team.source_id), "--limit", "1000")
        assert [each["summary"] for each in listed][-1] == "before the watch"
        assert told(suite, "alerts", "accept", number)["status"] == "ACCEPTED"
        assert told(suite, "alerts", "resolve", number)["status"] == "RESOLVED"

        def of_alert() -> list[dict[str, Any]]:
            return [change for change in seen if change["alert"]["id"] == alert["id"]]

        await eventually(lambda: causes(of_alert())[-1:] == ["RESOLVED"], within=SECONDS)
        assert causes(of_alert()) == ["RAISED", "ACCEPTED", "RESOLVED"]
        assert before["id"] not in {change["alert"]["id"] for change in seen}

    shown = tocsin(suite, "alerts", "show", number)
    assert shown.returncode == 0, shown.stderr
    assert f"{number}: {word}" in shown.stdout
    assert "WHAT HAPPENED" in shown.stdout


async def test_a_watch_outlives_the_service_that_answers_it(suite: Suite, team: Team) -> None:
    team.send("ALERT", "the first")
    await team.alert("the first")
    with watching(suite, "--source", str(team.source_id), "--since", place(suite)) as seen:
        team.send("ALERT", "the second")
        await eventually(lambda: seen, within=SECONDS)
        suite.kill("alertstate")
        for number in range(3):
            assert team.send("ALERT", f"alert {number}").status_code == 202

        def raised() -> list[str]:
            return [each["alert"]["summary"] for each in seen if each["cause"] == "RAISED"]

        await eventually(lambda: "alert 2" in raised(), within=SECONDS * 2)

    assert raised() == ["the second", "alert 0", "alert 1", "alert 2"]
    tokens = [each["resumeToken"] for each in seen]
    assert len(tokens) == len(set(tokens))


def test_the_data_folder_says_where_and_who(suite: Suite) -> None:
    bare = dict.fromkeys(("TOCSIN_URL", "TOCSIN_TOKEN", "TOCSIN_INTEGRATION_KEY"), "")

    assert tocsin(suite, "alerts", "list", **bare).returncode == 0
    assert tocsin(suite, "send", "from the folder", "--type", "resolve", **bare).returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["alerts", "show", "999999"], 1, "tocsin: there is no alert 999999\n"),
        (["alerts", "list", "--token", "wrong"], 1, "tocsin: the API token is unknown"),
        (["alerts", "watch", "--token", "wrong"], 1, "tocsin: the API token is unknown"),
        (["alerts", "watch", "--since", "unheard-of"], 1, "tocsin: changes since then"),
        (["send", "x", "--key", "wrong"], 1, "tocsin: "),
        (["send"], 1, "tocsin: "),
        (["alerts", "list", "--url", f"http://127.0.0.1:{free_port()}"], 3, "tocsin: cannot reach"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(
    suite: Suite, words: list[str], code: int, message: str
) -> None:
    ran = tocsin(suite, *words)

    assert ran.returncode == code, ran.stderr
    assert ran.stderr.startswith(message)
    assert ran.stderr.count("\n") == 1
    assert ran.stdout == ""


def test_a_reader_that_goes_away_is_no_failure(suite: Suite) -> None:
    command = f"{sys.executable} -m services.cli alerts list --json | true; exit ${{PIPESTATUS[0]}}"
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env=environment(suite),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
