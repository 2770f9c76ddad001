"""Where one way to a person fails, the next takes over at once, however late it was to come."""

from collections import defaultdict
from collections.abc import Iterator

from tests.simulation.checker.reading import Reading
from tests.simulation.checker.walks import SETTLED
from tests.simulation.history import Event

#: For how long a provider may be left alone that failed, and some more.
LONGEST = 500.0


def faults(reading: Reading) -> Iterator[str]:
    """Yields ways that nobody tried although the one before had failed."""
    claimed: dict[int, float] = {}
    for event in reading.history.of("claimed"):
        claimed.setdefault(event.told["id"], event.at)
    intents: defaultdict[tuple[object, ...], list[Event]] = defaultdict(list)
    for row in reading.notifications:
        if row.told["kind"] == "PAGE":
            names = ("escalation_key", "cycle", "level", "user_id")
            intents[tuple(row.told[name] for name in names)].append(row)
    for rows in intents.values():
        failed = [row for row in rows if row.told["state"] == "FAILED"]
        waiting = [row for row in rows if reading.later.get(row.told["target"])]
        if len(rows) == 2 and len(failed) == len(waiting) == 1 and failed != waiting:
            yield from _taken_over(reading, failed[0], waiting[0], claimed)


def _taken_over(
    reading: Reading, failed: Event, waiting: Event, claimed: dict[int, float]
) -> Iterator[str]:
    latest = max(reading.recorded(failed.told["id"]).at, SETTLED) + LONGEST
    ending = reading.endings.get(failed.told["escalation_key"])
    if ending is not None and ending.at <= latest:
        return
    if claimed.get(waiting.told["id"], latest + 1) > latest:
        yield f"{failed.told['key']} failed, and nobody tried {waiting.told['key']}"
