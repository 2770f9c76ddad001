"""How pages and their countdowns look on a terminal."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli import commands
from services.cli.terminal import Link, Message, Terminal, message, next_mark, page, unsigned
from services.cli.text import visible
from tests.parts.waiting import eventually

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
PAGE = Message(
    terminal="page",
    user="On Call",
    subject_kind="alert",
    subject_id="7",
    title="disk full",
    details="on db-1\nsince 3 h",
    level=1,
    level_count=2,
    links=(Link(href="https://example.com/7", text="the alert"), Link(href="https://example.com")),
    priority="HIGH",
)
STAND_DOWN = PAGE.model_copy(
    update={
        "terminal": "stand_down",
        "headline": "stood down: disk full was taken",
        "ended_by": "Ada",
    }
)


def test_a_page_shows_everything() -> None:
    lines = page(PAGE, "curl -X PUT accept", NOW)

    assert lines[1:-1] == [
        "  PAGE for On Call at 01:30:00 (level 1 of 2): alert 7",
        "  HIGH: disk full",
        "",
        "  on db-1",
        "  since 3 h",
        "",
        "  the alert: https://example.com/7",
        "  https://example.com",
        "",
        "  accept: curl -X PUT accept",
    ]
    assert set(lines[0]) == set(lines[-1]) == {"="}


def test_a_page_can_be_answered_in_a_browser_and_logs_cannot() -> None:
    link = "https://tocsin.example.com/m/0123456789"
    line = json.dumps(
        {"terminal": "page", "subject_kind": "alert", "subject_id": "7", "link": link}
    )
    told = message(line)
    assert told is not None

    assert page(told, "curl", NOW)[-3:-1] == ["  accept: curl", f"  answer in a browser: {link}"]
    kept = unsigned(told, line.encode())
    assert b"0123456789" not in kept
    assert message(kept.decode()) == told.model_copy(update={"link": ""})


def test_a_page_says_who_else_was_told_and_what_comes_next() -> None:
    said = ("Also paged: Bob.", "Level 2 is paged at 10:05 UTC unless somebody accepts.")
    lines = page(PAGE.model_copy(update={"lines": said}), None, NOW)

    assert lines[2:6] == ["  HIGH: disk full", *(f"  {line}" for line in said), ""]


def test_a_page_that_may_be_a_repeat_says_so() -> None:
    repeated = PAGE.model_copy(update={"possible_repeat": True})

    assert any("possible repeat" in line for line in page(repeated, None, NOW))


def test_a_page_of_little_is_short() -> None:
    told = Message(terminal="page", subject_kind="deploy", subject_id="x", title="stuck")

    assert page(told, None, NOW)[1:-1] == ["  PAGE at 01:30:00: deploy x", "  stuck"]


def test_a_page_of_another_programs_subject_says_how_to_acknowledge_it(tmp_path: Path) -> None:
    line = json.dumps(
        {"terminal": "page", "subject_kind": "job", "subject_id": "b", "escalation_id": 7}
    )
    told = message(line)
    assert told is not None
    credentials = {"URL": "http://127.0.0.1:8080"}

    command = commands.acknowledge_later(credentials, told.escalation_id, tmp_path / "c.env")

    assert page(told, command, NOW)[-2] == f"  acknowledge: {command}"
    assert command.startswith(f". {tmp_path}/c.env; curl -X PUT ")
    assert "http://127.0.0.1:8080/api/escalations/7/acknowledge" in command
    assert "$TOCSIN_TOKEN" in command


def test_a_page_cannot_act_on_the_terminal() -> None:
    evil = PAGE.model_copy(update={"title": "\x1b[2Jgone\u202e\x9b", "details": "a\rb\x85c"})

    text = "\n".join(page(evil, None, NOW))

    assert "\\x1b[2Jgone\\u202e\\x9b" in text
    assert all(character == "\n" or character.isprintable() for character in text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("grün, 緑 and 👩\u200d🚒", "grün, 緑 and 👩\u200d🚒"),
        ("a\tb", "a    b"),
        ("a\nb", "a\\nb"),
        ("\udc80", "\\udc80"),
    ],
)
def test_what_acts_is_spelt_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "line",
    ["", "up", "{", "[]", "{}", '{"terminal": "page"}', '{"event": "ready", "level": "info"}'],
)
def test_a_line_that_is_no_message_is_none(line: str) -> None:
    assert message(line) is None


def test_a_message_is_read_as_notification_writes_it() -> None:
    line = json.dumps(
        {
            "terminal": "page",
            "user": "On Call",
            "subject_kind": "alert",
            "subject_id": "7",
            "title": "disk full",
            "details": "",
            "level": 1,
            "level_count": 2,
            "next_step_time": "2026-03-29T01:30:20Z",
            "links": [{"href": "https://example.com", "text": ""}],
            "possible_repeat": False,
            "priority": "HIGH",
            "later": "fields may come",
        }
    )

    told = message(line)

    assert told is not None
    assert told.next_step_time == NOW + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("left", "marks"),
    [
        (20, [15, 10, 5, 0]),
        (23, [20, 15, 10, 5, 0]),
        (3, [0]),
        (90, [60, 30, 25, 20, 15, 10, 5, 0]),
        (300, [240, 180, 120, 60, 30, 25, 20, 15, 10, 5, 0]),
        (1500, [1200, 600, 540]),
    ],
)
def test_a_countdown_becomes_denser(left: int, marks: list[int]) -> None:
    for mark in marks:
        left = next_mark(left)
        assert left == mark


class Screen:
    """What a terminal shows at a time that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = NOW
        self.shown: list[str] = []
        self.terminal = Terminal(
            self.shown.append, now=lambda: self.now, accept=lambda told: None, colours=False
        )

    def countdown(self) -> list[str]:
        return [text.strip() for text in self.shown if " in " in text]


def due(seconds: float) -> Message:
    return PAGE.model_copy(update={"next_step_time": NOW + timedelta(seconds=seconds)})


async def test_the_time_to_the_next_level_is_counted_down() -> None:
    screen = Screen()

    screen.terminal.tell(due(15.1))
    await eventually(lambda: screen.countdown() == ["level 2 in 15 s  (alert 7)"])
    screen.now += timedelta(seconds=5)
    screen.terminal.tell(due(10.0))

    await eventually(lambda: screen.countdown()[1:] == ["level 2 in 5 s  (alert 7)"])
    screen.terminal.close()


async def test_a_stand_down_ends_the_countdown() -> None:
    screen = Screen()
    screen.terminal.tell(due(20))
    await eventually(screen.countdown)

    screen.terminal.tell(STAND_DOWN)

    assert (
        "STAND DOWN for On Call: alert 7, stood down: disk full was taken (by Ada)"
        in screen.shown[-1]
    )
    (still,) = (task for task in asyncio.all_tasks() if task is not asyncio.current_task())
    await eventually(still.cancelled)


async def test_news_are_a_line_and_the_countdown_goes_on() -> None:
    screen = Screen()
    screen.terminal.tell(due(20))
    (still,) = screen.terminal._countdowns.values()

    screen.terminal.tell(
        due(20).model_copy(
            update={"terminal": "update", "headline": "Escalated: disk full", "lines": ("Now.",)}
        )
    )

    assert screen.shown[-1] == "  UPDATE for On Call: Escalated: disk full Now."
    assert not still.cancelling()
    screen.terminal.close()


async def test_the_last_level_of_a_policy_that_repeats_counts_down_to_the_first() -> None:
    screen = Screen()

    screen.terminal.tell(due(20).model_copy(update={"level": 2}))

    await eventually(lambda: screen.countdown() == ["level 1 again in 20 s  (alert 7)"])
    screen.terminal.close()


async def test_in_a_storm_only_the_newest_count_down() -> None:
    screen = Screen()

    for number in range(50):
        screen.terminal.tell(due(20).model_copy(update={"subject_id": str(number)}))

    await eventually(screen.countdown)
    assert len(screen.countdown()) == 5
    assert screen.countdown()[-1] == "level 2 in 20 s  (alert 49)"
    screen.terminal.close()


async def test_colours_and_the_bell_are_for_people() -> None:
    shown: list[str] = []
    terminal = Terminal(shown.append, now=lambda: NOW, accept=lambda told: None, colours=True)

    terminal.tell(PAGE)

    assert shown[0].startswith("\a\x1b[1m")
    assert shown[0].endswith("\x1b[0m")


def test_the_accept_command_of_a_page_holds_no_token() -> None:
    credentials = {"URL": "http://127.0.0.1:8080", "TOKEN": "tcs_secret"}

    command = commands.accept_later(credentials, "7", Path("/data/credentials.env"))

    assert command == (
        ". /data/credentials.env; curl -X PUT http://127.0.0.1:8080/api/alerts/7/accept"
        ' -H "Authorization: Bearer $TOCSIN_TOKEN"'
    )
