"""`tocsin up --only escalation,notification`: people are paged, and there is no alert anywhere."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from services.chassis.tokens import new_token
from tests.parts.suite import ROOT, Suite, environment, pretty, running_suite
from tests.parts.waiting import until

ONLY = ("--only", "escalation,notification")
RUNS = "/api/escalations"


def pasted(command: str) -> str:
    """Runs a command that was printed for people to paste."""
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command.replace("curl ", "curl -sS --fail-with-body ")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 0, (command, ran.stdout, ran.stderr)
    return ran.stdout


def tocsin(suite: Suite, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *words],
        cwd=ROOT,
        env={**suite.environment, **suite.credentials},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def states(suite: Suite) -> list[str]:
    with suite.client() as client:
        answer = client.get(RUNS)
    assert answer.status_code == 200, pretty(answer)
    return [run["state"] for run in answer.json()]


def greeted(suite: Suite, word: str) -> str:
    return next(line for line in suite.lines if line.startswith("curl") and word in line)


def paged(suite: Suite) -> list[str]:
    return [line for line in suite.lines if re.search(r"PAGE for .*: job backup", line)]


def test_what_is_printed_pages_somebody_who_takes_it(tmp_path: Path) -> None:
    with running_suite(tmp_path, arguments=ONLY) as suite:
        assert "TOCSIN_INTEGRATION_KEY" not in suite.credentials
        pasted(greeted(suite, "-X POST"))
        until(lambda: paged(suite), within=15)
        assert '"RUNNING"' in pasted(greeted(suite, f"{RUNS} "))

        _take_the_page(suite)
        _ask_the_command_line(suite)
        _find_no_alerts(suite)
        ran = tocsin(suite, "page-me")
        assert (ran.returncode, "TERMINAL SUCCESS" in ran.stdout) == (0, True), ran.stderr
        assert suite.stop() == 0

        suite.arguments = ()
        suite.start()

        assert states(suite) == ["RUNNING", "STOPPED", "ACKNOWLEDGED"]
        assert suite.credentials["TOCSIN_INTEGRATION_KEY"]
        assert suite.send("ALERT", "now with alerts").status_code == 202
        until(lambda: _has_alert(suite), within=15)


def _take_the_page(suite: Suite) -> None:
    (acknowledge,) = [line.strip() for line in suite.lines if "acknowledge: " in line]
    pasted(acknowledge.removeprefix("acknowledge: "))
    assert states(suite) == ["ACKNOWLEDGED"]
    until(lambda: any("STAND DOWN" in line for line in suite.lines), within=15)


def _ask_the_command_line(suite: Suite) -> None:
    policy = suite.credentials["TOCSIN_POLICY_ID"]
    subject = ("--kind", "job", "--id", "report", "--policy", policy, "--key", "night 1")
    for _ in range(2):  # the second one is a repeat
        assert tocsin(suite, "escalations", "start", "report is late", *subject).returncode == 0
    assert states(suite) == ["RUNNING", "ACKNOWLEDGED"]
    assert "job:report:1" in tocsin(suite, "escalations", "list", "--state", "running").stdout
    assert "report is late" in tocsin(suite, "escalations", "show", "2").stdout
    assert "STOPPED" in tocsin(suite, "escalations", "stop", "2").stdout
    refused = tocsin(suite, "escalations", "ack", "2")
    assert (refused.returncode, refused.stderr) == (1, "tocsin: escalation 2 was stopped\n")
    audit = tocsin(suite, "audit")
    assert (audit.returncode, "escalation.acknowledge" in audit.stdout) == (0, True), audit.stderr


def _find_no_alerts(suite: Suite) -> None:
    assert httpx.get(f"{suite.url}/api/alerts", trust_env=False).status_code == 404
    ran = tocsin(suite, "alerts", "list")
    assert (ran.returncode, "no Tocsin that can do this" in ran.stderr) == (3, True)
    own = {"Origin": suite.url}
    with httpx.Client(base_url=suite.url, headers=own, trust_env=False) as browser:
        assert browser.post("/sign-in", data={"token": str(new_token())}).status_code == 401
        signed_in = browser.post("/sign-in", data={"token": suite.token}, follow_redirects=True)
    assert (signed_in.status_code, signed_in.url.path) == (200, "/on-call")


def _has_alert(suite: Suite) -> bool:
    with suite.client() as client:
        return "now with alerts" in client.get("/api/alerts").text


@pytest.mark.parametrize("only", ["notification", "ingest,escalation,notification", "pager"])
def test_what_cannot_run_alone_is_told_in_one_sentence(tmp_path: Path, only: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "services.cli", "up", "--only", only],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (1, "")
    (sentence,) = ran.stderr.splitlines()
    assert sentence.startswith("tocsin: --only ")
