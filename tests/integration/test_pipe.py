"""From one service's database into another's: nothing lost, nothing doubled, whatever dies."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import nats.errors
import pytest
from nats.js.errors import Error as JetStreamError
from sqlalchemy import Connection, delete, func, select, update

from services.chassis import outbox
from services.chassis.bus import MAX_PUBLISHED_BYTES, Bus, Stream, StreamFull, bus, stream_name
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.dead_letters import DEAD_LETTER
from services.chassis.errors import InvalidRequest, Unavailable
from services.chassis.inbox import (
    BATCH_SIZE,
    INBOX,
    KEPT,
    MOST_TRIES,
    POSITION,
    Consumer,
    Delivery,
    forget_old,
    ignoring,
    on,
)
from services.chassis.leadership import only_one
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.relay import Relay
from tests.parts.nats import nats_server
from tests.parts.waiting import ended, eventually
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_events_pb2 import UserChanged

MIB = 1024 * 1024


@dataclass
class Pipe:
    """A publisher's database, a reader's database, and what carries between them."""

    name: str
    publisher: Database
    reader: Database
    bus: Bus
    clock: Clock
    relay: Relay
    consumer: Consumer
    seen: list[str] = field(default_factory=list)
    faults: dict[str, list[Exception]] = field(default_factory=dict)

    async def put(self, *keys: str, size: int = 10) -> None:
        def write(connection: Connection) -> None:
            for key in keys:
                message = SuiteAlertRaised(alert_key=key, details="x" * size)
                outbox.put(connection, self.clock.now(connection), message, key=key)

        await self.publisher.write(write)

    def react(self, connection: Connection, now: datetime, event: SuiteAlertRaised) -> None:
        faults = self.faults.get(event.alert_key)
        if faults:
            raise faults.pop()
        self.seen.append(event.alert_key)

    async def relay_all(self) -> None:
        while await self.relay.step():
            pass

    async def read_all(self, expected: int) -> None:
        pull = await self.consumer.bind()

        async def arrived() -> None:
            await self.consumer.step(pull, wait=0.3)
            assert len(self.seen) >= expected, self.seen

        await eventually(arrived, within=20)
        await self.consumer.step(pull, wait=0.3)  # nothing more comes
        await pull.close()

    async def count(self, table: object, db: Database | None = None) -> int:
        query = select(func.count()).select_from(table)  # type: ignore[arg-type]
        return await (db or self.reader).read(lambda c: c.execute(query).scalar_one())


async def open_pipe(
    stack: AsyncExitStack, url: str, databases: Sequence[str], *, max_bytes: int = 64 * MIB
) -> Pipe:
    name = f"t{secrets.token_hex(4)}"
    for database_url in databases:
        migrate(database_url, "ingest")
    publisher = await stack.enter_async_context(database(databases[0], name))
    reader = await stack.enter_async_context(database(databases[1], "reader"))
    connected = await stack.enter_async_context(bus(url, name))
    clock = Clock()
    stream = Stream(service=name, readers=("reader",), max_bytes=max_bytes)
    relay = Relay(publisher, connected, stream, clock)
    pipe = Pipe(name, publisher, reader, connected, clock, relay, None)  # type: ignore[arg-type]
    pipe.consumer = Consumer(
        reader,
        connected,
        clock,
        durable="reader",
        publisher=name,
        reactions=on(SuiteAlertRaised, pipe.react),
    )
    await connected.ensure_stream(stream)
    return pipe


@pytest.fixture
async def pipe(nats_url: str, tmp_path: Path) -> AsyncIterator[Pipe]:
    async with AsyncExitStack() as stack:
        urls = [f"sqlite:///{tmp_path}/{side}.db" for side in ("publisher", "reader")]
        opened = await open_pipe(stack, nats_url, urls)
        yield opened
        await opened.bus.js.delete_stream(stream_name(opened.name))


async def test_messages_arrive_once_and_in_order(pipe: Pipe) -> None:
    keys = [str(n) for n in range(600)]
    await pipe.put(*keys)

    await pipe.relay_all()
    await pipe.read_all(600)

    assert pipe.seen == keys
    assert await pipe.relay.step() == 0


async def test_messages_arrive_on_postgresql_too(
    nats_url: str, postgres: Callable[[], str]
) -> None:
    async with AsyncExitStack() as stack:
        pipe = await open_pipe(stack, nats_url, [postgres(), postgres()])
        await asyncio.gather(*(pipe.put(str(n)) for n in range(50)))

        await pipe.relay_all()
        await pipe.read_all(50)

        assert sorted(pipe.seen, key=int) == [str(n) for n in range(50)]
        await pipe.bus.js.delete_stream(stream_name(pipe.name))


async def test_a_crash_between_publishing_and_marking_doubles_nothing(pipe: Pipe) -> None:
    await pipe.put("a", "b")
    await pipe.relay_all()

    def unmark(connection: Connection) -> None:
        connection.execute(update(OUTBOX).values(published=False, stream_seq=None))

    await pipe.publisher.write(unmark)

    await pipe.relay_all()
    await pipe.read_all(2)

    assert pipe.seen == ["a", "b"]


async def test_a_crash_between_commit_and_acknowledgement_doubles_nothing(pipe: Pipe) -> None:
    await pipe.put("a")
    await pipe.relay_all()
    await pipe.read_all(1)
    await pipe.bus.js.delete_consumer(stream_name(pipe.name), "reader")  # its floor is forgotten

    pull = await pipe.consumer.bind()
    again = await pipe.consumer.step(pull, wait=1)

    assert again == 1
    assert pipe.seen == ["a"]


async def test_nats_is_killed_and_everything_arrives_once(tmp_path: Path) -> None:
    with nats_server() as server:
        async with AsyncExitStack() as stack:
            urls = [f"sqlite:///{tmp_path}/{side}.db" for side in ("publisher", "reader")]
            pipe = await open_pipe(stack, server.url, urls)
            loops = [
                asyncio.create_task(pipe.relay.run()),
                asyncio.create_task(pipe.consumer.run()),
            ]
            keys = [str(n) for n in range(300)]
            for n, key in enumerate(keys):
                await pipe.put(key)
                if n in (60, 200):
                    server.kill()
                if n in (120, 260):
                    server.start()

            await eventually(lambda: len(pipe.seen) >= 300, within=40)

            assert sorted(pipe.seen, key=int) == keys
            await ended(*loops)


async def test_a_broker_that_lost_its_disk_is_fed_anew(pipe: Pipe) -> None:
    await pipe.put("a", "b")
    await pipe.relay_all()
    await pipe.bus.js.delete_stream(stream_name(pipe.name))
    await pipe.put("c")

    async def fed() -> None:
        try:
            await pipe.relay_all()
        except (nats.errors.Error, JetStreamError) as error:
            pipe.relay._verify_at = 0.0  # what the relay's own loop does then
            raise AssertionError from error

    await eventually(fed)
    await pipe.read_all(3)

    assert pipe.seen == ["a", "b", "c"]


async def test_a_restored_database_reads_again_what_it_lacks(pipe: Pipe) -> None:
    await pipe.put("a", "b", "c")
    await pipe.relay_all()
    await pipe.read_all(3)

    def restore(connection: Connection) -> None:  # to a backup from before "b"
        connection.execute(delete(INBOX).where(~INBOX.c.msg_id.endswith(":a")))
        connection.execute(update(POSITION).values(seq=1))

    await pipe.reader.write(restore)
    pipe.seen[:] = ["a"]
    await pipe.read_all(3)

    assert pipe.seen == ["a", "b", "c"]


async def test_a_message_that_can_never_succeed_is_buried_and_the_rest_goes_on(pipe: Pipe) -> None:
    pipe.faults["bad"] = [InvalidRequest("no such thing")]
    await pipe.put("a", "bad", "b")
    await pipe.relay_all()

    await pipe.read_all(2)

    assert pipe.seen == ["a", "b"]
    assert await pipe.count(DEAD_LETTER) == 1
    told = await pipe.reader.read(lambda c: c.execute(select(OUTBOX.c.type)).scalars().all())
    assert told == ["tocsin.chassis.internal.v1.SuiteAlertRaised"]


async def test_a_message_that_fails_for_now_is_tried_again(pipe: Pipe) -> None:
    pipe.faults["late"] = [RuntimeError("not yet"), RuntimeError("not yet")]
    await pipe.put("late", "b")
    await pipe.relay_all()

    await pipe.read_all(2)

    assert pipe.seen == ["b", "late"]
    assert await pipe.count(DEAD_LETTER) == 0


async def test_a_message_that_came_often_but_never_failed_is_not_given_up(pipe: Pipe) -> None:
    await pipe.put("late")
    await pipe.relay_all()
    pull = await pipe.consumer.bind()
    for _ in range(MOST_TRIES):  # each time, the database is away before anything is tried
        (message,) = await pull.batch(1, 1)
        await message.nak()
    await pull.close()

    pipe.faults["late"] = [RuntimeError("not yet")]
    await pipe.read_all(1)

    assert pipe.seen == ["late"]
    assert await pipe.count(DEAD_LETTER) == 0


async def test_a_message_that_always_fails_is_given_up_after_some_tries(pipe: Pipe) -> None:
    pipe.faults["bad"] = [RuntimeError("never")] * MOST_TRIES
    await pipe.put("bad")
    await pipe.relay_all()
    pull = await pipe.consumer.bind()
    (message,) = await pull.batch(1, 1)

    verdicts = [
        await pipe.reader.write(pipe.consumer._react, [Delivery.of(message)])
        for _ in range(MOST_TRIES)
    ]

    assert [v.name for (v,) in verdicts] == ["AGAIN"] * (MOST_TRIES - 1) + ["DONE"]
    assert await pipe.count(DEAD_LETTER) == 1
    await pull.close()


async def test_the_end_of_a_request_for_messages_is_not_taken_for_the_next_ones(pipe: Pipe) -> None:
    await pipe.put("a", "b", "c")
    await pipe.relay_all()
    pull = await pipe.consumer.bind()

    brought = [len(await pull.batch(1, 1)) for _ in range(3)]

    assert brought == [1, 1, 1]
    await pull.close()


async def test_nothing_is_caught_up_while_messages_wait(pipe: Pipe) -> None:
    await pipe.put(*(str(n) for n in range(BATCH_SIZE + 3)))
    await pipe.relay_all()
    pull = await pipe.consumer.bind()
    first = (await pull.batch(1, 1))[0]
    await first.nak()

    read = 0
    while read < BATCH_SIZE + 3:
        assert not pipe.consumer.caught_up.is_set() or read >= BATCH_SIZE + 2
        read += await pipe.consumer.step(pull, wait=1)

    async def caught_up() -> bool:  # the server may hear of the last acknowledgements later
        await pipe.consumer.step(pull, wait=0.05)
        return pipe.consumer.caught_up.is_set()

    assert await eventually(caught_up)
    await pull.close()


async def test_what_a_dead_replica_had_in_hand_is_waited_for(pipe: Pipe) -> None:
    await pipe.put("a", "b")
    await pipe.relay_all()
    dead = await pipe.bus.bind(stream_name(pipe.name), "reader")
    await dead.batch(1, 1)  # it dies with a message, which nobody else gets for a while
    await dead.close()

    loop = asyncio.create_task(pipe.consumer.run())
    await pipe.consumer.caught_up.wait()

    assert sorted(pipe.seen) == ["a", "b"]
    await ended(loop)


async def test_what_comes_after_the_start_is_not_waited_for(pipe: Pipe) -> None:
    await pipe.put("a")
    await pipe.relay_all()
    pull = await pipe.consumer.bind()
    await pipe.put("b")
    await pipe.relay_all()
    pipe.faults["b"] = [RuntimeError("again and again")] * 5

    async def catches_up() -> bool:
        await pipe.consumer.step(pull, wait=0.1)
        return pipe.consumer.caught_up.is_set()

    await eventually(catches_up, within=4)
    assert pipe.seen == ["a"]
    await pull.close()


async def test_a_type_that_nobody_knows_waits_for_a_newer_replica(pipe: Pipe) -> None:
    def unknown(connection: Connection) -> None:
        outbox.put(connection, pipe.clock.now(connection), UserChanged(version=1), key="new")

    await pipe.publisher.write(unknown)
    await pipe.relay_all()
    pull = await pipe.consumer.bind()
    assert await pipe.consumer.step(pull, wait=1) == 1
    assert await pipe.count(INBOX) == 0  # not done, not buried

    pipe.consumer._reactions = ignoring(UserChanged)  # the newer replica

    async def done() -> None:
        await pipe.consumer.step(pull, wait=0.5)
        assert await pipe.count(INBOX) == 1

    await eventually(done)


async def test_a_database_that_is_away_does_not_end_the_relay(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*args: object) -> None:
        raise Unavailable("the database is away")

    relaying = asyncio.create_task(pipe.relay.run())
    with monkeypatch.context() as patch:
        patch.setattr(pipe.publisher, "read", away)
        await asyncio.wait({relaying}, timeout=0.5)
    assert not relaying.done()

    await pipe.put("a")
    await pipe.read_all(1)

    await ended(relaying)


async def test_a_message_too_large_to_publish_blocks_nobody(pipe: Pipe) -> None:
    await pipe.put("huge", size=MAX_PUBLISHED_BYTES + 1)
    await pipe.put("small")

    await pipe.relay_all()
    await pipe.read_all(2)

    assert pipe.seen == [
        "small",
        f"{pipe.name}:dead-letter:{SuiteAlertRaised.DESCRIPTOR.full_name}",
    ]
    assert await pipe.count(DEAD_LETTER, pipe.publisher) == 1


async def test_ten_times_the_cap_passes_without_a_refusal(nats_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        urls = [f"sqlite:///{tmp_path}/{side}.db" for side in ("publisher", "reader")]
        pipe = await open_pipe(stack, nats_url, urls, max_bytes=4 * MIB)
        reading = asyncio.create_task(pipe.consumer.run())
        count, size = 420, 100_000  # 42 MB through 4 MiB

        for n in range(count):
            await pipe.put(str(n), size=size)
            await _relay_with_patience(pipe)
        await eventually(lambda: len(pipe.seen) >= count, within=30)

        assert pipe.seen == [str(n) for n in range(count)]
        info = await pipe.bus.js.stream_info(stream_name(pipe.name))
        assert info.state.bytes <= 4 * MIB
        await ended(reading)
        await pipe.bus.js.delete_stream(stream_name(pipe.name))


async def _relay_with_patience(pipe: Pipe) -> None:
    """Waits where the relay holds back by itself; a refusal by the server is an error."""

    async def stepped() -> None:
        try:
            await pipe.relay.step()
        except StreamFull as held_back:
            if held_back.__cause__ is not None:
                raise  # the server refused a message
            raise AssertionError("no room yet") from None

    await eventually(stepped)


async def test_nothing_is_purged_before_every_reader_exists(nats_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        urls = [f"sqlite:///{tmp_path}/{side}.db" for side in ("publisher", "reader")]
        pipe = await open_pipe(stack, nats_url, urls, max_bytes=4 * MIB)
        await pipe.put(*(str(n) for n in range(60)), size=100_000)

        with pytest.raises(StreamFull):
            await pipe.relay_all()
        reading = asyncio.create_task(pipe.consumer.run())
        await eventually(lambda: len(pipe.seen) >= 20)
        await _relay_rest(pipe)
        await eventually(lambda: len(pipe.seen) >= 60)

        assert pipe.seen == [str(n) for n in range(60)]
        await ended(reading)
        await pipe.bus.js.delete_stream(stream_name(pipe.name))


async def _relay_rest(pipe: Pipe) -> None:
    waiting = select(func.count()).where(~OUTBOX.c.published)
    while await pipe.publisher.read(lambda c: c.execute(waiting).scalar_one()):
        await _relay_with_patience(pipe)


async def test_a_stream_changed_by_hand_is_refused(pipe: Pipe) -> None:
    info = await pipe.bus.js.stream_info(stream_name(pipe.name))
    info.config.max_age = 60.0
    info.config.duplicate_window = 60.0
    await pipe.bus.js.update_stream(info.config)

    with pytest.raises(SystemExit, match="max_age"):
        await pipe.relay.step()


async def test_two_relays_do_not_both_publish(nats_url: str, postgres: Callable[[], str]) -> None:
    url = postgres()
    migrate(url, "ingest")
    async with database(url, "a") as one, database(url, "a") as other:
        async with only_one(one, "relay") as first, only_one(other, "relay") as second:
            assert await first.held()
            assert not await second.held()
            first.release()
            assert await second.held()


async def test_the_inbox_forgets_what_cannot_come_again(pipe: Pipe) -> None:
    await pipe.put("a")
    await pipe.relay_all()
    await pipe.read_all(1)

    pipe.clock.turn(KEPT + timedelta(hours=1))
    await pipe.reader.write(forget_old, pipe.clock)

    assert await pipe.count(INBOX) == 0


async def test_two_replicas_share_a_place_without_getting_in_each_others_way(
    nats_url: str, postgres: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncExitStack() as stack:
        reading = postgres()
        pipe = await open_pipe(stack, nats_url, [postgres(), reading])
        second = await stack.enter_async_context(database(reading, "reader"))
        replica = Consumer(
            second,
            pipe.bus,
            pipe.clock,
            durable="reader",
            publisher=pipe.name,
            reactions=on(SuiteAlertRaised, pipe.react),
        )
        keys = [str(n) for n in range(400)]
        await pipe.put(*keys)
        loops = [asyncio.create_task(each.run()) for each in (pipe.consumer, replica)]

        await pipe.relay_all()
        await eventually(lambda: len(pipe.seen) >= 400, within=20)

        assert sorted(pipe.seen, key=int) == keys
        assert not [record for record in caplog.records if "will try" in record.message]
        await ended(*loops)
        await pipe.bus.js.delete_stream(stream_name(pipe.name))
