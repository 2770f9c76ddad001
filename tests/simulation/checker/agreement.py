"""In the end escalation is where the alerts are, and nothing waits that nobody will wake."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.checker.reading import OVER, Reading
from tests.simulation.history import Event
from tests.simulation.scene import PEOPLE

#: A run that was stopped, as its alert slept, stays so when it is taken.
_STATES = {"PENDING": ("EXHAUSTED",), "ACCEPTED": OVER, "RESOLVED": ("STOPPED",)}


def faults(reading: Reading) -> Iterator[str]:
    """Yields where the end is not what the alerts say."""
    for event in reading.history.of("left timer"):
        yield f"a timer was left: {event}"
    for alert, events in reading.alerts.items():
        yield from _runs(reading, alert, events[-1])
        yield from _calls(reading, alert, events[-1])
    for run, steps in reading.steps.items():
        if steps[-1].told["state"] != reading.runs[run].told["state"]:
            yield f"{run} is {reading.runs[run].told['state']}, and nobody was told"
    steps_paged = Counter(
        (run, step.told["cycle"], step.told["level"])
        for run, steps in reading.steps.items()
        for step in steps
        if step.told["cause"] == "STEPPED"
    )
    for place, count in steps_paged.items():
        if count != 1:
            yield f"{place} was reached {count} times"


def _runs(reading: Reading, alert: int, last: Event) -> Iterator[str]:
    episode = last.told["episode"]
    wanted = _STATES[last.told["status"]]
    current = reading.runs.get(f"alert:{alert}:{episode}")
    if current is None:
        yield f"alert {alert} has no run for its episode {episode}: {last}"
    elif current.told["state"] not in wanted:
        yield f"the run of alert {alert} is {current.told['state']}: {last}"
    for key, run in reading.runs.items():
        older = key.startswith(f"alert:{alert}:") and run.told["episode"] != episode
        if older and run.told["state"] not in OVER:
            yield f"{key} is {run.told['state']}, and another episode came after it"


def _calls(reading: Reading, alert: int, last: Event) -> Iterator[str]:
    """Yields calls by hand that paged nobody, or twice; an alert that is over calls nobody."""
    called = Counter(
        step.told["number"]
        for run, steps in reading.steps.items()
        for step in steps
        if run.startswith(f"alert:{alert}:") and step.told["cause"] == "CALLED"
    )
    for number, user in last.told["calls"]:
        most = 1 if user in PEOPLE else 0
        least = 0 if last.told["status"] == "RESOLVED" else most
        if not least <= called[number] <= most:
            yield f"call {number} of alert {alert} to {user} paged {called[number]} times"
