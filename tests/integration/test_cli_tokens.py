"""The commands about tokens and the audit, as processes of their own; and a lost token."""

import asyncio
import fcntl
import json
import os
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc.aio
import pytest

from services.chassis import tokens
from services.chassis.audit_servicer import AuditServicer
from services.chassis.authentication import Authenticator
from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.rpc import Guard
from services.chassis.watching import Bell
from services.cli.folder import Folder
from services.cli.recover import recover
from services.cli.settings import CannotStart
from services.escalation import first_start, recovery
from services.escalation.app import served
from tests.contract.ingest_house import CONFIG
from tests.parts.waiting import ended, eventually
from tocsin.alertstate.v1 import audit_service_pb2 as alerts
from tocsin.alertstate.v1 import audit_service_pb2_grpc as alerts_rpc
from tocsin.ingest.v1 import audit_service_pb2 as sources
from tocsin.ingest.v1 import audit_service_pb2_grpc as sources_rpc
from tocsin.notification.v1 import audit_service_pb2 as contacts
from tocsin.notification.v1 import audit_service_pb2_grpc as contacts_rpc

CREDENTIALS = {
    "URL": "http://127.0.0.1:1",
    "TOKEN": "lost",
    "INTEGRATION_KEY": "key",
    "USER_ID": "1",
    "POLICY_ID": "2",
    "SOURCE_ID": "3",
}


@dataclass
class House:
    """Escalation behind one address, which also answers for the other services' audits."""

    db: Database
    clock: Clock
    url: str
    admin: str

    async def tocsin(self, *words: str, code: int = 0) -> str:
        """Runs a command and returns what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.cli", *words),
            env={
                **os.environ,
                "TOCSIN_URL": self.url,
                "TOCSIN_TOKEN": self.admin,
                "COLUMNS": "200",
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == code, (out, err)
        return (out or err).decode()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url, admin, clock = f"sqlite:///{tmp_path}/escalation.db", tokens.new_token(), Clock()
    migrate(url, "escalation")
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(database(url, "escalation"))
        await db.write(first_start.prepare, clock, f"{admin.id}:{admin.sha256().hex()}")
        callers = Callers(Limits(db, clock), CONFIG)
        guard = Guard(Authenticator(db, clock, "", None), callers)
        server = grpc.aio.server(interceptors=[guard])
        base: Any = SimpleNamespace(database=db, clock=clock, callers=callers, config=CONFIG)
        for _, add in served(base, Bell(db)):
            add(server)
        for pb, rpc in ((alerts, alerts_rpc), (sources, sources_rpc), (contacts, contacts_rpc)):
            answers: Any = AuditServicer(db, pb.ListAuditEntriesResponse)
            rpc.add_AuditServiceServicer_to_server(answers, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        stack.push_async_callback(server.stop, None)
        yield House(db, clock, f"http://127.0.0.1:{port}", str(admin))


async def test_a_token_is_made_listed_rotated_and_revoked(house: House) -> None:
    scopes = ("--scope", "alerts:read", "--scope", "ingest")
    made = json.loads(await house.tocsin("token", "create", "ci", *scopes, "--json"))
    assert (made["name"], made["scopes"]) == ("ci", ["alerts:read", "ingest"])
    parsed = tokens.parse(made["token"])
    assert parsed is not None
    assert made["id"] == parsed.id

    listed = await house.tocsin("token", "list")
    assert "alerts:read, ingest" in listed
    assert made["token"] not in listed
    rotated = await house.tocsin("token", "rotate", made["id"], "--overlap", "0")
    fresh = tokens.parse(rotated.split()[-1])
    assert fresh is not None
    assert (fresh.id, fresh.secret != parsed.secret) == (made["id"], True)
    assert "revoked" in await house.tocsin("token", "revoke", made["id"])
    assert made["id"] not in await house.tocsin("token", "list")
    refused = await house.tocsin("token", "rotate", made["id"], code=1)
    assert refused == "tocsin: there is no such token\n"
    assert "no scope alerts" in await house.tocsin(
        "token", "create", "x", "--scope", "alerts", code=1
    )


async def test_the_audit_is_merged_newest_first(house: House) -> None:
    await house.tocsin("token", "create", "ci", "--scope", "ingest", "--expires", "30d")
    told = json.loads(await house.tocsin("audit", "--action", "token.create", "--json"))
    assert len(told) == 8  # two entries, which each of the four services has here
    times = [entry["time"] for entry in told]
    assert times == sorted(times, reverse=True)
    table = await house.tocsin("audit", "--limit", "1")
    assert ("token.create" in table, "127.0.0.1" in table) == (True, True)


async def test_a_lost_admin_token_is_recovered_while_the_suite_is_stopped(
    house: House, tmp_path: Path
) -> None:
    folder = Folder(tmp_path)
    folder.write_credentials(CREDENTIALS)

    token_id, works = await asyncio.to_thread(recover, tmp_path)

    assert not works
    for file in (folder.credentials, folder.recovery):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    known = folder.read_credentials()
    assert known is not None
    assert known == {**CREDENTIALS, "TOKEN": known["TOKEN"]}
    token = tokens.parse(known["TOKEN"])
    assert token is not None
    assert token.secret not in folder.recovery.read_text()

    for _ in range(2):  # the second time there is nothing to take
        await recovery.take(house.db, house.clock, folder.recovery)

    principal = await Authenticator(house.db, house.clock, "", None).principal(known["TOKEN"])
    assert (principal.id, principal.may("admin")) == (token_id, True)
    audited = json.loads(await house.tocsin("audit", "--action", "token.recover", "--json"))
    assert {entry["target"] for entry in audited} == {f"token:{token_id}"}


async def test_a_lost_admin_token_is_recovered_while_the_suite_runs(
    house: House, tmp_path: Path
) -> None:
    folder = Folder(tmp_path)
    folder.write_credentials(CREDENTIALS)
    watching = asyncio.create_task(recovery.watch(house.db, house.clock, folder.recovery))
    with (tmp_path / "up.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _, works = await asyncio.to_thread(recover, tmp_path)
    assert works
    await ended(watching)


async def test_what_cannot_be_read_ends_nothing(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "recover-token"
    file.mkdir()  # nobody's to read, as a file is that another user left
    watching = asyncio.create_task(recovery.watch(house.db, house.clock, file))

    async def told() -> None:
        assert "no token is recovered: recover-token" in caplog.text

    await eventually(told)
    file.rmdir()
    await asyncio.to_thread(partial(file.write_text, f"abcd1234:{'0' * 64}"))

    async def taken() -> None:
        assert not file.exists()

    await eventually(taken)
    await ended(watching)


@pytest.mark.parametrize("told", ["", "nonsense", "abcd1234:12"])
async def test_what_is_no_hash_makes_no_token(house: House, tmp_path: Path, told: str) -> None:
    file = tmp_path / "recover-token"
    await asyncio.to_thread(partial(file.write_text, told))
    await recovery.take(house.db, house.clock, file)
    assert not file.exists()
    assert "recovered" not in await house.tocsin("token", "list")


def test_a_folder_that_is_none_of_tocsins_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(CannotStart):
        recover(tmp_path)
    assert list(tmp_path.iterdir()) == []
