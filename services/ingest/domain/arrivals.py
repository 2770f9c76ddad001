"""An event on its way, and what it and its source alone decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.ingest.domain.events import Event, EventType, Priority
from services.ingest.domain.sources import Source

#: How much goes into one published message, unless a single event is larger.
GROUP_EVENTS = 500
GROUP_BYTES = 256 * 1024
#: The types of source whose events say their priority under any rule.
OUTSPOKEN = ("GRAFANA", "SERVICENOW", "PAGERDUTY", "OPSGENIE")


class Note(StrEnum):
    """Why a kept event goes no further."""

    NONE = ""
    SOURCE_INACTIVE = "SOURCE_INACTIVE"
    UNKNOWN_SERVICE = "UNKNOWN_SERVICE"  # of no source: its dialect names one that there is not
    REFUSED = "REFUSED"  # of no source, beside others of its batch that were accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event on its way to the disk."""

    event_id: str
    source: Source
    event: Event
    raw: bytes
    content_type: str
    trace: str
    name: str = ""  # the sender's own, by which a repeat is recognised
    refused: Note = Note.NONE  # why it was refused, if it is kept all the same

    @property
    def note(self) -> Note:
        """Why the event goes no further; NONE if it does."""
        if self.refused is not Note.NONE:
            return self.refused
        return Note.NONE if self.source.active else Note.SOURCE_INACTIVE

    @property
    def priority(self) -> Priority:
        """The priority of the event's alert: LOW sources get no louder, with exceptions."""
        rule, said = self.source.priority_rule, self.event.priority
        honoured = rule is Priority.HIGH or self.source.integration_type in OUTSPOKEN
        return said if said is not None and honoured else rule

    @property
    def may_page(self) -> bool:
        """Whether somebody may be paged at HIGH for it.

        Such events have the last part of their source's limit to themselves. What accepts or
        resolves has not: without it somebody is paged too often, which is better than never.
        """
        alerts = self.event.type is EventType.ALERT and not self.event.silent
        return alerts and self.source.active and self.priority is not Priority.LOW


def groups(sizes: Sequence[int]) -> Iterator[range]:
    """Divides things of these sizes, in their order, into what is published together."""
    first, weight = 0, 0
    for index, size in enumerate(sizes):
        full = index - first == GROUP_EVENTS or weight + size > GROUP_BYTES
        if full and index > first:
            yield range(first, index)
            first, weight = index, 0
        weight += size
    if sizes:
        yield range(first, len(sizes))
