"""Shifts as iCalendar: folded, escaped, and the same each time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.calendar.ical import Event, calendar
from services.calendar.schedules import Kind, Schedule, Shift
from services.escalation.domain.feeds import Feed, events, midnight

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
NIGHT = Schedule(id=7, name="Night", timezone="UTC", kind=Kind.STATIC)
FEED = Feed(id=1, schedule_id=7, user_id=0, token_sha256=b"", created_at=AT, creator="Ada Lovelace")


def lines(data: bytes) -> list[str]:
    """Takes a calendar apart, as RFC 5545 says in 3.1."""
    assert data.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    return data.decode().replace("\r\n ", "").split("\r\n")[:-1]


def text_of(line: str) -> str:
    """Reads the value of a TEXT, as RFC 5545 says in 3.3.11."""
    value, told, escaped = line.partition(":")[2], "", False
    for character in value:
        if not escaped and character == "\\":
            escaped = True
            continue
        told += "\n" if escaped and character in "nN" else character
        escaped = False
    return told


def test_a_calendar_line_by_line() -> None:
    event = Event("7-1@tocsin", AT, AT + HOUR, "Ada Lovelace on call: Night")

    assert lines(calendar("Night", [event], AT)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tocsin//Tocsin//EN",
        "CALSCALE:GREGORIAN",
        "NAME:Night",
        "X-WR-CALNAME:Night",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
        "BEGIN:VEVENT",
        "UID:7-1@tocsin",
        "DTSTAMP:20260302T090000Z",
        "DTSTART:20260302T090000Z",
        "DTEND:20260302T100000Z",
        "SUMMARY:Ada Lovelace on call: Night",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\n"), max_size=300))
def test_any_text_is_read_back(text: str) -> None:
    told = lines(calendar(text, [Event("1", AT, AT + HOUR, text)], AT))

    assert text_of(told[4]) == text
    assert text_of(told[-4]) == text
    assert len(told) == 17


def test_what_would_end_a_line_ends_none() -> None:
    told = lines(calendar("a\r\nEND:VCALENDAR\x00\x0b", [], AT))

    assert told[4] == "NAME:a\\nEND:VCALENDAR"


def test_an_event_keeps_its_name() -> None:
    ada, bob = Shift(1, AT, AT + HOUR), Shift(2, AT, AT + HOUR)

    found = list(events(FEED, NIGHT, [ada, bob, ada], {1: "Ada Lovelace"}))

    assert found == [
        Event("7-1-20260302T090000Z@tocsin", AT, AT + HOUR, "Ada Lovelace on call: Night"),
        Event("7-2-20260302T090000Z@tocsin", AT, AT + HOUR, "user 2 on call: Night"),
        Event("7-1-20260302T090000Z-2@tocsin", AT, AT + HOUR, "Ada Lovelace on call: Night"),
    ]


def test_a_feed_of_one_person_has_their_shifts_alone() -> None:
    feed = Feed(id=1, schedule_id=7, user_id=2, token_sha256=b"", created_at=AT, creator="")
    shifts = [Shift(user, AT, AT + HOUR) for user in (1, 2, 3)]

    assert [event.uid[:3] for event in events(feed, NIGHT, shifts, {})] == ["7-2"]


def test_a_feed_is_the_same_all_day() -> None:
    assert midnight(AT) == midnight(AT + 14 * HOUR) == AT - 9 * HOUR
