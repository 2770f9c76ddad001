"""Configuration as a document, at a terminal and over REST, and with parts that die meanwhile."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.parts.documents import WHOLE, policy
from tests.parts.ports import free_port
from tests.parts.suite import ROOT, Suite, pretty, running_suite
from tests.parts.waiting import eventually

SECONDS = 90
MANY = 40
SOURCE = {"name": "Checks", "integrationType": "API", "escalationPolicy": {"name": "Databases"}}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A suite of its own: in others' there are things that have one name."""
    folder: Path = tmp_path_factory.mktemp("suite")
    with running_suite(folder, TOCSIN_SMTP_URL=f"smtp://127.0.0.1:{free_port()}") as started:
        yield started


def tocsin(suite: Suite, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        [sys.executable, "-m", "services.cli", *words],
        cwd=ROOT,
        env={**suite.environment, **suite.credentials},
        input=text,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran


def exported(suite: Suite) -> Any:
    with suite.client() as client:
        answer = client.get("/api/configuration")
    assert answer.status_code == 200, pretty(answer)
    return answer.json()


def apply(suite: Suite, told: Any, **how: Any) -> httpx.Response:
    with suite.client() as client:
        body = {"configuration": told, **how}
        return client.post("/api/configuration/apply", json=body, timeout=SECONDS)


def test_a_document_goes_out_and_in_at_a_terminal(suite: Suite, tmp_path: Path) -> None:
    file = tmp_path / "tocsin.yaml"
    assert tocsin(suite, "export", "-o", str(file)).returncode == 0
    in_json = tocsin(suite, "export", "--format", "json")
    told = yaml.safe_load(file.read_text())
    assert json.loads(in_json.stdout) == told
    assert tocsin(suite, "apply", str(file), "--dry-run").stdout == "nothing would change\n"

    told["users"] += WHOLE["users"]
    told["teams"] = WHOLE["teams"]
    told["schedules"] = WHOLE["schedules"]
    told["supportHours"] = WHOLE["supportHours"]
    told["escalationPolicies"][0]["delayMin"] = 2
    told["escalationPolicies"] += WHOLE["escalationPolicies"]
    told["alertSources"].append(SOURCE)
    file.write_text(yaml.safe_dump(told))
    tried = tocsin(suite, "apply", str(file), "--dry-run", "--prune")
    assert tried.returncode == 2, tried.stderr
    assert "+ users bob@example.com\n" in tried.stdout
    assert "~ escalationPolicies Default\n    ~ delayMin: 0 → 2\n" in tried.stdout
    assert "+ alertSources Checks (API)\n    + name: Checks\n" in tried.stdout
    assert tocsin(suite, "apply", str(file)).returncode == 2  # nobody confirms
    made = tocsin(suite, "apply", str(file), "--prune", "--yes")
    assert made.returncode == 0, made.stderr
    assert made.stdout == f"{tried.stdout}8 records changed\n"
    again = tocsin(suite, "apply", "-", "--dry-run", "--prune", text=file.read_text())
    assert (again.returncode, again.stdout) == (0, "nothing would change\n")


def test_what_cannot_be_is_refused_with_its_places(suite: Suite) -> None:
    told = {"escalationPolicies": [policy("X", "nobody@x"), policy("Y", "nowhere@x")]}

    refused = tocsin(suite, "apply", "-", "--yes", text=json.dumps(told))

    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "escalationPolicies[0].escalationRules[0].users[0]: there is no user nobody@x",
        "escalationPolicies[1].escalationRules[0].users[0]: there is no user nowhere@x",
        "tocsin: the document cannot be applied; nothing was changed",
    ]
    answer = apply(suite, told)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("escalationPolicies[0].escalationRules[0].users[0]")
    stale = apply(suite, {}, digest="0")
    assert stale.status_code == 409, pretty(stale)


def test_what_rest_shows_rest_takes(suite: Suite) -> None:
    answer = apply(suite, exported(suite), prune=True, dryRun=True)

    assert answer.json() == {
        "changes": [],
        "applied": False,
        "digest": answer.json()["digest"],
        "problems": [],
    }


@pytest.mark.parametrize("victim", ["ingest", "notification", "escalation"])
async def test_a_part_that_dies_meanwhile_leaves_all_or_nothing(suite: Suite, victim: str) -> None:
    before = exported(suite)
    after = _much(victim)
    pid = suite.pid_of(victim)

    applying = asyncio.create_task(asyncio.to_thread(apply, suite, after))
    await asyncio.to_thread(_wait_until_begun, suite, f"Policy {victim}")
    suite.kill(victim)
    answer = await applying

    await eventually(lambda: suite.pid_of(victim) not in (None, pid), within=SECONDS)
    await eventually(lambda: _answers(suite), within=SECONDS)
    if victim == "escalation" or "could not be taken back" in answer.text:
        pass  # then applying it again is what makes it true
    elif answer.status_code == 200:
        assert exported(suite) != before
    else:
        assert answer.status_code == 503, pretty(answer)
        assert exported(suite) == before
    made = apply(suite, after)
    assert made.status_code == 200, pretty(made)
    assert apply(suite, after, dryRun=True).json()["changes"] == []


def _much(victim: str) -> Any:
    """Returns a document that gives every service something to do for a while."""
    emails = [f"{victim}{number}@example.com" for number in range(MANY)]
    name = f"Policy {victim}"
    return {
        "users": [{"firstName": "A", "lastName": "B", "email": email} for email in emails],
        "contacts": [
            {"email": email, "contacts": [{"method": "EMAIL", "target": email}]} for email in emails
        ],
        "escalationPolicies": [policy(name, *emails)],
        "alertSources": [
            {**SOURCE, "name": f"{victim} {number}", "escalationPolicy": {"name": name}}
            for number in range(MANY)
        ],
    }


def _wait_until_begun(suite: Suite, name: str) -> None:
    """Returns as soon as Escalation's own part of a document is on disk: the moment is short."""
    until = time.monotonic() + SECONDS
    database = f"file:{suite.folder}/data/escalation.db?mode=ro"
    with closing(sqlite3.connect(database, uri=True)) as opened:
        while not opened.execute("SELECT 1 FROM policy WHERE name = ?", [name]).fetchone():
            assert time.monotonic() < until, "nothing is applied"


def _answers(suite: Suite) -> bool:
    with suite.client() as client:
        return client.get("/api/configuration").status_code == 200
