"""Measuring side by side: every case once per round, so that a busy moment is no case's alone."""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
WIDTH = 120

K = TypeVar("K")

#: Does once what is measured.
Case = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What the rounds came to."""

    median: float
    min: float
    max: float
    unit: str


def figure(values: Sequence[float], unit: str) -> Figure:
    """Sums up what was measured."""
    return Figure(
        median=round(statistics.median(values), 3),
        min=round(min(values), 3),
        max=round(max(values), 3),
        unit=unit,
    )


async def milliseconds(cases: Mapping[K, Case], *, rounds: int) -> dict[K, Figure]:
    """Returns how long each case takes; a round ahead of all warms what can be warm."""
    taken: dict[K, list[float]] = {name: [] for name in cases}
    for round_ in range(rounds + 1):
        for name, case in cases.items():
            started = time.perf_counter()
            await case()
            if round_:
                taken[name].append((time.perf_counter() - started) * 1000)
    return {name: figure(values, "ms") for name, values in taken.items()}


def write(name: str, figures: Mapping[str, Figure]) -> Path:
    """Writes figures with where they come from, and returns the file."""
    path = RESULTS / f"{name}.json"
    told = {"about": about(), "figures": {key: asdict(each) for key, each in figures.items()}}
    path.write_text(json.dumps(told, indent=1) + "\n")
    return path


def about() -> dict[str, str]:
    """Returns when, of which commit and on what kind of machine."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "machine": f"{os.cpu_count()} x {_processor()}, {_memory()}",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
    }


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table; all columns but the first are figures."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right" if table.columns else "left")
    for row in rows:
        table.add_row(*row)
    Console(width=WIDTH).print(table)


def _commit() -> str:
    git = ["git", "-C", str(Path(__file__).parent)]
    head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True)
    changed = subprocess.run([*git, "status", "--porcelain", "--", "services"], capture_output=True)
    return (head.stdout.strip() or "unknown") + (" and changes" if changed.stdout else "")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total / 2**30:.0f} GiB"
