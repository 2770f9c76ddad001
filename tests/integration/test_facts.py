"""Copies of another service's records: whole, newest, and honest about an owner that is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import grpc.aio
import pytest

from services.chassis import authentication, facts, following, tokens
from services.chassis.authentication import Authenticator
from services.chassis.channels import channel
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.errors import Unauthenticated, Unavailable
from services.chassis.facts import FactServicer
from services.chassis.following import Follower
from services.chassis.migrations import migrate
from services.chassis.rpc import Guard
from services.chassis.tokens import service_token_hash
from tests.parts.ports import free_port
from tests.parts.waiting import ended, eventually
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc as rpc
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord
from tocsin.escalation.v1.user_pb2 import User

TOKEN = "between-services"
KINDS = ["user", "token"]


class Two:
    """An owner of users, and a service that keeps copies of them."""

    def __init__(self, owner: Database, copier: Database, stack: AsyncExitStack) -> None:
        self.owner = owner
        self.copier = copier
        self.address = f"127.0.0.1:{free_port()}"
        self._stack = stack
        self.follower: Follower

    async def serve(self) -> grpc.aio.Server:
        hashes = f"copier={service_token_hash(TOKEN)}"
        guard = Guard(Authenticator(self.owner, Clock(), hashes, None))
        server = grpc.aio.server(interceptors=[guard])
        rpc.add_FactServiceServicer_to_server(FactServicer(self.owner, KINDS), server)
        server.add_insecure_port(self.address)
        await server.start()
        self._stack.push_async_callback(server.stop, None)
        return server

    async def publish(self, user_id: int, name: str, *, deleted: bool = False) -> int:
        user = User(id=user_id, first_name=name)
        return await self.owner.write(facts.publish, "user", user_id, user, deleted=deleted)

    async def ask_token(self, token_id: str) -> TokenRecord | None:
        return await self.follower.ask("token", token_id, TokenRecord)

    async def copy_of(self, user_id: int) -> User | None:
        return await self.copier.read(facts.get, "user", user_id, User)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in ("owner", "copier")]
    async with AsyncExitStack() as stack:
        for url in urls:
            migrate(url, "ingest")
        dbs = [await stack.enter_async_context(database(url, "x")) for url in urls]
        opened = Two(dbs[0], dbs[1], stack)
        peer = channel(opened.address, TOKEN)
        stack.push_async_callback(peer.close)
        opened.follower = Follower(dbs[1], rpc.FactServiceStub(peer), KINDS)
        yield opened


async def test_the_first_snapshot_is_whole(two: Two) -> None:
    for n in range(1, 1201):
        await two.publish(n, f"user {n}")
    await two.serve()
    following = asyncio.create_task(two.follower.run())

    await asyncio.wait_for(two.follower.whole.wait(), 20)

    assert len(await two.copier.read(facts.every, "user", User)) == 1200
    await ended(following)


async def test_a_copy_is_not_whole_while_the_owner_is_away(two: Two) -> None:
    following = asyncio.create_task(two.follower.run())
    await eventually(lambda: not following.done())
    assert not two.follower.whole.is_set()

    await two.publish(1, "Ada")
    await two.serve()
    await asyncio.wait_for(two.follower.whole.wait(), 20)

    assert (await two.copy_of(1)) is not None
    await ended(following)


async def test_copies_are_as_new_as_their_owners_records_when_that_is_asked_for(two: Two) -> None:
    server = await two.serve()
    await two.publish(1, "Ada")
    await two.follower.refresh()
    assert (await two.copy_of(1)) == User(id=1, first_name="Ada")

    await two.publish(1, "Ada", deleted=True)
    await two.follower.refresh()
    assert (await two.copy_of(1)) is None

    await server.stop(None)
    with pytest.raises(Unavailable):
        await two.follower.refresh()


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2, 1, 2)])
async def test_the_newest_wins_in_any_order(two: Two, order: tuple[int, ...]) -> None:
    for version in order:
        payload = User(id=1, first_name=f"v{version}").SerializeToString()
        await two.copier.write(facts.apply, "user", "1", version, payload, deleted=False)

    copy = await two.copy_of(1)
    assert copy is not None
    assert copy.first_name == "v2"


async def test_what_is_gone_is_gone_even_if_an_older_state_comes_late(two: Two) -> None:
    payload = User(id=1).SerializeToString()
    await two.copier.write(facts.apply, "user", "1", 2, payload, deleted=True)
    await two.copier.write(facts.apply, "user", "1", 1, payload, deleted=False)
    assert await two.copy_of(1) is None


async def test_what_is_missing_is_asked_of_the_owner(two: Two) -> None:
    await two.serve()
    await two.publish(1, "Ada")

    found = await two.follower.ask("user", 1, User)

    assert found is not None
    assert found.first_name == "Ada"
    assert await two.copy_of(1) is not None


async def test_what_the_owner_does_not_know_either_is_not_there(two: Two) -> None:
    await two.serve()
    assert await two.follower.ask("user", 99, User) is None


async def test_the_owner_is_not_asked_each_time_for_what_is_gone(two: Two) -> None:
    owner = await two.serve()
    await two.publish(1, "Ada", deleted=True)

    assert await two.follower.ask("user", 1, User) is None
    await owner.stop(None)

    assert await two.follower.ask("user", 1, User) is None


async def test_an_owner_that_is_away_is_unavailable(two: Two) -> None:
    with pytest.raises(Unavailable):
        await two.follower.ask("user", 1, User)


async def test_nobody_else_is_shown_the_facts(two: Two) -> None:
    await two.serve()
    stranger = channel(two.address, "a stranger")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await Follower(two.copier, rpc.FactServiceStub(stranger), ["user"])._take_snapshot()
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    await stranger.close()


async def test_a_revoked_token_is_refused_within_a_minute_without_the_bus(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No event ever comes here: NATS is away. What is compared finds the revocation."""
    at_worst = following.COMPARE_SECONDS + 5 * following.ASK_SECONDS + authentication.FRESH_SECONDS
    assert at_worst < 60
    monkeypatch.setattr(following, "COMPARE_SECONDS", 0.1)
    token = tokens.new_token()
    record = TokenRecord(token=ApiToken(id=token.id, name="t"), secret_sha256=token.sha256())
    await two.owner.write(facts.publish, "token", token.id, record)
    server = await two.serve()
    copier = Authenticator(two.copier, Clock(), "", two.ask_token)
    running = asyncio.create_task(two.follower.run())
    await asyncio.wait_for(two.follower.whole.wait(), 20)
    assert (await copier.principal(str(token))).id == token.id

    await two.owner.write(facts.publish, "token", token.id, record, deleted=True)

    async def refused() -> bool:
        try:
            await copier.principal(str(token))
        except Unauthenticated:
            return True
        return False

    await eventually(refused, within=10)
    # The owner away: who is known stays known, or no alert could be accepted; of anybody
    # else nothing can be said, and that is neither 401 nor 404.
    other = tokens.new_token()
    told = TokenRecord(token=ApiToken(id=other.id, name="o"), secret_sha256=other.sha256())
    await two.owner.write(facts.publish, "token", other.id, told)

    async def known() -> bool:
        return await two.copier.read(facts.get, "token", other.id, TokenRecord) is not None

    await eventually(known, within=10)
    await server.stop(None)
    assert (await copier.principal(str(other))).id == other.id
    with pytest.raises(Unavailable):
        await copier.principal(str(tokens.new_token()))
    await ended(running)
