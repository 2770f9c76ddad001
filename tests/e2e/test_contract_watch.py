"""The watch on alerts, over server-sent events and over gRPC, through the real edge."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc.aio
import httpx
import pytest

from tests.parts.suite import Suite
from tests.parts.team import Team
from tocsin.alertstate.v1 import alert_watch_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.alertstate.v1.alert_watch_service_pb2_grpc import AlertWatchServiceStub

PATH = "/api/alert-stream"
#: How late an event may be, from the answer to what caused it.
SECONDS = 1.0
PATIENCE = 20.0


@dataclass(frozen=True)
class Told:
    """A server-sent event."""

    id: str
    event: str
    data: dict[str, Any]


class Stream:
    """Server-sent events, read one by one."""

    def __init__(self, reply: httpx.Response) -> None:
        self.reply = reply
        self.last_event_id = ""
        self._lines = reply.aiter_lines()

    async def block(self) -> list[str]:
        lines: list[str] = []
        while line := await anext(self._lines):
            lines.append(line)
        return lines

    async def next(self, within: float = PATIENCE) -> Told:
        """Returns the next event, reading as a browser does."""
        async with asyncio.timeout(within):
            while True:
                said = dict(
                    line.split(": ", 1) for line in await self.block() if not line.startswith(":")
                )
                self.last_event_id = said.get("id", self.last_event_id)
                if "data" in said:
                    return Told(said["id"], said["event"], json.loads(said["data"]))

    async def until(self, cause: str, within: float = PATIENCE) -> Told:
        """Returns the next event of a cause; a page, for example, also changes an alert."""
        async with asyncio.timeout(within):
            while (told := await self.next(within)).data["cause"] != cause:
                pass
        return told


@asynccontextmanager
async def streaming(
    suite: Suite, query: Mapping[str, Any] | None = None, last_event_id: str = ""
) -> AsyncIterator[Stream]:
    me = {"Authorization": f"Bearer {suite.token}"}
    if last_event_id:
        me["Last-Event-ID"] = last_event_id
    async with (
        httpx.AsyncClient(base_url=suite.url, headers=me, trust_env=False, timeout=60) as client,
        client.stream("GET", PATH, params=query) as reply,
    ):
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "text/event-stream"
        opened = Stream(reply)
        first = await opened.block()
        assert first[0] == ": ping"
        for line in first[1:]:
            opened.last_event_id = line.removeprefix("id: ")
        yield opened


async def test_three_changes_arrive_at_once_while_the_stream_stays_open(
    suite: Suite, team: Team
) -> None:
    word = secrets.token_hex(4)
    async with streaming(suite, {"sources": team.source_id}) as stream:
        team.send("ALERT", word, alertKey="a")
        raised = await stream.until("RAISED", within=SECONDS * 3)
        alert_id = raised.data["alert"]["id"]
        await asyncio.to_thread(team.put, f"/api/alerts/{alert_id}/accept")
        accepted = await stream.until("ACCEPTED", within=SECONDS)
        await asyncio.to_thread(team.put, f"/api/alerts/{alert_id}/resolve")
        resolved = await stream.until("RESOLVED", within=SECONDS)

    assert raised.event == "alert"
    assert raised.data["resumeToken"] == raised.id
    assert raised.data["alert"]["summary"] == word
    assert raised.data["alert"]["alertSource"]["id"] == team.source_id
    assert raised.data["alert"]["escalationPolicy"]["id"] == team.policy_id
    assert "escalationRules" not in raised.data["alert"]
    assert raised.data["alert"]["responders"] == []
    assert "integrationKey" not in raised.data["alert"]["alertSource"]
    versions = [told.data["version"] for told in (raised, accepted, resolved)]
    assert versions == sorted(set(versions))
    states = [told.data["alert"]["status"] for told in (raised, accepted, resolved)]
    assert states == ["PENDING", "ACCEPTED", "RESOLVED"]


async def test_a_browser_that_comes_back_misses_and_repeats_nothing(
    suite: Suite, team: Team
) -> None:
    async with streaming(suite, {"sources": team.source_id}) as stream:
        for number in range(3):
            team.send("ALERT", f"alert {number}")
        first = await stream.until("RAISED")
        seen, last = [first.data["alert"]["summary"]], stream.last_event_id
    for number in range(3, 6):
        team.send("ALERT", f"alert {number}")
    await team.alert("alert 5")

    query = {"sources": team.source_id, "resume-token": "the header wins"}
    async with streaming(suite, query, last) as stream:
        while len(seen) < 6:
            seen.append((await stream.until("RAISED")).data["alert"]["summary"])
        team.send("ALERT", "the last")
        seen.append((await stream.until("RAISED")).data["alert"]["summary"])

    assert seen == [*(f"alert {number}" for number in range(6)), "the last"]


async def test_a_place_before_the_first_event_can_be_gone_on_from(suite: Suite, team: Team) -> None:
    team.send("ALERT", "before")
    await team.alert("before")
    async with streaming(suite) as stream:
        place = stream.last_event_id
    assert place
    team.send("ALERT", "between")
    await team.alert("between")

    query = {"sources": team.source_id, "resume-token": place}
    async with streaming(suite, query) as stream:
        told = await stream.until("RAISED")

    assert told.data["alert"]["summary"] == "between"


async def test_only_the_states_that_are_asked_for_are_told(suite: Suite, team: Team) -> None:
    query = {"sources": team.source_id, "states": ["resolved", "ACCEPTED"], "odd": "1"}
    async with streaming(suite, query) as stream:
        team.send("ALERT", "one", alertKey="a")
        alert = await team.alert("one")
        await asyncio.to_thread(team.put, f"/api/alerts/{alert['id']}/resolve")

        assert (await stream.next()).data["alert"]["status"] == "RESOLVED"


@pytest.mark.parametrize(
    ("query", "headers", "status", "code"),
    [
        ({}, {"Authorization": ""}, 401, None),
        ({}, {"Authorization": "Bearer x"}, 403, "KEY_ERROR"),
        ({"states": "ODD"}, {}, 400, "BAD_REQUEST"),
        ({"resume-token": "a b"}, {}, 400, "INVALID_REQUEST"),
        ({"resume-token": "alertstate:alert:999999:1"}, {}, 400, "OUT_OF_RANGE"),
        ({}, {"Last-Event-ID": "alertstate:alert:999999:1"}, 400, "OUT_OF_RANGE"),
    ],
)
def test_errors_are_json_before_the_first_event(
    suite: Suite, query: dict[str, str], headers: dict[str, str], status: int, code: str | None
) -> None:
    with suite.client() as client:
        reply = client.get(PATH, params=query, headers=headers)

    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/json"
    told = reply.json()
    assert told["status"] == status
    assert code in (None, told["code"])


def test_a_token_that_may_not_read_alerts_is_forbidden(suite: Suite) -> None:
    with suite.client() as client:
        made = client.post("/api/tokens", json={"name": "tool", "scopes": ["config:read"]})
        assert made.status_code == 201, made.text
        key = made.json()["token"]
        reply = client.get(PATH, headers={"Authorization": f"Bearer {key}"})

    assert (reply.status_code, reply.json()["code"]) == (403, "SCOPE_MISSING")


async def test_the_same_over_grpc(suite: Suite, team: Team) -> None:
    me = [("authorization", f"Bearer {suite.token}")]
    async with grpc.aio.insecure_channel(suite.address) as channel:
        stub = AlertWatchServiceStub(channel)
        request = pb.WatchAlertsRequest(sources=[team.source_id], states=[Alert.PENDING])
        watch = stub.WatchAlerts(request, metadata=me, timeout=PATIENCE)
        await watch.initial_metadata()
        team.send("ALERT", "one")
        told: Any = await watch.read()
        watch.cancel()
        team.send("ALERT", "two")
        request.resume_token = told.resume_token
        again = stub.WatchAlerts(request, metadata=me, timeout=PATIENCE)
        raised: list[Any] = [change async for change in _until_raised(again)]

    assert (told.alert.summary, told.cause) == ("one", AlertChanged.RAISED)
    assert told.alert.alert_source.id == team.source_id
    assert raised[-1].alert.summary == "two"
    assert all(change.alert.summary == "one" for change in raised[:-1])


async def _until_raised(call: Any) -> AsyncIterator[pb.WatchAlertsResponse]:
    async for change in call:
        yield change
        if change.cause == AlertChanged.RAISED:
            return
