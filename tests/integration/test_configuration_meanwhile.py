"""A document is applied while others change what it says: nobody's change is lost unseen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import grpc.aio
import pytest
from sqlalchemy import Engine, text

from services.ingest import configuration as ingest
from services.notification import addresses
from services.notification import configuration as notification
from services.notification.domain.values import Method
from services.notification.store import contacts
from tests.integration.configuration_house import SEALER, House, away, three_services
from tests.integration.test_configuration import AFTER, BEFORE, HOOK
from tests.parts.waiting import until
from tocsin.ingest.v1 import alert_source_service_pb2 as source_pb
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.alert_source_service_pb2_grpc import AlertSourceServiceStub

WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
ADA = 1


@pytest.fixture
async def on_postgresql(tmp_path: Path, postgres: Callable[[], str]) -> AsyncIterator[House]:
    async with three_services(tmp_path, postgres) as opened:
        await opened.apply(BEFORE)
        yield opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with three_services(tmp_path) as opened:
        await opened.apply(BEFORE)
        yield opened


@pytest.fixture(params=["house", "on_postgresql"])
def any_house(request: pytest.FixtureRequest) -> House:
    """The services over empty databases, of either kind."""
    opened: House = request.getfixturevalue(request.param)
    return opened


async def test_a_source_that_somebody_changes_meanwhile_is_changed_after(
    on_postgresql: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = on_postgresql
    mine = await source(house, "Checks")
    mine.name = "Mine"
    meanwhile = _once_compared(monkeypatch, house, "sources", "ingest", ingest)

    meanwhile.append(lambda: update(house, mine))
    await house.apply(AFTER, prune=True)

    await meanwhile_ended(meanwhile)
    assert sorted(await house.sources()) == ["Mine", "New", "tocsin"]


async def test_a_contact_that_somebody_adds_meanwhile_is_added_after(
    on_postgresql: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = on_postgresql
    meanwhile = _once_compared(
        monkeypatch, house, "contacts", "notification", notification, "digest_now"
    )

    meanwhile.append(lambda: add_contact(house, Method.TERMINAL, ""))
    await house.apply(AFTER, prune=True)

    await meanwhile_ended(meanwhile)
    assert await ways(house) == {
        (Method.WEBHOOK, "https://example.com/hook"),
        (Method.TERMINAL, ""),
    }


async def test_what_somebody_changed_since_is_left_alone(any_house: House) -> None:
    house = any_house
    before = await house.state()
    mine = await source(house, "Checks")
    mine.name = "Mine"

    async def others() -> None:
        await update(house, mine)
        theirs = await create(house, "New", mine)
        assert theirs.id > (await source(house, "New")).id
        await add_contact(house, Method.TERMINAL, "")
        await away()

    house.faults.at["after sources"] = [others]
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.apply(AFTER, prune=True)

    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    assert sorted(await house.sources()) == ["Mine", "New", "Old", "tocsin"]
    assert (await house.sources())["Old"] == before[1]["Old"]
    assert (await source(house, "New")).escalation_policy.id == mine.escalation_policy.id
    assert await ways(house) == {(Method.WEBHOOK, HOOK["target"]), (Method.TERMINAL, "")}
    assert (await house.export())["users"] == before[0]["users"]


@pytest.mark.parametrize("moment", ["before sources", "after sources"])
async def test_what_somebody_deleted_since_stays_deleted(house: House, moment: str) -> None:
    (checks, _), before = (await house.sources())["Checks"], await house.state()

    async def others() -> None:
        await delete(house, checks)
        await away()

    house.faults.at[moment] = [others]
    with pytest.raises(grpc.aio.AioRpcError):
        await house.apply(AFTER, prune=True)

    assert await house.sources() == {k: v for k, v in before[1].items() if k != "Checks"}


async def test_a_source_that_somebody_else_deleted_does_not_come_back_without_its_key(
    house: House,
) -> None:
    (old, _) = (await house.sources())["Old"]

    async def others() -> None:
        await delete(house, old)
        await away()

    house.faults.at["before sources"] = [others]
    with pytest.raises(grpc.aio.AioRpcError):
        await house.apply(AFTER, prune=True)

    assert sorted(await house.sources()) == ["Checks", "tocsin"]


async def test_what_a_service_refuses_since_others_came_first_touches_nothing_of_theirs(
    any_house: House,
) -> None:
    house = any_house
    before, mine = await house.state(), await source(house, "Checks")

    async def others() -> None:
        await create(house, "Theirs", mine)
        await delete(house, (await source(house, "Theirs")).id)
        await create(house, "New", mine)
        await delete(house, (await source(house, "New")).id)

    house.faults.at["before sources"] = [others]
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.apply(AFTER, prune=True)

    assert error.value.code() is grpc.StatusCode.ABORTED
    assert "alert sources were made meanwhile" in (error.value.details() or "")
    assert await house.state() == before


async def test_a_contact_that_may_lead_where_a_new_one_may_not_comes_back(house: House) -> None:
    await add_contact(house, Method.WEBHOOK, "http://127.0.0.1:1/near")
    before = await ways(house)
    house.faults.at["after contacts"] = [away]

    with pytest.raises(grpc.aio.AioRpcError):
        await house.apply(AFTER, prune=True)

    assert await ways(house) == before


async def create(house: House, name: str, like: AlertSource) -> AlertSource:
    """Makes a source as its callers do, like another."""
    wanted = AlertSource(
        name=name, integration_type="GRAFANA", escalation_policy={"id": like.escalation_policy.id}
    )
    stub = AlertSourceServiceStub(house.ingest)
    request = source_pb.CreateAlertSourceRequest(alert_source=wanted)
    return await stub.CreateAlertSource(request, metadata=house.metadata)


async def delete(house: House, source_id: int) -> None:
    """Deletes a source as its callers do."""
    stub = AlertSourceServiceStub(house.ingest)
    request = source_pb.DeleteAlertSourceRequest(id=source_id)
    await stub.DeleteAlertSource(request, metadata=house.metadata)


async def source(house: House, name: str) -> AlertSource:
    """Returns a source as its callers see it."""
    request = source_pb.GetAlertSourceByNameRequest(name=name)
    stub = AlertSourceServiceStub(house.ingest)
    return await stub.GetAlertSourceByName(request, metadata=house.metadata)


async def update(house: House, wanted: AlertSource) -> None:
    """Changes a source as its callers do."""
    request = source_pb.UpdateAlertSourceRequest(id=wanted.id, alert_source=wanted)
    stub = AlertSourceServiceStub(house.ingest)
    await stub.UpdateAlertSource(request, metadata=house.metadata)


async def add_contact(house: House, method: Method, target: str) -> None:
    """Adds a contact of Ada's."""
    now = house.clock.wall()
    await house.dbs["notification"].write(contacts.add, ADA, method, target, now)


async def ways(house: House) -> set[tuple[Method, str]]:
    """Returns how Ada is reached."""
    found = await house.dbs["notification"].read(contacts.of_users, [ADA])
    return {(contact.method, addresses.whole(contact, SEALER)) for contact in found}


async def meanwhile_ended(meanwhile: list[Any]) -> None:
    """Waits for the end of what was begun."""
    (begun,) = meanwhile
    await asyncio.wait_for(asyncio.wrap_future(begun), 10.0)


def _once_compared(
    monkeypatch: pytest.MonkeyPatch,
    house: House,
    moment: str,
    name: str,
    module: ModuleType,
    look: str = "export",
) -> list[Any]:
    """Begins what is put in the list when a service has just seen that its part is as it was.

    The change goes on when that has ended, or waits for it; what was begun is in the list then.
    """
    begin: list[Any] = []
    armed, loop, engine = [False], asyncio.get_running_loop(), house.dbs[name].engine
    export: Callable[..., object] = getattr(module, look)

    async def arm() -> None:
        armed[0] = True

    def exported(*args: Any) -> object:
        seen = export(*args)
        if armed[0]:
            armed[0] = False
            begin[0] = asyncio.run_coroutine_threadsafe(_run(begin[0]), loop)
            _until_it_waits(engine, begin[0])
        return seen

    house.faults.at[f"before {moment}"] = [arm]
    monkeypatch.setattr(module, look, exported)
    return begin


async def _run(act: Callable[[], Awaitable[None]]) -> None:
    await act()


def _until_it_waits(engine: Engine, begun: "Future[None]") -> None:
    until(lambda: begun.done() or _waits(engine), within=10.0)


def _waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.execute(WAITING).scalar_one())
