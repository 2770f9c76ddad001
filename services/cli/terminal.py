"""Pages on the terminal: the whole page, and how long until the next level is told."""

import asyncio
import math
from collections.abc import Callable, Iterator
from datetime import datetime

from pydantic import BaseModel, ValidationError

from services.cli.text import visible

RULE = "=" * 72
BOLD, PLAIN, BELL = "\x1b[1m", "\x1b[0m", "\a"
#: In a storm of alerts the newest few count down; the lines of all would hide the pages.
MOST_COUNTDOWNS = 5
#: Above so many seconds, a line every so many.
STEPS = ((600, 600), (60, 60), (30, 30), (0, 5))


class Link(BaseModel, frozen=True):
    """Where to look."""

    href: str
    text: str | None = None


class Message(BaseModel, frozen=True):
    """What Notification tells a terminal: a page, that a page is over, or news."""

    terminal: str  # "page", "stand_down", or "update", "duty" and whatever else is news
    user: str | int | None = None
    subject_kind: str
    subject_id: str
    escalation_id: int = 0
    title: str = ""
    headline: str = ""
    lines: tuple[str, ...] = ()
    details: str | None = None
    level: int = 0
    level_count: int = 0
    next_step_time: datetime | None = None
    link: str = ""  # where whoever is paged answers without a log-in
    links: tuple[Link, ...] = ()
    possible_repeat: bool = False
    priority: str | None = None
    ended_by: str | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """What the message is about."""
        return self.subject_kind, self.subject_id

    @property
    def is_alert(self) -> bool:
        """Whether it is about an alert, rather than another program's subject."""
        return self.subject_kind == "alert"

    @property
    def next_level(self) -> str:
        """What comes when nobody takes the page."""
        if self.level < self.level_count:
            return f"level {self.level + 1}"
        return "level 1 again"


def unsigned(told: Message, line: bytes) -> bytes:
    """Returns a message's line as logs may have it: without what lets its reader answer it."""
    return line.replace(told.link.encode(), b"") if told.link else line


def message(line: str) -> Message | None:
    """Reads a line of Notification's standard output; None if it is no message."""
    if not line.startswith("{"):
        return None
    try:
        return Message.model_validate_json(line)
    except ValidationError:
        return None


def page(told: Message, accept: str | None, now: datetime) -> list[str]:
    """Returns the lines of a page that is shown now, on the reader's clock."""
    return [RULE, *(f"  {visible(line)}".rstrip() for line in _page(told, accept, now)), RULE]


def stand_down(told: Message) -> str:
    """Returns the line that ends a page."""
    whose = f" for {told.user}" if told.user is not None else ""
    by = f" (by {told.ended_by})" if told.ended_by else ""
    what = f"{told.subject_kind} {told.subject_id}"
    return visible(f"  STAND DOWN{whose}: {what}, {told.headline}{by}")


def news(told: Message) -> str:
    """Returns the line of what somebody asked to be told."""
    whose = f" for {told.user}" if told.user is not None else ""
    return visible(f"  {told.terminal.upper()}{whose}: {' '.join((told.headline, *told.lines))}")


def next_mark(left: int) -> int:
    """Returns how many seconds are left at the next line of a countdown; 0 is its end."""
    step = next(step for beyond, step in STEPS if left > beyond)
    return (math.ceil(left / step) - 1) * step


class Terminal:
    """Shows messages, and counts down until somebody takes the page."""

    def __init__(
        self,
        show: Callable[[str], None],
        *,
        now: Callable[[], datetime],
        accept: Callable[[Message], str | None],
        colours: bool,
    ) -> None:
        self._show = show
        self._now = now
        self._accept = accept
        self._colours = colours
        self._countdowns: dict[tuple[str, str], asyncio.Task[None]] = {}

    def tell(self, told: Message) -> None:
        """Shows a message at once; its countdown goes on in the background."""
        if told.terminal not in ("page", "stand_down"):
            self._show(news(told))
            return
        running = self._countdowns.pop(told.subject, None)
        if running is not None:
            running.cancel()
        if told.terminal != "page":
            self._show(stand_down(told))
            return
        lines = page(told, self._accept(told), self._now().astimezone())
        if self._colours:
            lines = [BELL + BOLD + lines[0], *lines[1:-1], lines[-1] + PLAIN]
        self._show("\n".join(lines))
        if told.next_step_time is not None:
            self._begin(told, told.next_step_time)

    def close(self) -> None:
        """Ends all countdowns."""
        for task in self._countdowns.values():
            task.cancel()

    def _begin(self, told: Message, due: datetime) -> None:
        while len(self._countdowns) >= MOST_COUNTDOWNS:
            oldest = next(iter(self._countdowns))
            self._countdowns.pop(oldest).cancel()
        self._countdowns[told.subject] = asyncio.create_task(self._count_down(told, due))

    async def _count_down(self, told: Message, due: datetime) -> None:
        what = f"{told.subject_kind} {told.subject_id}"
        while (left := round(exactly := (due - self._now()).total_seconds())) > 0:
            self._show(visible(f"  {told.next_level} in {left} s  ({what})"))
            await asyncio.sleep(exactly - next_mark(left))


def _page(told: Message, accept: str | None, now: datetime) -> Iterator[str]:
    whom = f" for {told.user}" if told.user is not None else ""
    level = f" (level {told.level} of {told.level_count})" if told.level_count else ""
    at = f" at {now:%H:%M:%S}"
    yield f"PAGE{whom}{at}{level}: {told.subject_kind} {told.subject_id}"
    yield f"{told.priority}: {told.title}" if told.priority else told.title
    if told.possible_repeat:
        yield "(possible repeat: a crash hid whether this page was shown before)"
    yield from told.lines
    if told.details:
        yield ""
        yield from told.details.splitlines()
    if told.links:
        yield ""
        yield from (f"{link.text}: {link.href}" if link.text else link.href for link in told.links)
    if accept is not None or told.link:
        yield ""
    if accept is not None:
        yield f"{'accept' if told.is_alert else 'acknowledge'}: {accept}"
    if told.link:
        yield f"answer in a browser: {told.link}"
