"""The client commands, each in a process of its own, against services that only answer."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import grpc.aio
import pytest

from tests.parts.ports import free_port
from tests.parts.waiting import eventually
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1 import alert_service_pb2_grpc as rpc
from tocsin.alertstate.v1 import alert_watch_service_pb2 as watch_pb
from tocsin.alertstate.v1 import alert_watch_service_pb2_grpc as watch_rpc
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert, Comment, LogEntry
from tocsin.escalation.v1 import on_call_service_pb2 as on_call_pb
from tocsin.escalation.v1 import on_call_service_pb2_grpc as on_call_rpc
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1 import event_pb2, event_service_pb2_grpc

ROOT = Path(__file__).parents[2]
SECONDS = 20
ABSENT = 404
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass
class Services:
    """What is served, and what was asked."""

    port: int = 0
    asked: list[Any] = field(default_factory=list)
    metadata: dict[str, str | bytes] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    on_calls: list[on_call_pb.OnCall] = field(default_factory=list)
    changes: list[watch_pb.WatchAlertsResponse | grpc.StatusCode] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def note(self, request: Any, context: Context) -> None:
        self.asked.append(request)
        self.metadata = dict(context.invocation_metadata() or ())
        if getattr(request, "id", 0) == ABSENT:
            await context.abort(grpc.StatusCode.NOT_FOUND, "there is no\nalert \x1b[2J404")


class AlertFake(rpc.AlertServiceServicer):
    """Answers what the commands ask for; the rest is abstract, to the type checker only."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ListAlerts(self, request: Any, context: Context) -> pb.ListAlertsResponse:
        await self._services.note(request, context)
        end = request.start_index + request.max_results
        return pb.ListAlertsResponse(alerts=self._services.alerts[request.start_index : end])

    async def GetAlert(self, request: Any, context: Context) -> Alert:
        await self._services.note(request, context)
        return alert(request.id)

    async def ListLogEntries(self, request: Any, context: Context) -> pb.ListLogEntriesResponse:
        entries = [LogEntry(id=number, text=f"entry {number}") for number in range(1, 131)]
        page = entries[request.start_index : request.start_index + request.max_results]
        return pb.ListLogEntriesResponse(log_entries=page)

    async def ListComments(self, request: Any, context: Context) -> pb.ListCommentsResponse:
        return pb.ListCommentsResponse(comments=[Comment(id=1, content="on it", creator="Ada")])

    async def AcceptAlert(self, request: Any, context: Context) -> Alert:
        await self._services.note(request, context)
        return alert(request.id, status=Alert.ACCEPTED)

    async def ResolveAlert(self, request: Any, context: Context) -> Alert:
        await self._services.note(request, context)
        return alert(request.id, status=Alert.RESOLVED)

    async def SnoozeAlert(self, request: Any, context: Context) -> Alert:
        await self._services.note(request, context)
        return alert(request.id)

    async def CommentAlert(self, request: Any, context: Context) -> Comment:
        await self._services.note(request, context)
        return Comment(id=3, content=request.comment.content)

    async def BulkAcceptAlerts(self, request: Any, context: Context) -> pb.BulkAcceptAlertsResponse:
        await self._services.note(request, context)
        return pb.BulkAcceptAlertsResponse(results=results(request.ids, Alert.ACCEPTED))

    async def BulkResolveAlerts(
        self, request: Any, context: Context
    ) -> pb.BulkResolveAlertsResponse:
        await self._services.note(request, context)
        return pb.BulkResolveAlertsResponse(results=results(request.ids, Alert.RESOLVED))


class OthersFake(
    event_service_pb2_grpc.EventServiceServicer,
    on_call_rpc.OnCallServiceServicer,
    watch_rpc.AlertWatchServiceServicer,
):
    def __init__(self, services: Services) -> None:
        self._services = services

    async def SubmitEvent(self, request: Any, context: Context) -> event_pb2.EventReceipt:
        await self._services.note(request, context)
        return event_pb2.EventReceipt(response_code="ACCEPTED", event_id="e1")

    async def ListOnCalls(self, request: Any, context: Context) -> on_call_pb.ListOnCallsResponse:
        await self._services.note(request, context)
        return on_call_pb.ListOnCallsResponse(on_calls=self._services.on_calls)

    async def WatchAlerts(
        self, request: Any, context: Context
    ) -> AsyncIterator[watch_pb.WatchAlertsResponse]:
        await self._services.note(request, context)
        await context.send_initial_metadata((("tocsin-resume-token", "begin"),))
        while self._services.changes:
            match self._services.changes.pop(0):
                case grpc.StatusCode.OK:
                    context.set_trailing_metadata((("tocsin-resume-token", "end"),))
                    return
                case grpc.StatusCode() as code:
                    await context.abort(code, "broken on purpose")
                case change:
                    yield change
        await asyncio.Event().wait()


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        return json.loads(self.out)


def alert(id_: int, **fields: Any) -> Alert:
    told: dict[str, Any] = {"summary": f"alert {id_} [red]", "status": Alert.PENDING}
    return Alert(id=id_, **told | fields)


def results(ids: Any, status: Any) -> list[pb.BulkResult]:
    return [
        pb.BulkResult(id=id_, code="NOT_FOUND", message="there is none")
        if id_ == ABSENT
        else pb.BulkResult(id=id_, status=status)
        for id_ in ids
    ]


def change(id_: int) -> watch_pb.WatchAlertsResponse:
    return watch_pb.WatchAlertsResponse(
        resume_token=f"t{id_}", alert=alert(id_), cause=AlertChanged.RAISED, version=1
    )


def environment(services: Services, folder: Path) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
    return {
        **inherited,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}",
        "TOCSIN_URL": services.url,
        "TOCSIN_TOKEN": "secret",
        "TOCSIN_INTEGRATION_KEY": "key",
        "TOCSIN_DATA": str(folder),
        "PYTHONIOENCODING": "utf-8",
        "TZ": "UTC",
    }


@dataclass
class Cli:
    """Runs commands."""

    services: Services
    folder: Path

    async def start(self, *words: str | bytes, **more: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.cli", *words),
            env={**environment(self.services, self.folder), **more},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def __call__(self, *words: str | bytes, **more: str) -> Ran:
        process = await self.start(*words, **more)
        async with asyncio.timeout(SECONDS):
            out, err = await process.communicate()
        assert b"Traceback" not in err, err.decode()
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def serving(services: Services) -> AsyncIterator[None]:
    server = grpc.aio.server()
    alerts: Any = AlertFake
    fakes: Any = OthersFake
    rpc.add_AlertServiceServicer_to_server(alerts(services), server)
    others = fakes(services)
    event_service_pb2_grpc.add_EventServiceServicer_to_server(others, server)
    on_call_rpc.add_OnCallServiceServicer_to_server(others, server)
    watch_rpc.add_AlertWatchServiceServicer_to_server(others, server)
    server.add_insecure_port(f"127.0.0.1:{services.port}")
    await server.start()
    try:
        yield
    finally:
        await server.stop(0)


@pytest.fixture
async def cli(tmp_path: Path) -> AsyncIterator[Cli]:
    services = Services(port=free_port())
    async with serving(services):
        yield Cli(services, tmp_path)


async def test_alerts_are_listed_in_a_table(cli: Cli) -> None:
    cli.services.alerts = [alert(2, summary="a\x1b[2Jb"), alert(1, status=Alert.RESOLVED)]

    ran = await cli("alerts", "list", "--state", "pending", "--state", "Accepted", "--source", "3")

    titles, second, first = ran.out.splitlines()
    assert titles.split() == [
        "ID",
        "STATE",
        "PRIORITY",
        "RAISED",
        "SOURCE",
        "SUMMARY",
        "RESPONDERS",
    ]
    assert "PENDING" in second
    assert "a\\x1b[2Jb" in second
    assert "alert 1 [red]" in first
    [asked] = cli.services.asked
    assert list(asked.states) == [Alert.PENDING, Alert.ACCEPTED]
    assert list(asked.sources) == [3]
    assert cli.services.metadata["authorization"] == "Bearer secret"


async def test_a_long_list_comes_page_by_page(cli: Cli) -> None:
    cli.services.alerts = [alert(number) for number in range(1, 251)]

    ran = await cli("alerts", "list", "--limit", "230", "--json")

    assert [each["id"] for each in ran.told] == list(range(1, 231))
    assert [(each.start_index, each.max_results) for each in cli.services.asked] == [
        (0, 100),
        (100, 100),
        (200, 30),
    ]


async def test_nothing_to_list_is_an_empty_document(cli: Cli) -> None:
    assert (await cli("alerts", "list", "--json")).told == []


async def test_an_alert_is_shown_with_all_that_happened(cli: Cli) -> None:
    ran = await cli("alerts", "show", "7")

    assert "7: alert 7 [red]" in ran.out
    assert "on it" in ran.out
    assert "entry 130" in ran.out
    shown = await cli("alerts", "show", "7", "--json")
    assert shown.told["responders"] == []
    assert shown.told["status"] == "PENDING"


@pytest.mark.parametrize(("verb", "state"), [("accept", "ACCEPTED"), ("resolve", "RESOLVED")])
async def test_one_alert_is_changed(cli: Cli, verb: str, state: str) -> None:
    ran = await cli("alerts", verb, "7", "--json")

    assert (ran.code, ran.told["id"], ran.told["status"]) == (0, 7, state)
    assert state in (await cli("alerts", verb, "7", "7")).out


@pytest.mark.parametrize(("verb", "state"), [("accept", "ACCEPTED"), ("resolve", "RESOLVED")])
async def test_many_alerts_are_changed_in_bulk(cli: Cli, verb: str, state: str) -> None:
    ids = [str(number) for number in range(1, 1002)]

    ran = await cli("alerts", verb, *ids, "--json")

    assert {each["status"] for each in ran.told if each["id"] != ABSENT} == {state}
    assert ran.code == 1
    assert ran.err == "tocsin: 1 of 1001 alerts are as they were\n"
    assert [len(each.ids) for each in cli.services.asked] == [500, 500, 1]


async def test_what_became_of_each_of_many_is_said(cli: Cli) -> None:
    ran = await cli("alerts", "accept", "1", "404")

    assert ran.out == "alert 1: ACCEPTED\nalert 404: refused: there is none\n"
    assert ran.code == 1


async def test_an_alert_sleeps(cli: Cli) -> None:
    ran = await cli("alerts", "snooze", "7", "2026-03-29T09:00:00Z", "--json")

    assert ran.code == 0
    [asked] = cli.services.asked
    assert asked.until.ToJsonString() == "2026-03-29T09:00:00Z"


async def test_an_alert_is_commented(cli: Cli) -> None:
    ran = await cli("alerts", "comment", "7", "on it \u7dd1")

    assert ran.out == "comment 3 on alert 7\n"
    assert cli.services.asked[0].comment.content == "on it \u7dd1"


async def test_an_event_is_sent(cli: Cli) -> None:
    words = ["--type", "alert", "--alert-key", "disk", "--priority", "low", "--details", "97 %"]

    ran = await cli("send", "disk full", *words, "--severity", "2", "--comment", "again")

    assert ran.out == "ACCEPTED as event e1\n"
    event = cli.services.asked[0].event
    assert (event.integration_key, event.summary, event.alert_key) == ("key", "disk full", "disk")
    assert (event.event_type, event.priority) == (event_pb2.Event.ALERT, event_pb2.Event.LOW)
    assert (event.details, event.severity, event.comments[0].content) == ("97 %", 2, "again")
    assert "authorization" not in cli.services.metadata
    assert (await cli("send", "x", "--json")).told["responseCode"] == "ACCEPTED"


async def test_who_is_on_call_is_shown(cli: Cli) -> None:
    assert (await cli("oncall")).out == "nobody is on call\n"
    cli.services.on_calls = [
        on_call_pb.OnCall(
            user=User(id=1, first_name="Ada", last_name="L"),
            escalation_policy=EscalationPolicy(id=4, name="ops"),
            schedule=Schedule(id=9, name="nights"),
            escalation_level=2,
        )
    ]

    ran = await cli("oncall", "--policy", "4")

    assert ran.out.splitlines()[1].split() == ["ops", "2", "Ada", "L", "nights", "-"]
    assert list(cli.services.asked[-1].policies) == [4]
    assert (await cli("oncall", "--json")).told[0]["escalationPolicy"]["name"] == "ops"


@pytest.mark.parametrize("broken", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.OK])
async def test_a_watch_goes_on_where_it_was(cli: Cli, broken: grpc.StatusCode) -> None:
    cli.services.changes = [change(1), broken, change(2)]
    process = await cli.start("alerts", "watch", "--json", "--since", "t0")
    assert process.stdout is not None

    async with asyncio.timeout(SECONDS):
        told = [json.loads(await process.stdout.readline()) for _ in range(2)]
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()

    assert [each["alert"]["id"] for each in told] == [1, 2]
    expected = "end" if broken is grpc.StatusCode.OK else "t1"
    assert [each.resume_token for each in cli.services.asked] == ["t0", expected]
    assert process.returncode == 128 + signal.SIGINT
    assert b"Traceback" not in err


async def test_a_watch_outlives_the_service(cli: Cli) -> None:
    other = Services(port=free_port())
    async with serving(other):
        process = await Cli(other, cli.folder).start("alerts", "watch")
        await eventually(lambda: other.asked, within=SECONDS)
    other.changes = [change(5)]
    async with serving(other):
        assert process.stdout is not None
        async with asyncio.timeout(SECONDS):
            line = (await process.stdout.readline()).decode()
        process.terminate()
        await process.communicate()

    assert line.split()[1:4] == ["RAISED", "5", "PENDING"]
    assert [each.resume_token for each in other.asked] == ["", "begin"]


async def test_a_watch_whose_token_became_too_old_says_so(cli: Cli) -> None:
    cli.services.changes = [change(1), grpc.StatusCode.OUT_OF_RANGE, change(2)]
    process = await cli.start("alerts", "watch", "--json")
    assert process.stdout is not None

    async with asyncio.timeout(SECONDS):
        assert await process.stdout.readline()
        assert await process.stdout.readline()
    process.terminate()
    _, err = await process.communicate()

    assert b"changes were missed" in err
    assert [each.resume_token for each in cli.services.asked] == ["", ""]


async def test_a_watch_that_may_not_be_ends(cli: Cli) -> None:
    cli.services.changes = [change(1), grpc.StatusCode.PERMISSION_DENIED]

    ran = await cli("alerts", "watch")

    assert (ran.code, ran.err) == (1, "tocsin: broken on purpose\n")


@pytest.mark.parametrize(
    "words",
    [
        ("alerts", "show", "404"),
        ("alerts", "accept", "404"),
        ("alerts", "comment", "404", "x"),
        ("alerts", "snooze", "404", "1h"),
    ],
)
async def test_a_refusal_is_one_line(cli: Cli, words: tuple[str, ...]) -> None:
    ran = await cli(*words)

    assert ran == Ran(1, "", "tocsin: there is no alert \\x1b[2J404\n")


@pytest.mark.parametrize(
    "words",
    [
        ("alerts", "show"),
        ("alerts", "show", "x"),
        ("alerts", "show", "0"),
        ("alerts", "accept"),
        ("alerts", "resolve", "3000000000"),
        ("alerts", "list", "--state", "odd"),
        ("alerts", "list", "--limit", "0"),
        ("alerts", "snooze", "7", "later"),
        ("alerts", "list", "--url", "nowhere"),
        ("send", "x", "--type", "odd"),
        ("send", "x", "--severity", "6"),
        ("alerts", "comment", "7", b"\xff"),
        ("alerts", "list", "--token", "\u00e4"),
        ("fly",),
    ],
)
async def test_what_cannot_be_meant_is_said_before_anything_is_asked(
    cli: Cli, words: tuple[str | bytes, ...]
) -> None:
    ran = await cli(*words)

    assert ran.code == 2
    assert ran.err
    assert cli.services.asked == []


async def test_who_says_nothing_about_themselves_is_asked_to(cli: Cli) -> None:
    assert (await cli("alerts", "list", TOCSIN_TOKEN="")).code == 2
    assert (await cli("send", "x", TOCSIN_INTEGRATION_KEY="")).code == 2
    assert (await cli("oncall", TOCSIN_URL="")).code == 2


@pytest.mark.parametrize(
    "words", [("alerts", "list"), ("alerts", "watch"), ("send", "x"), ("oncall",)]
)
async def test_nobody_there_is_another_exit_code(cli: Cli, words: tuple[str, ...]) -> None:
    ran = await cli(*words, TOCSIN_URL=f"http://127.0.0.1:{free_port()}")

    assert ran.code == 3
    assert ran.err.startswith("tocsin: cannot reach Tocsin at http://127.0.0.1:")
    assert ran.err.count("\n") == 1
