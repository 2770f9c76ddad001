"""What stands around every call, through a real server."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from services.chassis import facts, principal, tokens
from services.chassis.authentication import Authenticator
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database, database
from services.chassis.errors import NotFound, TocsinError, Unauthenticated, Unavailable, WrongState
from services.chassis.migrations import migrate
from services.chassis.replies import MOST_BYTES
from services.chassis.rpc import Guard
from services.chassis.tokens import service_token_hash
from tocsin.alertstate.v1 import alert_pb2
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1 import alert_service_pb2_grpc as rpc
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord

SERVICE_TOKEN = "between-services"


class Alerts(rpc.AlertServiceServicer):
    """Does what each test wants."""

    fault: Exception | None = None
    caller: principal.Principal | None = None
    summary = ""

    async def GetAlert(self, request: pb.GetAlertRequest, context: Context) -> alert_pb2.Alert:
        if self.fault is not None:
            raise self.fault
        self.caller = principal.caller()
        return alert_pb2.Alert(id=request.id, summary=self.summary)


class House:
    """A guarded server with one database."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self.alerts = Alerts()  # type: ignore[abstract] # the guard needs one method
        self.owner: TokenRecord | Exception | None = None
        self.channel: grpc.aio.Channel

    async def ask_owner(self, token_id: str) -> TokenRecord | None:
        if isinstance(self.owner, Exception):
            raise self.owner
        return self.owner

    async def knows(self, *scopes: str, expires: datetime | None = None) -> tokens.Token:
        token, record = make_token(*scopes, expires=expires)
        await self.db.write(facts.publish, "token", token.id, record)
        return token

    async def get(self, authorization: str | None = None) -> alert_pb2.Alert:
        metadata = [("authorization", authorization)] if authorization is not None else []
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
        guard = Guard(Authenticator(opened.db, opened.clock, hashes, opened.ask_owner))
        server = grpc.aio.server(interceptors=[guard])
        rpc.add_AlertServiceServicer_to_server(opened.alerts, server)
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
