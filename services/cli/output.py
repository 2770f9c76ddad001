"""What the children say: whole into files, the part that matters onto the terminal."""

import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from services.chassis.lines import Lines
from services.cli.text import visible

LARGEST_LOG_BYTES = 50 * 1024 * 1024
TAIL_LINES = 8
NAME_WIDTH = 12
QUIET = {"debug", "info"}
RAW = ""  # the level of what is no line of a log, a traceback for example
#: Warnings that warn of nothing: a file that only its owner reads, and an end that was asked for.
HARMLESS = ("Plaintext passwords detected", "caught ENVOY_SIGTERM")
#: What a service adds to every line, and nobody who reads along needs.
USUAL_FIELDS = {"event", "level", "logger", "timestamp", "service", "exception"}
NATS_LINE = re.compile(r"\[(?P<level>TRC|DBG|INF|WRN|ERR|FTL)\] ?(?P<text>.*)", re.DOTALL)
NATS_LEVELS = {"TRC": "debug", "DBG": "debug", "INF": "info", "WRN": "warning"}
ENVOY_LINE = re.compile(
    r"^\[[^]]*\]\[\d+\]\[(?P<level>\w+)\]\[\w+\] (?:\[[^]]*\] )?(?P<text>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a log, as a person reads it."""

    level: str
    text: str

    def shown(self, *, verbose: bool) -> bool:
        """Tells whether the line is worth a line on the terminal."""
        return verbose or self.level not in QUIET

    def __str__(self) -> str:
        return self.text if self.level in {"info", RAW} else f"{self.level.upper()} {self.text}"


def of_service(line: str) -> Entry:
    """Reads a line of a service: JSON, or what Python says before a log is set up."""
    try:
        told = json.loads(line)
    except ValueError:
        return Entry(RAW, line)
    if not isinstance(told, dict) or "event" not in told:
        return Entry(RAW, line)
    fields = [f"{name}={value}" for name, value in told.items() if name not in USUAL_FIELDS]
    failures = [
        f"{failure.get('exc_type')}: {failure.get('exc_value')}"
        for failure in told.get("exception", ())
        if isinstance(failure, dict)
    ]
    words = [str(told["event"]), *fields, *(f"({failure})" for failure in failures[:1])]
    return Entry(str(told.get("level", "error")), " ".join(words))


def of_nats(line: str) -> Entry:
    """Reads a line of nats-server."""
    found = NATS_LINE.search(line)
    if found is None:
        return Entry(RAW, line)
    return _entry(NATS_LEVELS.get(found["level"], "error"), found["text"])


def of_envoy(line: str) -> Entry:
    """Reads a line of Envoy: of its own log, or of the access log, which is JSON."""
    if line.startswith("{"):
        return Entry("info", line)
    found = ENVOY_LINE.search(line)
    if found is None:
        return Entry(RAW, line)
    return _entry(found["level"], found["text"])


def _entry(level: str, text: str) -> Entry:
    return Entry("info" if text.startswith(HARMLESS) else level, text)


class Console:
    """Writes to the terminal: one that is paused must not stop the supervisor."""

    def __init__(self, out: TextIO) -> None:
        self.colours = out.isatty()
        self._lines = Lines(out.fileno(), out.encoding)

    def print(self, text: str) -> None:
        """Writes the text sometime; drops it when far too much waits."""
        self._lines.write(text)

    def close(self) -> None:
        """Writes what waits, unless the terminal takes nothing."""
        self._lines.close()


class LogFile:
    """All that one child says. The file of the last run, or of the last 50 MB, is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = self._fresh()

    def write(self, line: bytes) -> None:
        """Adds a line. A full disk loses log lines, not pages."""
        with suppress(OSError):
            if self._file.tell() > LARGEST_LOG_BYTES:
                self._file.close()
                self._file = self._fresh()
            self._file.write(line)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _fresh(self) -> BinaryIO:
        if self.path.exists():
            self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        return self.path.open("ab", buffering=0)


class Output:
    """Takes the children's lines apart, keeps them, and shows those that matter."""

    def __init__(
        self,
        console: Console,
        folder: Path,
        readers: Mapping[str, Callable[[str], Entry]],
        *,
        verbose: bool,
    ) -> None:
        self._console = console
        self._readers = readers
        self._verbose = verbose
        self._files = {name: LogFile(folder / f"{name}.log") for name in readers}
        self._tails: dict[str, deque[str]] = {name: deque(maxlen=TAIL_LINES) for name in readers}

    def say(self, text: str, name: str = "tocsin") -> None:
        """Shows a line of this process, or of a child."""
        for line in text.split("\n"):
            self._console.print(f"{name:<{NAME_WIDTH}} | {visible(line)}")

    @property
    def colours(self) -> bool:
        """Whether a person looks on, rather than a file or a pipe."""
        return self._console.colours

    def show(self, text: str) -> None:
        """Shows text that stands out."""
        self._console.print(text)

    def child_said(self, name: str, line: bytes, *, show: bool = True) -> None:
        """Keeps a line of a child, and shows it if it may be shown and matters."""
        self._files[name].write(line)
        text = line.decode("utf-8", "replace").rstrip()
        if not text:
            return
        entry = self._readers[name](text)
        self._tails[name].append(str(entry))
        if show and entry.shown(verbose=self._verbose):
            self.say(str(entry), name)

    def last_words(self, name: str) -> str:
        """Returns the end of what a child said, and where the rest is."""
        lines = "".join(f"  {visible(line)}\n" for line in self._tails[name])
        return f"{lines}  (all of it: {self._files[name].path})"

    def close(self) -> None:
        """Closes the files."""
        for file in self._files.values():
            file.close()
