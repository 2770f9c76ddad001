"""Nobody is paged about what was answered; who was, at that very time, is told so."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulation.checker.reading import Reading, is_apart, subject
from tests.simulation.history import Event

#: An attempt, and clocks that differ: a page that is older was sent before it was answered.
LONG = 10.0


def faults(reading: Reading) -> Iterator[str]:
    """Yields pages that were not wanted any more, and those that were not taken back."""
    claims: dict[tuple[int, int], Event] = {}
    runs = {row.told["id"]: row.told["escalation_key"] for row in reading.notifications}
    for event in reading.history.of("claimed", "sending"):
        told = event.told
        if told["kind"] != "PAGE":
            continue
        ending = reading.endings.get(told["run"])
        if event.what == "claimed":
            claims[told["id"], told["attempt"]] = event
            if ending is not None and ending.number < event.number:
                yield f"claimed though its end had been heard: {event}"
        else:
            claim = claims[told["id"], told["attempt"]]
            for run in (told["run"], *(runs[id_] for id_ in told["members"])):
                yield from _unasked(reading, claim, event, run)
    yield from _not_taken_back(reading)
    yield from _taken_back_for_nothing(reading)
    yield from _taken_back_too_long_after(reading)


def _unasked(reading: Reading, claim: Event, sending: Event, run: str) -> Iterator[str]:
    """Yields a page that had ended, or that its owner would have stopped, had anybody asked."""
    ending = reading.endings.get(run)
    if ending is not None and ending.number < claim.number:
        yield f"tells of {run}, though its end had been heard: {sending}"
    if is_apart(run):
        return
    alert, episode = subject(run)
    state = reading.alert_at(alert, claim.number)
    if state is not None and state.told["wanted"] == episode:
        return
    between = reading.history.events[claim.number : sending.number]
    no_answer = any(e.what == "unanswered" and e.who == sending.who for e in between)
    if not no_answer:
        yield f"sent though {state} came before its claim: {sending}"


def _not_taken_back(reading: Reading) -> Iterator[str]:
    """Yields pages that crossed an answer and stand as if nobody had answered."""
    stood_down = {
        (row.told["escalation_key"], row.told["user_id"], row.told["target"])
        for row in reading.notifications
        if row.told["kind"] == "STAND_DOWN"
    }
    for row in reading.notifications:
        told = row.told
        if told["kind"] != "PAGE" or told["escalation_key"] not in reading.endings:
            continue
        whom = (told["escalation_key"], told["user_id"], told["target"])
        if _crossed(reading, row) and whom not in stood_down:
            yield f"never taken back: {row}"


def _crossed(reading: Reading, row: Event) -> bool:
    """Tells whether a page arrived, or may have, while it was being answered.

    What counts is when its owner ended it, however late notification hears of that.
    """
    id_, told = row.told["id"], row.told
    taken = [
        event
        for event in reading.history.of("taken")
        if event.told["id"] == id_ or id_ in event.told["members"]
    ]
    if not taken:
        return False
    if told["share"] != "TOLD" and (
        told["state"] == "SUPPRESSED" or (told["state"], told["method"]) == ("SENT", "TERMINAL")
    ):
        return True
    ended = reading.answer_of(*subject(told["escalation_key"]))
    return _is_told(told) and reading.recorded(id_).number > ended.number


def _is_told(told: Mapping[str, Any]) -> bool:
    return bool(told["state"] == "SENT" or told["share"] == "TOLD")


def _taken_back_for_nothing(reading: Reading) -> Iterator[str]:
    runs = {row.told["id"]: row.told["escalation_key"] for row in reading.notifications}
    tried: set[str] = set()
    for event in reading.history.of("claimed", "sending"):
        told = event.told
        if event.what == "claimed" and told["kind"] == "PAGE":
            tried.add(told["run"])
            tried.update(runs[id_] for id_ in reading.bundles[told["id"]])
        elif event.what == "sending" and told["kind"] == "STAND_DOWN":
            about = {told["run"], *(runs[id_] for id_ in told["members"])}
            if not about <= tried:
                yield f"took back what nobody was told: {event}"


def _taken_back_too_long_after(reading: Reading) -> Iterator[str]:
    """Yields what takes pages back that people had for long when their run was ended.

    Programs are always told. When news of the alert are missing, nobody knows what crossed them.
    """
    pages = [row for row in reading.notifications if row.told["kind"] == "PAGE"]
    for row in reading.notifications:
        told = row.told
        if told["kind"] != "STAND_DOWN" or told["method"] == "TERMINAL":
            continue
        whom = (told["escalation_key"], told["user_id"], told["target"])
        ended = reading.answer_of(*subject(told["escalation_key"]))
        if not reading.heard_in_order(ended) or any(
            not _is_told(page.told) or reading.recorded(page.told["id"]).at > ended.at - LONG
            for page in pages
            if (page.told["escalation_key"], page.told["user_id"], page.told["target"]) == whom
        ):
            continue
        yield f"took back what was no news: {row}"
