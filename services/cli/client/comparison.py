"""What `tocsin simulate --compare` does: prints only what another configuration does otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import grpc.aio
from rich.text import Text

from services.chassis.people import called
from services.cli.client import documents, showing
from services.cli.client.target import Target
from services.cli.client.timeline import moment, period
from services.cli.text import visible
from tocsin.configuration.v1 import comparison_service_pb2 as pb
from tocsin.configuration.v1.comparison_service_pb2_grpc import ComparisonServiceStub
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.user_pb2 import User

SECONDS = 70.0  # as long as the edge allows, and a little
PRESENCE = {pb.BEFORE: ", which is gone", pb.AFTER: ", which is new"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is compared, and how it is printed; what is empty says nothing."""

    files: Sequence[str]  # one, which is compared with what is stored, or two
    start: datetime | None
    end: datetime | None
    prune: bool
    zone: tzinfo | None  # None for this machine's

    def request(self) -> pb.CompareConfigurationsRequest:
        """Returns what is asked for. Raises Refused if a file is no document."""
        found = [documents.read(file) for file in self.files]
        before, after = (None, *found) if len(found) == 1 else found
        request = pb.CompareConfigurationsRequest(
            before=before, after=after, until=self.end, prune=self.prune
        )
        if self.start is not None:
            getattr(request, "from").FromDatetime(self.start)
        return request


async def compare(
    target: Target, channel: grpc.aio.Channel, wanted: Wanted, *, as_json: bool
) -> None:
    """Prints what differs."""
    told = await ComparisonServiceStub(channel).CompareConfigurations(
        wanted.request(), metadata=target.metadata, timeout=SECONDS
    )
    if as_json:
        showing.document(told)
    else:
        showing.lines(lines(told, wanted.zone))


def lines(told: pb.CompareConfigurationsResponse, zone: tzinfo | None) -> Iterator[Text]:
    """Yields what a person reads."""
    yield Text(_span(told, zone))
    for schedule in told.schedules:
        called = f"schedule {schedule.schedule.name or schedule.schedule.id}"
        yield from _heading(called, schedule.presence)
        for on_call in schedule.differences:
            yield Text(f"  {_span(on_call, zone)}")
            yield from _sides("      ", _names(on_call.before), _names(on_call.after))
        yield from _more(schedule)
    for policy in told.escalation_policies:
        known = policy.escalation_policy
        priority = Subject.Priority.Name(policy.priority)
        called = f"escalation policy {known.name or known.id}, {priority}"
        yield from _heading(called, policy.presence)
        for paging in policy.differences:
            yield Text(f"  begun {_span(paging, zone)}")
            for level in paging.levels:
                yield from _level(level)
        yield from _more(policy)
    if not (told.schedules or told.escalation_policies):
        yield Text("nothing differs", style="bold")


def _heading(called: str, presence: pb.Presence) -> Iterator[Text]:
    yield Text()
    yield Text.assemble((visible(called), "bold"), PRESENCE.get(presence, ""))


def _level(level: pb.LevelDifference) -> Iterator[Text]:
    again = f", round {level.cycle + 1}" if level.cycle else ""
    yield Text(f"      level {level.level}{again}")
    before = _paged(level.before) if level.HasField("before") else "nobody"
    after = _paged(level.after) if level.HasField("after") else "nobody"
    yield from _sides("          ", before, after)


def _sides(indent: str, before: str, after: str) -> Iterator[Text]:
    yield Text.assemble(indent, (f"- {visible(before)}", "red"))
    yield Text.assemble(indent, (f"+ {visible(after)}", "green"))


def _paged(level: pb.PagedLevel) -> str:
    told = [*map(called, level.users)]
    if level.in_turn:
        told = [f"{', '.join(told)} in turn"]
    told += [f"webhook {each.name or each.id}" for each in level.webhooks]
    offset = period(timedelta(seconds=level.offset_seconds))
    return f"after {offset}: {', '.join(told) or 'nobody'}"


def _names(users: Sequence[User]) -> str:
    return ", ".join(map(called, users)) or "nobody"


def _more(told: Any) -> Iterator[Text]:
    more = told.differences_count - len(told.differences)
    if more > 0:
        yield Text(f"  and {more} more")


def _span(told: Any, zone: tzinfo | None) -> str:
    ends = (moment(end).astimezone(zone) for end in (told.start, told.end))
    return " to ".join(f"{end:%a %Y-%m-%d %H:%M %Z}" for end in ends)
