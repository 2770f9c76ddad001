"""What stands around every call, through a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from sqlalchemy import event, select

from services.chassis import facts, principal, tokens
from services.chassis import rpc as guard
from services.chassis.authentication import Authenticator
from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.config import Config
from services.chassis.context import Context
from services.chassis.database import Database, database
from services.chassis.errors import (
    NotFound,
    RateLimited,
    TocsinError,
    Unauthenticated,
    Unavailable,
    WrongState,
)
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.replies import MOST_BYTES
from services.chassis.rpc import Guard
from services.chassis.token_uses import Teller, put
from services.chassis.tokens import service_token_hash
from tocsin.alertstate.v1 import alert_pb2
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1 import alert_service_pb2_grpc as rpc
from tocsin.alertstate.v1 import alert_watch_service_pb2 as watch
from tocsin.alertstate.v1 import alert_watch_service_pb2_grpc as watch_rpc
from tocsin.chassis.internal.v1.token_use_pb2 import TokensUsed
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord
from tocsin.ingest.v1 import event_service_pb2 as event_pb
from tocsin.ingest.v1 import event_service_pb2_grpc as event_rpc

OF_TOKEN, OF_ADDRESS = 30, 20
CONFIG = Config(
    database_url="",
    nats_url="",
    listen="",
    token_calls_per_minute=OF_TOKEN,
    address_calls_per_minute=OF_ADDRESS,
)
SERVICE_TOKEN = "between-services"


class Alerts(rpc.AlertServiceServicer, watch_rpc.AlertWatchServiceServicer):
    """Does what each test wants."""

    fault: Exception | None = None
    caller: principal.Principal | None = None
    summary = ""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()

    async def WatchAlerts(
        self, request: watch.WatchAlertsRequest, context: Context
    ) -> AsyncIterator[watch.WatchAlertsResponse]:
        yield watch.WatchAlertsResponse()
        await self.goes_on.wait()
        yield watch.WatchAlertsResponse()

    async def GetAlert(self, request: pb.GetAlertRequest, context: Context) -> alert_pb2.Alert:
        if self.fault is not None:
            raise self.fault
        self.caller = principal.caller()
        return alert_pb2.Alert(id=request.id, summary=self.summary)


class Events(event_rpc.EventServiceServicer):
    """Counts what a stream brings."""

    def __init__(self) -> None:
        self.messages = 0

    async def StreamEvents(
        self, requests: AsyncIterator[event_pb.StreamEventsRequest], context: Context
    ) -> event_pb.StreamEventsResponse:
        async for _ in requests:
            self.messages += 1
        return event_pb.StreamEventsResponse()


class House:
    """A guarded server with one database."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self.alerts = Alerts()  # type: ignore[abstract] # the guard needs one method
        self.events = Events()  # type: ignore[abstract] # as above
        self.limits = Limits(db, clock)
        if self.limits.seconds_left() < 10:  # the next minute comes when a test says so
            clock.turn(timedelta(seconds=self.limits.seconds_left()))
        self.owner: TokenRecord | Exception | None = None
        self.channel: grpc.aio.Channel
        self.authenticator: Authenticator

    async def ask_owner(self, token_id: str) -> TokenRecord | None:
        if isinstance(self.owner, Exception):
            raise self.owner
        return self.owner

    async def knows(self, *scopes: str, expires: datetime | None = None) -> tokens.Token:
        token, record = make_token(*scopes, expires=expires)
        await self.db.write(facts.publish, "token", token.id, record)
        return token

    async def get(self, authorization: str | None = None, address: str = "") -> alert_pb2.Alert:
        metadata = [("authorization", authorization)] if authorization is not None else []
        if address:
            metadata.append(("x-tocsin-address", address))
        stub = rpc.AlertServiceStub(self.channel)
        return await stub.GetAlert(pb.GetAlertRequest(id=7), metadata=metadata)


def make_token(*scopes: str, expires: datetime | None = None) -> tuple[tokens.Token, TokenRecord]:
    token = tokens.new_token()
    described = ApiToken(id=token.id, name="t", scopes=scopes, user_id=3, expire_time=expires)
    return token, TokenRecord(token=described, secret_sha256=token.sha256(), user_name="Ada")


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    migrate(database_url, "ingest")
    async with AsyncExitStack() as stack:
        opened = House(await stack.enter_async_context(database(database_url, "x")), Clock())
        hashes = f"escalation={service_token_hash(SERVICE_TOKEN)}"
        opened.authenticator = Authenticator(opened.db, opened.clock, hashes, opened.ask_owner)
        guarding = Guard(opened.authenticator, Callers(opened.limits, CONFIG))
        server = grpc.aio.server(interceptors=[guarding])
        rpc.add_AlertServiceServicer_to_server(opened.alerts, server)
        event_rpc.add_EventServiceServicer_to_server(opened.events, server)
        watch_rpc.add_AlertWatchServiceServicer_to_server(opened.alerts, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        opened.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        yield opened
        await opened.channel.close()
        await server.stop(None)


async def refused(call: object) -> tuple[grpc.StatusCode, str, dict[str, str]]:
    """Returns how a call was refused: code, reason, and the reason's metadata."""
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call  # type: ignore[misc]
    info = error_details_pb2.ErrorInfo()
    status = rpc_status.from_call(error.value)
    assert status is not None
    status.details[0].Unpack(info)
    return error.value.code(), info.reason, dict(info.metadata)


async def test_a_token_with_the_scope_is_let_in_with_and_without_bearer(house: House) -> None:
    token = await house.knows("alerts:read")

    for shown in (f"Bearer {token}", f"bearer  {token}", str(token)):
        assert (await house.get(shown)).id == 7

    caller = house.alerts.caller
    assert caller is not None
    assert (caller.kind, caller.user_id, caller.name) == ("USER", 3, "Ada")


async def test_without_a_token_nobody_is_let_in(house: House) -> None:
    code, _, metadata = await refused(house.get())
    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert "http_status" not in metadata  # 401


async def test_an_unknown_token_is_told_so_with_403(house: House) -> None:
    for shown in (f"Bearer {tokens.new_token()}", "Bearer nonsense"):
        code, reason, metadata = await refused(house.get(shown))
        assert (code, reason) == (grpc.StatusCode.UNAUTHENTICATED, "KEY_ERROR")
        assert metadata["http_status"] == "403"


async def test_the_secret_must_fit_the_id(house: House) -> None:
    token = await house.knows("alerts:read")
    forged = tokens.Token(token.id, tokens.new_token().secret)
    assert (await refused(house.get(f"Bearer {forged}")))[1] == "KEY_ERROR"


async def test_an_expired_and_a_revoked_token_are_refused(house: House) -> None:
    expired = await house.knows("alerts:read", expires=datetime.now(UTC) - timedelta(seconds=1))
    assert (await refused(house.get(str(expired))))[1] == "KEY_ERROR"

    token = await house.knows("alerts:read")
    assert (await house.get(str(token))).id == 7
    await house.db.write(facts.publish, "token", token.id, TokenRecord(), deleted=True)
    assert (await refused(house.get(str(token))))[1] == "KEY_ERROR"


async def test_a_token_without_the_scope_is_forbidden(house: House) -> None:
    token = await house.knows("config:read")
    code, reason, _ = await refused(house.get(str(token)))
    assert (code, reason) == (grpc.StatusCode.PERMISSION_DENIED, "SCOPE_MISSING")


async def test_a_token_that_is_not_here_yet_is_asked_of_its_owner(house: House) -> None:
    token, record = make_token("alerts:read")
    house.owner = record
    assert (await house.get(str(token))).id == 7


async def test_an_owner_that_is_away_is_unavailable_never_unknown(house: House) -> None:
    house.owner = Unavailable("cannot find out")
    code, _, _ = await refused(house.get(str(tokens.new_token())))
    assert code is grpc.StatusCode.UNAVAILABLE


async def test_a_service_may_what_is_internal_only(house: House) -> None:
    code, _, _ = await refused(house.get(SERVICE_TOKEN))
    assert code is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        (NotFound("there is no alert 7"), grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
        (
            WrongState("alert 7 is resolved", reason="ALERT_RESOLVED"),
            grpc.StatusCode.FAILED_PRECONDITION,
            "ALERT_RESOLVED",
        ),
        (Unauthenticated("who?"), grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
        (RuntimeError("password=hunter2"), grpc.StatusCode.INTERNAL, "INTERNAL_ERROR"),
    ],
)
async def test_a_failure_becomes_a_status(
    house: House, fault: Exception, code: grpc.StatusCode, reason: str
) -> None:
    token = await house.knows("alerts:read")
    house.alerts.fault = fault

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.get(str(token))

    assert error.value.code() is code
    assert "hunter2" not in str(error.value)
    if isinstance(fault, TocsinError):
        assert error.value.details() == fault.message
    assert (await refused(house.get(str(token))))[1] == reason


async def test_whoever_reached_a_limit_learns_which_and_for_how_long(house: House) -> None:
    token = await house.knows("alerts:read")
    house.alerts.fault = RateLimited("too many", name="checkout", limit=1200, retry_after=17.25)

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.get(str(token))
    _, reason, metadata = await refused(house.get(str(token)))

    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert reason == "TOO_MANY_REQUESTS"
    assert metadata == {
        "http_status": "429",
        "limit_name": "checkout",
        "limit": "1200",
        "limit_remaining": "0",
    }
    status = rpc_status.from_call(error.value)
    assert status is not None
    delay = error_details_pb2.RetryInfo()
    assert status.details[1].Unpack(delay)
    assert delay.retry_delay.ToMilliseconds() == 17_250


@pytest.mark.parametrize("character", ["x", "\N{POLICE CARS REVOLVING LIGHT}"])
async def test_a_long_message_of_a_failure_is_cut_so_that_it_arrives(
    house: House, character: str
) -> None:
    """Trailers that are too large end the connection, and whatever else is under way on it."""
    token = await house.knows("alerts:read")
    house.alerts.fault = NotFound(f"nobody has the address {character * 300_000}", field="email")

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.get(str(token))

    assert error.value.code() is grpc.StatusCode.NOT_FOUND
    told = error.value.details() or ""
    assert told.startswith(f"nobody has the address {character}")
    assert told.endswith("…")
    assert (await refused(house.get(str(token))))[1] == "NOT_FOUND"


async def test_bytes_that_are_no_message_are_the_callers_fault(house: House) -> None:
    token = await house.knows("alerts:read")
    call: Any = house.channel.unary_unary("/tocsin.alertstate.v1.AlertService/GetAlert")

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call(b"\xff\xff\xff", metadata=[("authorization", str(token))])

    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_reply_that_is_too_large_is_refused_in_words_that_help(house: House) -> None:
    token = await house.knows("alerts:read")
    house.alerts.summary = "x" * MOST_BYTES
    code, reason, _ = await refused(house.get(str(token)))
    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REPLY_TOO_LARGE")


async def test_a_method_that_is_not_there_is_unimplemented(house: House) -> None:
    call: Any = house.channel.unary_unary("/tocsin.alertstate.v1.AlertService/DropAll")
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call(b"")
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_token_may_call_so_often_a_minute(house: House) -> None:
    token, other = await house.knows("alerts:read"), await house.knows("alerts:read")
    for _ in range(OF_TOKEN):
        await house.get(str(token))

    code, reason, metadata = await refused(house.get(str(token)))

    assert (code, reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_REQUESTS")
    assert (metadata["limit"], metadata["limit_name"]) == ("30", f"API token {token.id}")
    assert (await house.get(str(other))).id == 7
    house.clock.turn(timedelta(minutes=1))
    assert (await house.get(str(token))).id == 7


async def test_an_address_may_guess_so_often_a_minute(house: House) -> None:
    token = await house.knows("alerts:read")
    for _ in range(OF_ADDRESS):
        assert (await refused(house.get("Bearer no", "10.0.0.1")))[1] == "KEY_ERROR"

    for shown in ("Bearer no", None):
        code, reason, metadata = await refused(house.get(shown, "10.0.0.1"))
        assert (code, reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_REQUESTS")
        assert metadata["http_status"] == "429"
    assert (await refused(house.get("Bearer no", "10.0.0.2")))[1] == "KEY_ERROR"
    assert (await house.get(str(token), "10.0.0.1")).id == 7  # its neighbour has a token


async def test_who_comes_past_the_edge_cannot_say_where_from(house: House) -> None:
    strict = CONFIG.model_copy(update={"trusted_edges": "10.9.0.0/16"})
    callers = Callers(house.limits, strict)
    for peer, address in (("ipv4:127.0.0.1:5", "127.0.0.1"), ("ipv4:10.9.0.4:5", "192.0.2.7")):
        callers.recognise(peer, {"x-tocsin-address": "192.0.2.7"})
        assert principal.address.get() == address


def test_networks_of_edges_that_are_none_end_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "NATS_URL", "LISTEN"):
        monkeypatch.setenv(f"TOCSIN_X_{name}", "x")
    monkeypatch.setenv("TOCSIN_X_TRUSTED_EDGES", "edge")

    with pytest.raises(SystemExit, match=r"TOCSIN_X_TRUSTED_EDGES: .*'edge'"):
        Config.from_env("TOCSIN_X_")


async def test_a_stream_that_is_sent_is_guarded(house: House) -> None:
    stub = event_rpc.EventServiceStub(house.channel)

    async def messages() -> AsyncIterator[event_pb.StreamEventsRequest]:
        for _ in range(3):
            yield event_pb.StreamEventsRequest()

    await stub.StreamEvents(messages())

    assert house.events.messages == 3
    call: Any = house.channel.stream_unary("/tocsin.ingest.v1.EventService/StreamEvents")
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call(iter([b"", b"\xff\xff"]))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_sender_who_falls_silent_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.rpc.LONGEST_SILENCE_SECONDS", 0.1)
    stub = event_rpc.EventServiceStub(house.channel)
    call = stub.StreamEvents()

    await call.write(event_pb.StreamEventsRequest())

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_rotated_token_works_with_both_secrets_for_the_overlap(house: House) -> None:
    old, record = make_token("alerts:read")
    fresh = tokens.Token(old.id, tokens.new_token().secret)
    record.secret_sha256, record.previous_sha256 = fresh.sha256(), old.sha256()
    record.previous_until.FromDatetime(datetime.now(UTC) + timedelta(minutes=1))
    await house.db.write(facts.publish, "token", old.id, record)

    for shown in (old, fresh):
        assert (await house.get(str(shown))).id == 7
    house.clock.turn(timedelta(minutes=2))

    assert (await house.get(str(fresh))).id == 7
    assert (await refused(house.get(str(old))))[1] == "KEY_ERROR"


async def test_a_known_token_expires_without_being_looked_up(house: House) -> None:
    token = await house.knows("alerts:read", expires=datetime.now(UTC) + timedelta(minutes=1))
    assert (await house.get(str(token))).id == 7
    house.clock.turn(timedelta(minutes=2))
    assert (await refused(house.get(str(token))))[1] == "KEY_ERROR"


async def test_a_known_token_costs_no_query(house: House) -> None:
    token = await house.knows("alerts:read")
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2])

    event.listen(house.db.engine, "before_cursor_execute", note)
    for _ in range(OF_TOKEN):
        assert (await house.get(str(token))).id == 7
    assert len([query for query in asked if "FROM fact" in query]) == 2  # token and teams, once


async def test_what_a_principal_reaches_comes_from_the_record(house: House) -> None:
    for team_id, visibility in ((1, Team.PRIVATE), (2, Team.PRIVATE), (3, Team.PUBLIC)):
        team = Team(id=team_id, visibility=visibility)
        await house.db.write(facts.publish, "team", team_id, team)
    token, record = make_token("alerts:read")
    record.team_ids.extend([2, 3])
    record.changing_team_ids.append(3)
    record.watching_team_ids.append(2)
    await house.db.write(facts.publish, "token", token.id, record)

    caller = await house.authenticator.principal(str(token))

    reached = [sorted(c) for c in (caller.teams, caller.changes, caller.watches, caller.hidden)]
    assert reached == [[2, 3], [3], [2], [1]]
    record.token.team.id = 3
    await house.db.write(facts.publish, "token", token.id, record)
    bound = await house.authenticator.principal(str(token))
    assert (bound.team, sorted(bound.teams), sorted(bound.changes)) == (3, [3], [3])
    await house.db.write(facts.publish, "team", 1, Team(id=1, visibility=Team.PUBLIC))
    assert not (await house.authenticator.principal(str(token))).hidden


async def test_what_was_a_private_teams_stays_hidden_when_the_team_is_gone(house: House) -> None:
    secret = Team(id=1, visibility=Team.PRIVATE)
    await house.db.write(facts.publish, "team", 1, secret)
    await house.db.write(facts.publish, "team", 1, secret, deleted=True)
    token = await house.knows("alerts:read")

    assert (await house.authenticator.principal(str(token))).hidden == {1}


async def test_which_tokens_were_used_is_told_in_one_event(house: House) -> None:
    used = [await house.knows("alerts:read") for _ in range(2)]
    for token in (*used, used[0]):
        await house.get(str(token))
    teller = Teller(house.authenticator, house.db, house.clock, put)

    for _ in range(2):
        await teller.tell()  # the second time there is nothing to tell

    query = select(OUTBOX.c.payload).where(OUTBOX.c.type == TokensUsed.DESCRIPTOR.full_name)
    payloads = await house.db.read(lambda c: c.execute(query).scalars().all())
    assert [sorted(use.token_id for use in TokensUsed.FromString(p).uses) for p in payloads] == [
        sorted(token.id for token in used)
    ]


async def test_a_stream_ends_when_its_token_is_revoked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "CHECK_AGAIN_SECONDS", 0.01)
    token = await house.knows("alerts:read")
    stub = watch_rpc.AlertWatchServiceStub(house.channel)
    metadata = [("authorization", str(token))]
    stream = stub.WatchAlerts(watch.WatchAlertsRequest(), metadata=metadata)
    assert await stream.read() == watch.WatchAlertsResponse()
    for _ in range(OF_ADDRESS):  # nobody there may guess any more
        await refused(house.get("Bearer no"))

    await house.db.write(facts.publish, "token", token.id, TokenRecord(), deleted=True)

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await stream.read()
    assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
