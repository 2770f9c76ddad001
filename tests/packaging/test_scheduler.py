"""Another program's scheduler pages people through Escalation and Notification alone.

The scheduler runs in an environment of its own that has nothing of Tocsin but its stubs.
"""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.packaging.conftest import INSTALL_SECONDS
from tests.parts.suite import Suite, pretty, running_suite
from tests.parts.team import Person, make_person, make_policy, messages, pages
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink, webhook_sink
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.escalation_service_pb2 import AcknowledgeEscalationRequest
from tocsin.escalation.v1.escalation_service_pb2_grpc import EscalationServiceStub

SCHEDULER = Path(__file__).with_name("scheduler.py")
LEVEL_SECONDS = 60
WITHIN = 30.0
#: Is done once a file is there; fails at once if another one is.
PATIENT = """
import pathlib, sys, time
done, failed = map(pathlib.Path, sys.argv[1:])
while not done.exists():
    if failed.exists():
        sys.exit(1)
    time.sleep(0.05)
"""

pytestmark = pytest.mark.timeout(2 * INSTALL_SECONDS)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """The smaller suite: it knows no alert."""
    folder = tmp_path_factory.mktemp("suite")
    with running_suite(folder, arguments=("--only", "escalation,notification")) as started:
        yield started


@pytest.fixture
async def webhook() -> AsyncIterator[WebhookSink]:
    async with webhook_sink() as sink:
        yield sink


@dataclass
class Night:
    """A scheduler that runs, and who is paged: first whoever is at the terminal, then Ada."""

    suite: Suite
    webhook: WebhookSink
    python: Path
    folder: Path
    policy_id: int
    ada: Person
    said: list[dict[str, Any]] = field(default_factory=list)

    def job(self, name: str, deadline: float = 0.3) -> dict[str, Any]:
        files = [str(self.folder / f"{name}.{what}") for what in ("done", "failed")]
        command = [str(self.python), "-c", PATIENT, *files]
        return {"name": name, "command": command, "every": 3600, "deadline": deadline}

    def becomes(self, name: str, what: str) -> None:
        (self.folder / f"{name}.{what}").touch()

    async def told(self, event: str, job: str) -> dict[str, Any]:
        """Returns what the scheduler says about a job, waiting for it."""

        def find() -> list[dict[str, Any]]:
            return [e for e in self.said if (e["event"], e.get("job", "")) == (event, job)]

        found: list[dict[str, Any]] = await eventually(find, within=WITHIN)
        return found[0]

    async def shown(self, pattern: str) -> None:
        """Waits until the terminal shows a line."""
        await eventually(lambda: self._shown(pattern), within=WITHIN)

    def count(self, pattern: str) -> int:
        return len(self._shown(pattern))

    def state(self, run_id: int) -> str:
        with self.suite.client() as client:
            answer = client.get(f"/api/escalations/{run_id}")
        assert answer.status_code == 200, pretty(answer)
        state: str = answer.json()["state"]
        return state

    async def ready(self) -> None:
        await eventually(self.suite.healthy, within=WITHIN)

    def _shown(self, pattern: str) -> list[str]:
        return [line for line in list(self.suite.lines) if re.search(pattern, line)]


@asynccontextmanager
async def scheduler(night: Night, *jobs: dict[str, Any]) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        night.python,
        "-I",  # neither this repository nor the folder of the script is on the path
        SCHEDULER,
        json.dumps(jobs),
        cwd=night.folder,
        env={
            "TOCSIN_ADDRESS": night.suite.address,
            "TOCSIN_TOKEN": night.suite.token,
            "TOCSIN_POLICY_ID": str(night.policy_id),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    stdout = process.stdout

    async def listen() -> None:
        async for line in stdout:
            night.said.append(json.loads(line))

    listening = asyncio.create_task(listen())
    try:
        yield
    finally:
        assert process.returncode is None, "the scheduler has ended"
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), WITHIN)
        await listening
    assert process.returncode == 0


@pytest.fixture
def night(suite: Suite, webhook: WebhookSink, scheduling: Path, tmp_path: Path) -> Night:
    with suite.client() as client:
        ada = make_person(client, webhook, "Ada")
        terminal = Person(int(suite.credentials["TOCSIN_USER_ID"]), "", "")
        policy_id = make_policy(client, [terminal, ada], LEVEL_SECONDS)
    return Night(suite, webhook, scheduling, tmp_path, policy_id, ada)


async def test_a_late_job_pages_until_somebody_takes_it(night: Night) -> None:
    async with scheduler(night, night.job("backup")):
        run_id = (await night.told("paged", "backup"))["escalation"]
        await night.shown(r"PAGE for On Call .*level 1 of 2\): job backup")
        night.suite.kill("envoy")  # every connection breaks, that of the watch too
        await eventually(lambda: [e["event"] for e in night.said].count("watching") > 1)

        taken = await _acknowledge(night, run_id)
        heard = await night.told("taken", "backup")
        await _let_another_reach_level_2(night)

        assert taken.state == Escalation.ACKNOWLEDGED
        assert taken.ended_by.user_id == night.ada.id
        assert heard["by"] == taken.ended_by.name
        assert messages(night.webhook, night.ada, "backup") == []

        night.becomes("backup", "done")
        await night.told("recovered", "backup")
        assert night.state(run_id) == "STOPPED"
        await night.shown(r"STAND DOWN .*: job backup")


async def test_a_crash_of_escalation_loses_nothing(night: Night) -> None:
    async with scheduler(night, night.job("index"), night.job("report", deadline=600)):
        index = (await night.told("paged", "index"))["escalation"]
        await night.shown(r"PAGE for On Call .*: job index")

        night.suite.kill("escalation")
        night.becomes("report", "failed")
        report = (await night.told("paged", "report"))["escalation"]
        await night.shown(r"PAGE for On Call .*: job report")

        assert (night.state(index), night.state(report)) == ("RUNNING", "RUNNING")
        night.suite.forward(LEVEL_SECONDS + 1)
        for word in ("index", "report"):
            await eventually(partial(pages, night.webhook, night.ada, word), within=WITHIN)

        night.becomes("index", "done")
        await night.told("recovered", "index")
        assert night.state(index) == "STOPPED"
        await night.shown(r"STAND DOWN .*: job index")
        assert night.count(r"PAGE .*: job index") == night.count(r"PAGE .*: job report") == 1
        assert len(pages(night.webhook, night.ada, "job:index:1")) == 1


async def _acknowledge(night: Night, run_id: int) -> Escalation:
    """Brings Ada's answer, over gRPC."""
    await night.ready()
    metadata = (("authorization", f"Bearer {night.suite.token}"),)
    request = AcknowledgeEscalationRequest(id=run_id, user_id=night.ada.id)
    async with grpc.aio.insecure_channel(night.suite.address) as channel:
        stub = EscalationServiceStub(channel)
        taken: Escalation = await stub.AcknowledgeEscalation(
            request, metadata=metadata, timeout=10, wait_for_ready=True
        )
    return taken


async def _let_another_reach_level_2(night: Night) -> None:
    subject = {"kind": "job", "id": "other", "title": "runs beside it"}
    with night.suite.client() as client:
        body = {"escalationPolicyId": night.policy_id, "subject": subject}
        answer = client.post("/api/escalations", json=body)
    assert answer.status_code == 201, pretty(answer)
    await night.shown(r"PAGE for On Call .*: job other")
    night.suite.forward(LEVEL_SECONDS + 1)
    await eventually(lambda: pages(night.webhook, night.ada, "job:other:1"), within=WITHIN)
