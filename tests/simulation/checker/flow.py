"""Every message has its effect, once; nothing is given up."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from tests.simulation.checker.reading import Reading, subject
from tests.simulation.history import Event

_NAMED_BY = {
    "AlertChanged": ("alert", "version"),
    "EscalationChanged": ("run", "version"),
    "PageRequested": ("run", "cycle", "level"),
}
_READER = {"alertstate": "escalation", "escalation": "notification"}


def faults(reading: Reading) -> Iterator[str]:
    """Yields what was lost, done twice, or given up."""
    for event in reading.history.of("left dead_letter"):
        yield f"a message was given up: {event}"
    heard = Counter(
        (event.told["by"], _name(event))
        for event in reading.history.of("heard")
        if event.told["message"] in _NAMED_BY
    )
    forgot = {event.told["reader"] for event in reading.history.of("place lost")}
    for (reader, name), count in heard.items():
        if count > 1 and reader not in forgot:
            yield f"{reader} did {count} times what {name} says"
    said = {("notification", _name(event)) for event in _said(reading)}
    told = {
        ("escalation", ("AlertChanged", event.told["alert"], event.told["version"]))
        for event in reading.history.of("alert")
    }
    for reader, name in sorted((said | told) - heard.keys(), key=str):
        yield f"{reader} never heard {name}"
    yield from _gaps(reading)


def _said(reading: Reading) -> Iterator[Event]:
    for event in reading.history.of("said"):
        if event.told["by"] == "escalation" and event.told["message"] in _NAMED_BY:
            yield event


def _name(event: Event) -> tuple[object, ...]:
    message = event.told["message"]
    return (message, *(event.told[part] for part in _NAMED_BY[message]))


def _gaps(reading: Reading) -> Iterator[str]:
    """Yields runs whose versions are not told one after another.

    A subject told anew takes a version without a word. So does an end that came before the
    beginning: such a run has two versions, and whoever is called then has the next.
    """
    for run, steps in reading.steps.items():
        versions = [event.told["version"] for event in steps]
        silent = 0 if steps[0].told["cause"] == "BEGUN" else 2
        if versions != sorted(set(versions)):
            yield f"the versions of {run} came as {versions}"
        if not 0 <= versions[-1] - len(versions) - silent <= _retold(reading, run):
            yield f"the versions of {run} have gaps: {versions}"


def _retold(reading: Reading, run: str) -> int:
    alert, episode = subject(run)
    told = [
        event.told["priority"]
        for event in reading.alerts[alert]
        if event.told["episode"] == episode
    ]
    return sum(before != after for before, after in pairwise(told))
