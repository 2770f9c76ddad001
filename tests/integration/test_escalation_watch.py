"""Watches of runs over a real outbox, relay, JetStream and gRPC."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import pytest
from nats.js.errors import NotFoundError
from sqlalchemy import Connection, delete

from services.chassis import facts, tokens
from services.chassis.authentication import KIND, Authenticator
from services.chassis.bus import Bus, Stream, bus
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.relay import Relay
from services.chassis.rpc import OPTIONS, Guard
from services.chassis.watches import LAST_EVENT_ID
from services.chassis.watching import Bell
from services.escalation import running
from services.escalation.domain.policies import Plan
from services.escalation.domain.runs import Actor, Run, Subject
from services.escalation.servicer.watches import EscalationWatchServicer
from services.escalation.store.tables import PolicyTeamRow
from tests.parts.ports import free_port
from tests.parts.watches import Watch
from tocsin.escalation.v1 import escalation_watch_service_pb2 as pb
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.escalation_watch_service_pb2_grpc import (
    EscalationWatchServiceStub,
    add_EscalationWatchServiceServicer_to_server,
)
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord

BY = Actor("TOKEN", "abcd1234", name="scheduler")
SECRET = 8  # a team's private policy


@dataclass
class House:
    """A served watch, with the relay that feeds it."""

    db: Database
    bus: Bus
    stream: Stream
    stub: EscalationWatchServiceStub
    tokens: dict[str, str]

    async def begun(self, *ids: str, kind: str = "job", policy: int = 3) -> list[Run]:
        """Commits beginnings of runs, and publishes them."""
        made = [
            await self.db.write(_begin, Subject(kind=kind, id=id_, title=id_), policy)
            for id_ in ids
        ]
        await self.publish()
        return made

    async def stopped(self, run: Run) -> None:
        await self.db.write(lambda c: running.stop(c, Clock(None).now(c), run.id, BY))
        await self.publish()

    async def publish(self) -> None:
        await Relay(self.db, self.bus, self.stream, Clock(None)).flush()

    def watch(self, token: str = "", who: str = "all", **wanted: Any) -> "EscalationWatch":
        request = pb.WatchEscalationsRequest(resume_token=token, **wanted)
        call = self.stub.WatchEscalations(request, metadata=self._as(who))
        return EscalationWatch(call, pb.WatchEscalationsResponse)

    def frames(self, last_event_id: str) -> Any:
        metadata = (*self._as("all"), (LAST_EVENT_ID, last_event_id))
        return self.stub.StreamEscalations(pb.StreamEscalationsRequest(), metadata=metadata)

    def _as(self, who: str) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.tokens[who]}"),)


class EscalationWatch(Watch[pb.WatchEscalationsResponse]):
    """A watch, told by what it is about."""

    async def ids(self, count: int) -> list[str]:
        return [(await self.next()).escalation.subject.id for _ in range(count)]


def _begin(connection: Connection, subject: Subject, policy: int) -> Run:
    return running.begin(
        connection, Clock(None).now(connection), subject, Plan(policy_id=policy), BY
    )


def _know(connection: Connection, known: dict[str, tokens.Token]) -> None:
    facts.publish(connection, "team", SECRET, Team(id=SECRET, visibility="PRIVATE"))
    policy_team = PolicyTeamRow.__table__
    connection.execute(policy_team.insert().values(policy_id=5, team_id=SECRET))
    scopes = {"all": ["admin"], "stranger": ["escalations:read"]}
    for who, token in known.items():
        record = TokenRecord(
            token=ApiToken(id=token.id, name=who, scopes=scopes[who]),
            secret_sha256=token.sha256(),
        )
        facts.publish(connection, KIND, token.id, record)


@pytest.fixture
async def house(any_database_url: str, nats_url: str) -> AsyncIterator[House]:
    name = f"runs{secrets.token_hex(4)}"
    migrate(any_database_url, "escalation")
    known, port = {who: tokens.new_token() for who in ("all", "stranger")}, free_port()
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(database(any_database_url, name))
        connected = await stack.enter_async_context(bus(nats_url, name))
        await db.write(_know, known)
        bell = Bell(db)
        guard = Guard(Authenticator(db, Clock(None), "", None))
        server = grpc.aio.server(interceptors=[guard], options=OPTIONS)
        servicer = EscalationWatchServicer(db, bell)
        add_EscalationWatchServiceServicer_to_server(servicer, server)
        server.add_insecure_port(f"127.0.0.1:{port}")
        await server.start()
        stack.push_async_callback(server.stop, 0)
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}"))
        stream = Stream(service=name, readers=(), max_bytes=1024 * 1024)
        ringing = asyncio.create_task(bell.run())
        stub = EscalationWatchServiceStub(channel)
        shown = {who: str(token) for who, token in known.items()}
        try:
            yield House(db, connected, stream, stub, shown)
        finally:
            ringing.cancel()
            await asyncio.wait({ringing})
            with suppress(NotFoundError):
                await connected.js.delete_stream(stream.name)


async def test_changes_are_told_once_with_who_caused_them(house: House) -> None:
    watch = house.watch()
    await watch.begun()
    (run,) = await house.begun("backup")
    await house.stopped(run)

    begun, ended = await watch.next(), await watch.next()

    assert begun.escalation.key == "job:backup:1"
    assert (begun.cause, begun.escalation.state) == (EscalationChanged.BEGUN, Escalation.RUNNING)
    assert (ended.cause, ended.escalation.state) == (EscalationChanged.ENDED, Escalation.STOPPED)
    assert (ended.actor.name, ended.escalation.version) == ("scheduler", 2)
    assert ended.state_before == Escalation.RUNNING


async def test_a_token_goes_on_right_after_its_change(house: House) -> None:
    watch = house.watch()
    stood = await watch.begun()
    await house.begun("a", "b")
    first = await watch.next()
    watch.call.cancel()
    await house.begun("c")

    assert first.escalation.subject.id == "a"
    assert await house.watch(first.resume_token).ids(2) == ["b", "c"]
    assert stood == ""  # before anything was ever published


async def test_only_what_is_asked_for_is_told(house: House) -> None:
    kinds, states = house.watch(kinds=["deploy"]), house.watch(states=[Escalation.STOPPED])
    policies = house.watch(policies=[4])
    for each in (kinds, states, policies):
        await each.begun()
    (run,) = await house.begun("a")
    await house.begun("b", kind="deploy")
    await house.begun("c", policy=4)
    await house.stopped(run)

    assert await kinds.ids(1) == ["b"]
    assert await policies.ids(1) == ["c"]
    assert await states.ids(1) == ["a"]


async def test_what_belongs_to_a_private_team_is_not_told_to_others(house: House) -> None:
    watch, stranger = house.watch(), house.watch(who="stranger")
    await watch.begun()
    await stranger.begun()
    await house.begun("secret", policy=5)
    await house.begun("open")

    assert await watch.ids(2) == ["secret", "open"]
    assert await stranger.ids(1) == ["open"]


async def test_a_token_that_is_too_old_is_out_of_range(house: House) -> None:
    await house.begun("a")
    token = await house.watch().begun()
    await house.db.write(lambda c: c.execute(delete(OUTBOX).where(OUTBOX.c.msg_id == token)))

    assert await house.watch(token).code() is grpc.StatusCode.OUT_OF_RANGE
    assert await house.watch("a b").code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await house.watch(states=[0]).code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await house.watch(kinds=[""]).code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_server_sent_events_say_the_same(house: House) -> None:
    await house.begun("a")
    token = await house.watch().begun()
    frames = house.frames(token)
    assert (await frames.read()).data == f": ping\nid: {token}\n\n".encode()
    await house.begun("b")

    id_, kind, data = (await frames.read()).data.decode().rstrip("\n").split("\n")

    assert kind == "event: escalation"
    told = json.loads(data.removeprefix("data: "))
    assert f"id: {told['resumeToken']}" == id_
    assert (told["escalation"]["key"], told["cause"]) == ("job:b:1", "BEGUN")
