"""What ttyops' door answers, and what is kept of what it refuses."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.api.httpbody_pb2 import HttpBody

from services.chassis import short_ids
from services.chassis.clock import Clock
from services.chassis.errors import RateLimited
from services.ingest.servicer.ttyops import TtyopsServicer
from services.ingest.services import MOST_NAMES, Services
from services.ingest.store.tables import EVENT
from tests.contract.blocking import Answer, Calls
from tests.contract.ingest_house import CODE, Door, open_door
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.ingest.v1 import ttyops_service_pb2 as pb
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

SERVICE = pb.DESCRIPTOR.services_by_name["TtyopsService"]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        await made(door, "Web")
        yield door


async def made(door: Door, name: str, **fields: Any) -> int:
    answer = await door.create(name=name, integration_type="TTYOPS", **fields)
    assert answer.code is CODE.OK, answer
    return int(answer.reply.id)


def servicer(door: Door) -> TtyopsServicer:
    return TtyopsServicer(door.doors, Services(door.db, Clock()))


async def post(door: Door, *alerts: Any) -> Answer:
    body = HttpBody(data=json.dumps({"alerts": alerts}).encode(), content_type="application/json")
    request = pb.PostTtyopsAlertsRequest(body=body)
    return await Calls(SERVICE, servicer(door))("PostTtyopsAlerts", request)


def alert(key: str = "k", **fields: Any) -> dict[str, Any]:
    said = {"fingerprint": key, "status": "firing", "service": "web", "title": "disk full"}
    return {**said, **fields}


async def raised(door: Door) -> list[str]:
    """Returns what the people who run Tocsin were told."""
    return [each.summary for each in await door.published(SuiteAlertRaised)]


async def test_a_batch_is_on_disk_and_told_at_once(door: Door) -> None:
    other = await made(door, "db")

    answer = await post(door, alert("a"), alert("b", service="db", severity="warning"))

    assert (answer.code, answer.reply.accepted, len(answer.reply.refused)) == (CODE.OK, 2, 0)
    (told,) = await door.published(EventsAccepted)
    first, second = told.events
    assert (first.type, first.repeat, first.silent) == (Event.ALERT, AcceptedEvent.UPDATE, False)
    assert (second.source_id, second.silent, second.severity) == (other, True, 3)
    assert [row.source_id for row in await door.rows(EVENT)] == [first.source_id, other]
    assert [json.loads(row.raw)["fingerprint"] for row in await door.rows(EVENT)] == ["a", "b"]


async def test_an_alert_that_comes_alone_is_kept_byte_for_byte(door: Door) -> None:
    await post(door, alert("a"))

    (row,) = await door.rows(EVENT)
    assert row.raw == json.dumps({"alerts": [alert("a")]}).encode()


async def test_a_bad_alert_costs_the_others_nothing_and_is_kept(door: Door) -> None:
    answer = await post(door, alert("a", title=""), alert("b"), alert("c", service="nowhere"), 7)

    assert (answer.code, answer.reply.accepted) == (CODE.OK, 1)
    refused = {each.index: each.message for each in answer.reply.refused}
    assert refused[0] == "alerts[0].title is required"
    assert refused[2] == "alerts[2].service: there is no service nowhere; those known are Web"
    assert refused[3] == "alerts[3] must be an object"
    notes = [(row.source_id > 0, row.note) for row in await door.rows(EVENT)]
    assert notes == [
        (True, ""),
        (False, "REFUSED"),
        (False, "UNKNOWN_SERVICE"),
        (False, "REFUSED"),
    ]
    (told,) = await door.published(EventsAccepted)
    assert [event.alert_key for event in told.events] == ["b"]
    assert len(await raised(door)) == 2


async def test_nothing_is_kept_of_a_batch_that_its_sender_hears_is_bad(door: Door) -> None:
    answer = await post(door, alert(title=""), alert(status="loud"))

    assert answer.code is CODE.INVALID_ARGUMENT
    assert answer.details.startswith("alerts[0].title is required; alerts[1].status must be one of")
    assert await door.rows(EVENT) == []
    assert await raised(door) == []


async def test_an_unknown_service_is_kept_and_told_once_a_day(door: Door) -> None:
    for name in ("nowhere", " NoWhere ", "nowhere"):
        answer = await post(door, alert(service=name))
        assert answer.code is CODE.INVALID_ARGUMENT
        assert "those known are Web" in answer.details

    rows = await door.rows(EVENT)
    assert [(row.source_id, row.note) for row in rows] == [(0, "UNKNOWN_SERVICE")] * 3
    assert json.loads(rows[0].raw)["alerts"][0]["service"] == "nowhere"
    assert json.loads(rows[0].repairs)[0].startswith("alerts[0].service: there is no service")
    (summary,) = await raised(door)
    assert summary.endswith("nowhere")


async def test_not_every_unknown_name_is_told_but_each_day_some_are(door: Door) -> None:
    clock = Clock()
    told = Services(door.db, clock)
    for day in (1, 2):
        for n in range(MOST_NAMES + 5):
            await told.tell([f"nowhere {n}"], ["alerts[0] must be an object"])
        assert len(await raised(door)) == day * (MOST_NAMES + 1)
        clock.turn(timedelta(days=1))


async def test_no_more_are_told_when_many_come_at_once(door: Door) -> None:
    told = Services(door.db, Clock())
    names = [f"nowhere {n}" for n in range(MOST_NAMES + 5)]

    await asyncio.gather(*(told.tell(names[n:] + names[:n], ()) for n in range(4)))

    assert len(await raised(door)) == MOST_NAMES


async def test_a_refusal_is_no_longer_than_a_header_may_be(door: Door) -> None:
    for n in range(30):
        await made(door, f"{n} " + "x" * 250)

    answer = await post(door, *(alert(service="y" * 250) for _ in range(100)))

    assert answer.code is CODE.INVALID_ARGUMENT
    assert len(answer.details) <= 2000


async def test_a_limit_holds_up_only_what_it_is_about(door: Door) -> None:
    await made(door, "db")
    limited, arrival = (
        RateLimited("too many", name="key", limit=1, retry_after=3),
        door.doors.arrival,
    )

    async def admit(source: Any, *rest: Any) -> Any:
        if source.name == "db":
            raise limited
        return await arrival(source, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door.doors, "arrival", admit)
        answer = await post(door, alert("a", service="db"), alert("b"))

    assert answer.code is CODE.RESOURCE_EXHAUSTED  # its sender comes again with both
    (told,) = await door.published(EventsAccepted)
    assert [event.alert_key for event in told.events] == ["b"]


async def test_an_empty_batch_is_accepted(door: Door) -> None:
    answer = await post(door)

    assert (answer.code, answer.reply.accepted) == (CODE.OK, 0)


async def test_of_several_services_of_a_name_the_oldest_takes_the_alert(door: Door) -> None:
    await made(door, "WEB")
    await door.create(name="web", integration_type="API")

    await post(door, alert())

    (row,) = await door.rows(EVENT)
    listed = await services(door)
    assert row.source_id == short_ids.number(short_ids.SERVICE, listed[0].id)
    assert [each.name for each in listed] == ["Web", "WEB"]


async def test_an_alert_of_an_inactive_service_is_accepted_and_goes_no_further(door: Door) -> None:
    await made(door, "off", active=False)

    answer = await post(door, alert(service="off"))

    assert answer.reply.accepted == 1
    assert [row.note for row in await door.rows(EVENT)] == ["SOURCE_INACTIVE"]
    assert await door.published(EventsAccepted) == []


async def services(door: Door) -> list[pb.TtyopsServiceRecord]:
    request = pb.ListTtyopsServicesRequest()
    answer = await Calls(SERVICE, servicer(door))("ListTtyopsServices", request)
    assert answer.code is CODE.OK
    return list(answer.reply.services)
