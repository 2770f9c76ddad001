"""Alerts in incident.io's words: what is shown, what filters find, how pages go on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from grpc import StatusCode

from services.alertstate.dialects import incident_io
from services.alertstate.servicer.incident_io import IncidentIoServicer
from services.chassis import ulids
from services.chassis.errors import InvalidRequest
from tests.contract.alertstate_house import ADA, NOON, House, accepted, running_house
from tests.contract.blocking import Answer, Calls
from tocsin.alertstate.v1 import incident_io_service_pb2 as pb
from tocsin.edge.v1.content_pb2 import Link
from tocsin.ingest.v1.event_pb2 import Event

SERVICE = pb.DESCRIPTOR.services_by_name["IncidentIoService"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as house:
        yield house


async def ask(house: House, **wanted: Any) -> Answer:
    request = pb.ListHttpAlertsRequest(**wanted)
    return await Calls(SERVICE, IncidentIoServicer(house.db))("ListHttpAlerts", request)


async def listed(house: House, **wanted: Any) -> pb.ListHttpAlertsResponse:
    answer = await ask(house, **wanted)
    assert answer.code is StatusCode.OK, answer
    assert isinstance(answer.reply, pb.ListHttpAlertsResponse)
    return answer.reply


def numbers(page: pb.ListHttpAlertsResponse) -> list[int | None]:
    return [ulids.number(ulids.ALERT, alert.id) for alert in page.alerts]


async def test_an_alert_in_incident_ios_words(house: House) -> None:
    link = Link(href="https://example.com/7")
    await house.take(accepted(1, key=" Disk-7 ", details="**full**", links=[link]))
    await house.take(accepted(2, key=""))

    plain, whole = (await listed(house)).alerts

    assert whole == pb.HttpAlert(
        id=ulids.ulid(ulids.ALERT, 1),
        alert_source_id=ulids.ulid(ulids.SOURCE, 3),
        status="firing",
        title="disk full",
        deduplication_key=" Disk-7 ",
        created_at=NOON,
        updated_at=NOON,
        description="**full**",
        source_url="https://example.com/7",
    )
    assert plain.deduplication_key == ""
    assert not any(plain.HasField(name) for name in ("description", "source_url", "resolved_at"))


async def test_what_happens_to_an_alert_shows(house: House) -> None:
    await house.take(accepted(1))
    started = datetime.now(UTC) - timedelta(seconds=5)

    await house.accept(1, ADA)
    (taken,) = (await listed(house)).alerts
    await house.resolve(1, ADA)
    (over,) = (await listed(house)).alerts

    assert (taken.status, over.status) == ("firing", "resolved")
    assert started < taken.updated_at.ToDatetime(UTC) <= over.updated_at.ToDatetime(UTC)
    assert over.resolved_at == over.updated_at
    assert over.created_at.ToDatetime(UTC) == NOON


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"after": ""}, [4, 3, 2, 1]),
        ({"status_one_of": ["firing"]}, [4, 3, 2]),
        ({"status_one_of": ["resolved"]}, [1]),
        ({"status_one_of": ["firing", "resolved", "firing"]}, [4, 3, 2, 1]),
        ({"status_not_in": ["firing"]}, [1]),
        ({"status_one_of": ["firing"], "status_not_in": ["firing"]}, []),
        ({"deduplication_key_is": " A "}, [3, 1]),
        ({"deduplication_key_is": "a", "status_one_of": ["firing"]}, [3]),
        ({"deduplication_key_is": "nobody's"}, []),
        ({"alert_source_one_of": [ulids.ulid(ulids.SOURCE, 9)]}, [4]),
        ({"alert_source_one_of": ["01GW2G3V0S59R238FAHPDS1R66"]}, []),
        ({"alert_source_not_in": [ulids.ulid(ulids.SOURCE, 9), "nonsense"]}, [3, 2, 1]),
    ],
)
async def test_filters_find_what_fits_all_of_them(
    house: House, wanted: dict[str, Any], found: list[int]
) -> None:
    history = [
        accepted(1, key="A"),
        accepted(2, key="b"),
        accepted(3, Event.RESOLVE, key="A"),
        accepted(4, key="a"),
        accepted(5, key="c", source=9),
    ]
    for event in history:
        await house.take(event)

    assert numbers(await listed(house, **wanted)) == found


async def test_pages_go_on_where_the_last_one_ended(house: House) -> None:
    for seq in range(1, 6):
        await house.take(accepted(seq, key=f"k{seq}"))
    await house.resolve(4, ADA)

    first = await listed(house, page_size=2)
    await house.take(accepted(6, key="k6"))  # what comes meanwhile moves nothing
    second = await listed(house, page_size=2, after=first.pagination_meta.after)
    third = await listed(house, page_size=2, after=second.pagination_meta.after.lower())

    assert [numbers(page) for page in (first, second, third)] == [[5, 4], [3, 2], [1]]
    assert first.pagination_meta.page_size == 2
    assert not third.pagination_meta.HasField("after")
    assert (await listed(house)).pagination_meta == pb.PaginationMeta(page_size=25)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"page_size": 0}, "page_size"),
        ({"page_size": 51}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"after": "7"}, "after"),
        ({"after": ulids.ulid(ulids.SOURCE, 1)}, "after"),
        ({"status_one_of": ["loud"]}, "status[one_of]"),
        ({"status_not_in": ["firing"] * 101}, "status[not_in]"),
        ({"alert_source_one_of": ["x"] * 101}, "alert_source[one_of]"),
        ({"status_not_in": ["FIRING"]}, "status[not_in]"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(
    house: House, wanted: dict[str, Any], field: str
) -> None:
    request = pb.ListHttpAlertsRequest(**wanted)

    with pytest.raises(InvalidRequest) as refused:
        incident_io.page_size(request)
        incident_io.wanted(request)

    assert (refused.value.field, refused.value.http_status) == (field, 422)
    assert (await ask(house, **wanted)).code is StatusCode.INVALID_ARGUMENT


async def test_a_cursor_of_no_alert_is_refused(house: House) -> None:
    answer = await ask(house, after=ulids.ulid(ulids.ALERT, 999))

    assert answer.code is StatusCode.INVALID_ARGUMENT
    assert answer.details.startswith("after")
