"""The shifts of many schedules, a reply's worth at a time.

A token says where to go on: in which schedule, after how many of its shifts, of which span. It
is believed as far as it is one: the schedules are asked for anew, and seen or not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from sqlalchemy import Connection

from services.calendar.schedules import Schedule
from services.calendar.wall import FIRST_YEAR, LAST_YEAR
from services.chassis.clock import Clock
from services.chassis.errors import InvalidRequest
from services.chassis.principal import caller
from services.escalation import on_duty, reach
from services.escalation.servicer.shifts import LONGEST_SPAN, span
from services.escalation.store import schedules, users
from services.escalation.wire import people
from tocsin.escalation.v1 import on_call_service_pb2 as pb

#: As JSON a shift takes about 90 bytes, and its schedule and people hardly more.
MOST_SHIFTS = 10_000
#: How many may be named, and how many a reply tells of.
MOST_SCHEDULES = 1000
_TOKEN = re.compile(r"(\d{1,10})\.(\d{1,7})\.(-?\d{1,18})\.(-?\d{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

ScheduleShifts = pb.ListShiftsOfSchedulesResponse.ScheduleShifts


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a reply begins."""

    schedule: int
    told: int  # of that schedule's shifts, in earlier replies
    start: datetime
    end: datetime

    @classmethod
    def of(cls, token: str) -> Self:
        """Reads a token. Raises InvalidRequest."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise _no_token()
        schedule, told, start, end = map(int, found.groups())
        try:
            return cls(
                schedule, told, _EPOCH + start * _MICROSECOND, _EPOCH + end * _MICROSECOND
            )._sound()
        except OverflowError:
            raise _no_token() from None

    def _sound(self) -> Self:
        years = self.start.year > FIRST_YEAR and self.end.year <= LAST_YEAR
        if not years or not self.start < self.end <= self.start + LONGEST_SPAN:
            raise _no_token()
        return self

    def after(self, schedule: int, told: int) -> str:
        """Returns the token of the reply that goes on elsewhere in the same span."""
        ends = ((at - _EPOCH) // _MICROSECOND for at in (self.start, self.end))
        return ".".join(map(str, (schedule, told, *ends)))


def listed(
    connection: Connection, clock: Clock, request: pb.ListShiftsOfSchedulesRequest
) -> pb.ListShiftsOfSchedulesResponse:
    """Returns shifts of a span. Raises NotFound, and InvalidRequest naming the field."""
    if request.page_token:
        place = _Place.of(request.page_token)
    else:
        place = _Place(0, 0, *span(request, clock.now(connection)))
    asked, beyond = _asked(connection, request.schedules, place.schedule)
    rota = on_duty.rota_of(connection, asked, place.start, place.end)
    reply, room = pb.ListShiftsOfSchedulesResponse(), MOST_SHIFTS
    for schedule in asked:
        skipped = place.told if schedule.id == place.schedule else 0
        found = rota.shifts(schedule.id, place.start, place.end)[skipped:]
        shifts = [
            ScheduleShifts.UserShift(user_id=each.user, start=each.start, end=each.end)
            for each in found[:room]
        ]
        reply.schedules.add(schedule_id=schedule.id, name=schedule.name, shifts=shifts)
        if len(found) > room:
            reply.next_page_token = place.after(schedule.id, skipped + room)
            break
        room -= len(found)
    else:
        reply.next_page_token = place.after(beyond.id, 0) if beyond else ""
    named = {shift.user_id for each in reply.schedules for shift in each.shifts}
    known = users.by_ids(connection, named)
    reply.users.extend(people.reference(known[id_]) for id_ in sorted(known))
    return reply


def _asked(
    connection: Connection, ids: Sequence[int], first: int
) -> tuple[list[Schedule], Schedule | None]:
    """Returns the schedules for a reply from one on, and the one that comes after them.

    All that the caller sees, if none are said. Raises NotFound, InvalidRequest.
    """
    if not ids:
        most = MOST_SCHEDULES
        found = schedules.seen(connection, caller(), first=first, most=most + 1)
        return found[:most], next(iter(found[most:]), None)
    return [each for each in _named(connection, ids) if each.id >= first], None


def _named(connection: Connection, ids: Sequence[int]) -> list[Schedule]:
    """Returns schedules by their ids. Raises NotFound, InvalidRequest."""
    if len(ids) > MOST_SCHEDULES:
        raise InvalidRequest(f"schedules must be {MOST_SCHEDULES} at most", field="schedules")
    found = schedules.by_ids(connection, ids)
    missing = [id_ for id_ in ids if id_ not in found]
    if missing:
        schedules.get(connection, missing[0])  # which is not there
    return [reach.seen(found[id_], "schedule") for id_ in sorted(found)]


def _no_token() -> InvalidRequest:
    return InvalidRequest("this is no page token of a list of shifts", field="page-token")
