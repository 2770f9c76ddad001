"""Tells from a world's history alone what must not have happened.

It knows what an escalation promises, and none of the code that keeps it: no domain, no store,
no clock.
"""

from tests.simulation.checker import agreement, answers, delivery, flow, walks, ways
from tests.simulation.checker.reading import Reading
from tests.simulation.history import History


def faults(history: History) -> list[str]:
    """Returns every rule that was broken, in words; none in a good world."""
    ended = [str(event) for event in history.of("fell over", "restless")]
    if ended:
        return ended
    reading = Reading(history)
    rules = (flow, walks, agreement, delivery, ways, answers)
    return [fault for rule in rules for fault in rule.faults(reading)]
