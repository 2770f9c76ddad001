"""Shifts as iCalendar (RFC 5545): what calendars of all makes read, and no more of it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

MEDIA_TYPE = "text/calendar; charset=utf-8"
#: How often calendars are asked to look again.
REFRESH = "PT15M"
_LONGEST_LINE = 75  # bytes
_SPECIAL = re.compile(r"([\\;,])")
_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Event:
    """A stretch of time with a title."""

    uid: str  # the same each time that the event is told
    start: datetime
    end: datetime
    summary: str


def calendar(name: str, events: Iterable[Event], stamp: datetime) -> bytes:
    """Returns a calendar; `stamp` is when it was made, for calendars that merge several."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tocsin//Tocsin//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",  # what NAME is to older calendars
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    for event in events:
        lines += _event(event, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(event: Event, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{_time(stamp)}"
    yield f"DTSTART:{_time(event.start)}"
    yield f"DTEND:{_time(event.end)}"
    yield f"SUMMARY:{_text(event.summary)}"
    yield "TRANSP:TRANSPARENT"  # who is on call may be asked to a meeting
    yield "END:VEVENT"


def _time(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", value)
    return _CONTROL.sub("", _LINE_END.sub(r"\\n", escaped))


def _folded(line: str) -> bytes:
    """Returns a line in pieces that are short enough, each a whole number of characters."""
    pieces = [b""]
    for character in line:
        encoded = character.encode("utf-8", "replace")
        if len(pieces[-1]) + len(encoded) > _LONGEST_LINE:
            pieces.append(b" ")
        pieces[-1] += encoded
    return b"\r\n".join(pieces) + b"\r\n"
