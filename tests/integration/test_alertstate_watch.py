"""Watches over a real outbox, relay, JetStream and gRPC: nothing missed, nothing told twice."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import pytest
from google.api.httpbody_pb2 import HttpBody
from nats.js.errors import NotFoundError
from sqlalchemy import Connection, delete, event, update

from services.alertstate.watch import ALERTS
from services.alertstate.watch_servicer import AlertWatchServicer
from services.chassis import facts, outbox, tokens, watch
from services.chassis.authentication import KIND, Authenticator
from services.chassis.bus import Bus, Stream, bus
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.principal import Principal, current_principal
from services.chassis.relay import Relay
from services.chassis.rpc import OPTIONS, Guard
from services.chassis.watches import LAST_EVENT_ID, RESUME_TOKEN
from services.chassis.watching import Bell
from tests.parts.ports import free_port
from tests.parts.waiting import eventually
from tests.parts.watches import Watch
from tocsin.alertstate.v1 import alert_watch_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert, Responder
from tocsin.alertstate.v1.alert_watch_service_pb2_grpc import (
    AlertWatchServiceStub,
    add_AlertWatchServiceServicer_to_server,
)
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord
from tocsin.ingest.v1.alert_source_pb2 import AlertSource


@dataclass
class House:
    """A served watch, with the relay that feeds it."""

    db: Database
    bus: Bus
    stream: Stream
    bell: Bell
    stub: AlertWatchServiceStub
    token: str
    ringing: "asyncio.Task[None]"
    versions: dict[int, int] = field(default_factory=dict)

    @property
    def me(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),)

    def relay(self) -> Relay:
        """A relay that knows nothing yet, as after a start."""
        return Relay(self.db, self.bus, self.stream, Clock(None))

    async def change(
        self, *ids: int, state: Alert.Status = Alert.PENDING, source: int = 3, details: str = ""
    ) -> None:
        """Commits a change of each alert, in one transaction."""
        await self.db.write(self._put, ids, state, source, details)

    async def publish(self) -> None:
        await self.relay().flush()

    async def changed(self, *ids: int, **how: Any) -> None:
        """Commits changes and publishes them."""
        await self.change(*ids, **how)
        await self.publish()

    def place(self, id_: int) -> str:
        """The token of an alert's first change."""
        return f"{self.stream.service}:alert:{id_}:1"

    def watch(self, token: str = "", **wanted: Any) -> "AlertWatch":
        request = pb.WatchAlertsRequest(resume_token=token, **wanted)
        call = self.stub.WatchAlerts(request, metadata=self.me)
        return AlertWatch(call, pb.WatchAlertsResponse)

    def events(self, token: str = "", last_event_id: str = "", **wanted: Any) -> "Events":
        request = pb.StreamAlertsRequest(resume_token=token, **wanted)
        told = ((LAST_EVENT_ID, last_event_id),) if last_event_id else ()
        call = self.stub.StreamAlerts(request, metadata=(*self.me, *told))
        return Events(call, HttpBody)

    def _put(
        self,
        connection: Connection,
        ids: Sequence[int],
        state: Alert.Status,
        source: int,
        details: str,
    ) -> None:
        now = Clock(None).now(connection)
        for id_ in ids:
            version = self.versions[id_] = self.versions.get(id_, 0) + 1
            alert = Alert(
                id=id_,
                summary=f"alert {id_}\nline 2",
                details=details,
                status=state,
                alert_source=AlertSource(id=source),
                escalation_policy=EscalationPolicy(id=4),
                responders=[Responder(user=Responder.Person(id=9))],
            )
            change = AlertChanged(alert=alert, version=version, cause=AlertChanged.RAISED)
            outbox.put(connection, now, change, key=f"alert:{id_}:{version}")


class AlertWatch(Watch[pb.WatchAlertsResponse]):
    """A watch, told by what it is about."""

    async def ids(self, count: int) -> list[int]:
        return [(await self.next()).alert.id for _ in range(count)]


class Events(Watch[HttpBody]):
    """The same as server-sent events."""

    async def frame(self) -> str:
        body = await self.next()
        assert body.content_type == "text/event-stream"
        text: str = body.data.decode()
        assert text.endswith("\n\n")
        return text

    async def event(self) -> tuple[str, dict[str, Any]]:
        """Returns the next event's id and data."""
        while (text := await self.frame()).startswith(": ping\n"):
            pass
        id_, kind, data = text.rstrip("\n").split("\n")
        assert kind == "event: alert"
        return id_.removeprefix("id: "), json.loads(data.removeprefix("data: "))


@pytest.fixture
async def house(any_database_url: str, nats_url: str) -> AsyncIterator[House]:
    name = f"watched{secrets.token_hex(4)}"
    migrate(any_database_url, "alertstate")
    token, port = tokens.new_token(), free_port()
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(database(any_database_url, name))
        connected = await stack.enter_async_context(bus(nats_url, name))
        await db.write(_know, token)
        bell = Bell(db)
        server = grpc.aio.server(
            interceptors=[Guard(Authenticator(db, Clock(None), "", None))], options=OPTIONS
        )
        add_AlertWatchServiceServicer_to_server(AlertWatchServicer(db, bell), server)
        server.add_insecure_port(f"127.0.0.1:{port}")
        await server.start()
        stack.push_async_callback(server.stop, 0)
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}"))
        stream = Stream(service=name, readers=(), max_bytes=1024 * 1024)
        ringing = asyncio.create_task(bell.run())
        stub = AlertWatchServiceStub(channel)
        opened = House(db, connected, stream, bell, stub, str(token), ringing)
        try:
            yield opened
        finally:
            ringing.cancel()
            await asyncio.wait({ringing})
            with suppress(NotFoundError):
                await connected.js.delete_stream(stream.name)


def _know(connection: Connection, token: tokens.Token) -> None:
    record = TokenRecord(
        token=ApiToken(id=token.id, name="watcher", scopes=["alerts:read"]),
        secret_sha256=token.sha256(),
    )
    facts.publish(connection, KIND, token.id, record)
    source = AlertSource(id=3, name="Zabbix", integration_key="secret")
    facts.publish(connection, "source", 3, source)
    facts.publish(connection, "policy", 4, EscalationPolicy(id=4, name="ops"))


async def test_changes_are_told_as_they_are_published(house: House) -> None:
    await house.changed(1)
    watch = house.watch()
    await watch.begun()
    await house.changed(2)
    await house.changed(2, state=Alert.RESOLVED)

    raised, resolved = await watch.next(), await watch.next()

    assert raised.alert.summary == "alert 2\nline 2"
    assert (raised.version, raised.cause) == (1, AlertChanged.RAISED)
    assert raised.alert.alert_source.name == "Zabbix"
    assert not raised.alert.alert_source.integration_key
    assert raised.alert.escalation_policy.name == "ops"
    assert (resolved.version, resolved.alert.status) == (2, Alert.RESOLVED)


async def test_a_token_goes_on_right_after_its_change(house: House) -> None:
    await house.changed(1, 2, 3)
    watch = house.watch()
    await watch.begun()
    await house.changed(4, 5)
    first = await watch.next()
    watch.call.cancel()
    await house.changed(6)

    assert first.alert.id == 4
    assert await house.watch(first.resume_token).ids(2) == [5, 6]


async def test_whoever_was_told_nothing_yet_has_a_token_too(house: House) -> None:
    await house.changed(1)
    watch = house.watch()
    token = await watch.begun()
    watch.call.cancel()
    await house.changed(2)

    assert await house.watch(token).ids(1) == [2]


async def test_only_what_is_asked_for_is_told(house: House) -> None:
    resolved = house.watch(states=[Alert.RESOLVED, Alert.ACCEPTED])
    other = house.watch(sources=[8])
    await resolved.begun()
    await other.begun()
    for _ in range(2):
        await house.changed(*range(1, 70))
        await house.changed(70, state=Alert.RESOLVED)
        await house.changed(71, source=8)

        assert await resolved.ids(1) == [70]
        assert await other.ids(1) == [71]


async def test_a_long_history_comes_whole_and_in_order(house: House) -> None:
    await house.changed(1)
    token = await house.watch().begun()
    for start in range(2, 400, 40):
        await house.changed(*range(start, start + 40))

    assert await house.watch(token).ids(400) == list(range(2, 402))


@pytest.mark.parametrize("kept", [0, 3])
async def test_a_broker_that_forgot_makes_nothing_lost_or_repeated(house: House, kept: int) -> None:
    """`kept` of the five changes are still in the stream when it comes back."""
    await house.changed(1)
    watch = house.watch()
    await watch.begun()
    await house.changed(2, 3)
    last_but_one, last = await watch.next(), await watch.next()
    await house.changed(4, 5, state=Alert.RESOLVED)
    assert await watch.ids(2) == [4, 5]

    await _forget(house, kept)
    late = house.watch(last.resume_token)
    later = house.watch(last_but_one.resume_token)
    await house.change(6)
    await house.publish()
    await house.changed(7)

    assert await watch.ids(2) == [6, 7]
    assert await late.ids(4) == [4, 5, 6, 7]
    assert await later.ids(5) == [3, 4, 5, 6, 7]


async def _forget(house: House, kept: int) -> None:
    """Makes the broker lose what came after the first `kept` messages."""
    js = house.bus.js
    if not kept:
        await js.delete_stream(house.stream.name)
        return

    def unpublish(connection: Connection) -> None:
        lost = update(OUTBOX).where(OUTBOX.c.stream_seq > kept)
        connection.execute(lost.values(published=False, stream_seq=None))

    # The broker itself forgets nothing here, but numbers what comes again anew.
    await house.db.write(unpublish)
    await js.purge_stream(house.stream.name)


async def test_a_token_that_is_too_old_is_out_of_range(house: House) -> None:
    await house.changed(1)
    token = await house.watch().begun()
    await house.changed(2)
    await house.db.write(_sweep, token)

    watch = house.watch(token)

    assert await watch.code() is grpc.StatusCode.OUT_OF_RANGE
    assert await house.watch("unheard-of").code() is grpc.StatusCode.OUT_OF_RANGE


async def test_a_watch_outlives_what_is_kept(house: House) -> None:
    await house.changed(1)
    watch = house.watch()
    token = await watch.begun()
    await house.db.write(_sweep, token)
    await house.changed(2)

    assert await watch.ids(1) == [2]


def _sweep(connection: Connection, token: str) -> None:
    connection.execute(delete(OUTBOX).where(OUTBOX.c.msg_id == token))


@pytest.mark.parametrize("token", ["a b", "a\0", "x" * 201, "\u0661", "\n"])
async def test_nonsense_is_no_token(house: House, token: str) -> None:
    assert await house.watch(token).code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_an_unknown_state_is_refused(house: House) -> None:
    assert await house.watch(states=[0]).code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await house.watch(states=[9]).code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_stranger_watches_nothing(house: House) -> None:
    house.token = str(tokens.new_token())

    assert await house.watch().code() is grpc.StatusCode.UNAUTHENTICATED
    assert await house.events().code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_slow_watcher_delays_nobody_and_misses_nothing(house: House) -> None:
    await house.changed(1)
    slow, fast = house.watch(), house.watch()
    await slow.begun()
    await fast.begun()
    await house.change(*range(2, 1002))
    await house.publish()

    assert await fast.ids(1000) == list(range(2, 1002))
    assert await slow.ids(1000) == list(range(2, 1002))


async def test_changes_that_another_process_makes_are_told_too(house: House) -> None:
    watch = house.watch()
    await watch.begun()
    await house.change(1)

    def publish_silently(connection: Connection) -> None:
        connection.execute(update(OUTBOX).values(published=True, stream_seq=1))

    await house.db.write(publish_silently)

    assert await watch.ids(1) == [1]


async def test_a_watcher_that_goes_is_forgotten(house: House) -> None:
    watch = house.watch()
    await watch.begun()
    await eventually(lambda: house.bell.watchers == 1)

    watch.call.cancel()

    await eventually(lambda: house.bell.watchers == 0)


async def test_watches_end_with_the_service(house: House) -> None:
    await house.changed(1)
    watch, events = house.watch(), house.events()
    token = await watch.begun()
    await events.frame()
    await eventually(lambda: house.bell.watchers == 2)

    house.ringing.cancel()

    assert await watch.code() is grpc.StatusCode.OK
    assert dict(await watch.call.trailing_metadata())[RESUME_TOKEN] == token
    assert await events.code() is grpc.StatusCode.OK
    assert await house.watch(token).code() is grpc.StatusCode.UNAVAILABLE


async def test_a_watch_ends_after_a_while(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.watches.LONGEST_SECONDS", 0.2)
    monkeypatch.setattr("services.chassis.watches.SILENCE_SECONDS", 0.1)
    await house.changed(1)
    watch = house.watch(sources=[77])
    begun = await watch.begun()
    await house.changed(2)

    assert await watch.code() is grpc.StatusCode.OK
    ended = dict(await watch.call.trailing_metadata())[RESUME_TOKEN]
    assert begun != ended
    await house.changed(3)
    assert await house.watch(ended).ids(1) == [3]


async def test_a_page_is_bounded_by_what_is_in_it(house: House) -> None:
    await house.changed(1)
    await house.changed(2, 3, 4, details="x" * 100_000)
    await house.changed(5, details="x" * 400_000)
    await house.changed(6, 7)
    house.versions.clear()

    current_principal.set(Principal(kind="TOKEN", id="t", name="t"))
    ids, place = [], house.place(1)
    while (page := await house.db.read(watch.page, ALERTS, place)).moved:
        ids.append([change.alert.id for change in page.changes])
        place = page.place

    assert ids == [[2, 3], [4], [5], [6, 7]]


async def test_watchers_at_one_place_share_what_they_read(house: House) -> None:
    await house.changed(1)
    watches = [house.watch() for _ in range(20)]
    for each in watches:
        await each.begun()
    await eventually(lambda: house.bell.watchers == 20)
    pages: list[str] = []

    def note(*told: Any) -> None:
        pages.extend(["page"] if "payload" in told[2] and "OVER" in told[2] else [])

    event.listen(house.db.engine, "before_cursor_execute", note)
    await house.changed(2)
    assert [await each.ids(1) for each in watches] == [[2]] * 20

    assert 0 < len(pages) < 10


async def test_a_token_may_watch_so_often_and_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.watching.MOST_OF_TOKEN", 2)
    watches = [house.watch(), house.watch()]
    for each in watches:
        await each.begun()

    assert await house.watch().code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert await house.events().code() is grpc.StatusCode.RESOURCE_EXHAUSTED

    watches[0].call.cancel()
    await eventually(lambda: house.bell.watchers == 1)
    await house.watch().begun()


async def test_a_service_is_watched_so_often_and_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.watching.MOST", 1)
    first = house.watch()
    await first.begun()

    assert await house.watch().code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_watch_ends_between_two_changes(house: House) -> None:
    await house.changed(1, 2, 3)
    servicer = AlertWatchServicer(house.db, house.bell)
    request = pb.StreamAlertsRequest(resume_token=house.place(1))
    current_principal.set(Principal(kind="TOKEN", id="t", name="t"))
    stream = servicer.StreamAlerts(request, NoMetadata())  # type: ignore[arg-type] # all it asks for
    frames = [await anext(stream), await anext(stream)]

    house.bell.closed = True

    assert f"id: {house.place(2)}".encode() in frames[1].data
    assert [frame async for frame in stream] == []


async def test_a_watch_shows_how_a_source_stands(house: House) -> None:
    watch = house.watch()
    await watch.begun()
    await house.changed(1)

    assert (await watch.next()).alert.alert_source.status == AlertSource.ALL_RESOLVED


class NoMetadata:
    """A call without headers."""

    def invocation_metadata(self) -> tuple[()]:
        return ()


async def test_server_sent_events_say_the_same(house: House) -> None:
    await house.changed(1)
    events = house.events(states=[Alert.PENDING])
    assert await events.frame() == f": ping\nid: {house.place(1)}\n\n"
    await house.changed(2)

    id_, data = await events.event()

    assert (id_, data["resumeToken"]) == (house.place(2), house.place(2))
    assert (data["version"], data["cause"]) == (1, "RAISED")
    assert data["alert"]["summary"] == "alert 2\nline 2"
    assert data["alert"]["status"] == "PENDING"
    assert data["alert"]["alertSource"]["name"] == "Zabbix"
    assert data["alert"]["assignedTo"] == {"id": 9}
    assert data["alert"]["images"] == []
    assert "integrationKey" not in data["alert"]["alertSource"]


async def test_the_header_wins_over_the_query(house: House) -> None:
    await house.changed(1, 2, 3)

    one, two, three = (house.place(id_) for id_ in (1, 2, 3))

    id_, _ = await house.events(one, last_event_id=two).event()
    queried, _ = await house.events(one).event()

    assert (id_, queried) == (three, two)


async def test_silence_is_told_with_where_the_watcher_stands(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.watches.SILENCE_SECONDS", 0.3)
    events = house.events(sources=[77])
    assert await events.frame() == ": ping\n\n"
    await eventually(lambda: house.bell.watchers == 1)
    await house.changed(1)

    async def stands_after_it() -> bool:
        return await events.frame() == f": ping\nid: {house.place(1)}\n\n"

    await eventually(stands_after_it, within=5)
