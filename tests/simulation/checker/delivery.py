"""Whoever is to be told is told, once; a repeat has its reason, and says so."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from tests.simulation.checker.reading import Reading, subject
from tests.simulation.history import Event

#: How long an attempt takes at most, where it does not end by itself.
ATTEMPT_SECONDS = 10.0
#: By which ways few messages go in a window: three, and one that is HIGH.
LOUD = ("EMAIL", "SMS", "VOICE")
WINDOW_SECONDS, CROWD = 180.0, 8
#: What of a process explains that it did not write down what it did.
_EXCUSES = ("crash", "pause", "away", "reply lost")


def faults(reading: Reading) -> Iterator[str]:
    """Yields pages that did not arrive, or came twice."""
    yield from _missing(reading)
    sent = defaultdict(list)
    for event in reading.history.of("claimed", "taken", "answered", "trouble"):
        sent[event.told["id"]].append(event)
    for notification in reading.notifications:
        about = sent[notification.told["id"]]
        yield from _ending(reading, notification, sent)
        yield from _repeats(reading, notification, about)
    yield from _crowds(reading)


def _missing(reading: Reading) -> Iterator[str]:
    """Yields people who were to be told and for whom there is nothing, or too much."""
    rows = defaultdict(list)
    for row in reading.notifications:
        if row.told["kind"] == "PAGE":
            told = row.told
            rows[told["escalation_key"], told["cycle"], told["level"], told["user_id"]].append(row)
    for page in reading.pages:
        run, cycle, level = page.told["run"], page.told["cycle"], page.told["level"]
        for user in page.told["users"]:
            found = len(rows.pop((run, cycle, level, user), ()))
            wanted = _ways(reading.contacts[user], low=page.told["low"]) or 1
            if found != (0 if _ended_before(reading, run, cycle, level) else wanted):
                yield f"user {user} got {found} of {wanted} pages: {page}"
    for key in rows:
        yield f"nobody asked for a page of {key}"


def _ways(contacts: list[str], *, low: bool) -> int:
    """Returns by how many ways a person is told who has no rules."""
    phones = contacts.count("PHONE")
    others = len(contacts) - phones
    if low:
        return others or phones
    return others + 2 * phones  # a text message, then a call


def _ended_before(reading: Reading, run: str, cycle: int, level: int) -> bool:
    """Tells whether notification knew of a run's end before it knew of its page."""
    ending = reading.endings.get(run)
    if ending is None:
        return False
    heard = [
        event.number
        for event in reading.history.of("heard")
        if event.told["message"] == "PageRequested"
        and (event.told["run"], event.told["cycle"], event.told["level"]) == (run, cycle, level)
    ]
    return not heard or ending.number < heard[0]


def _ending(reading: Reading, row: Event, sent: Mapping[int, list[Event]]) -> Iterator[str]:
    told = row.told
    outcomes = _outcomes(sent[told["id"]])
    match told["state"], told["share"]:
        case "SENT", _:
            good = "Sent" in outcomes
        case "FAILED", _:
            carriers = [id_ for id_, ids in reading.bundles.items() if told["id"] in ids]
            outcomes += [each for id_ in carriers for each in _outcomes(sent[id_])]
            good = "Failed" in outcomes or not reading.contacts[told["user_id"]]
        case "SUPPRESSED", "TOLD":
            outcomes = _outcomes(sent[told["carrier_id"]])
            good = "Sent" in outcomes
        case "SUPPRESSED", "" | "CARRIER":
            good = told["kind"] == "PAGE" and _was_over(reading, told["escalation_key"])
        case _:
            good = False
    if not good:
        yield f"{told['key']} ended as {told['state']} after {outcomes}: {told['error']}"


def _outcomes(about: list[Event]) -> list[str]:
    return [event.told["outcome"] for event in about if event.what == "answered"]


def _crowds(reading: Reading) -> Iterator[str]:
    """Yields what was too much for a contact: two windows may meet, no more."""
    arrived: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    rows = {row.told["id"]: row.told for row in reading.notifications}
    for event in reading.history.of("taken"):
        told = rows[event.told["id"]]
        if event.told["attempt"] == 1 and told["method"] in LOUD:
            arrived[told["kind"], told["method"], told["target"]].append(event.at)
    for contact, times in arrived.items():
        for first, last in zip(times, times[CROWD:], strict=False):
            if last - first < WINDOW_SECONDS:
                yield f"more than {CROWD} messages to {contact} since {first}"


def _was_over(reading: Reading, run: str) -> bool:
    if run in reading.endings:
        return True
    alert, episode = subject(run)
    return any(event.told["wanted"] != episode for event in reading.alerts[alert])


def _repeats(reading: Reading, row: Event, about: list[Event]) -> Iterator[str]:
    """Yields what was sent again without a reason, or without saying so.

    Attempts count in the order of their claims: one that stood still may arrive after the next.
    """
    claims = [event for event in about if event.what == "claimed"]
    for before, after in pairwise(claims):
        between = reading.history.events[before.number : after.number]
        earlier, later = _of_attempt(about, before), _of_attempt(about, after)
        known = any(
            event.number < after.number for what, event in earlier.items() if what != "taken"
        )
        if not known and after.at - before.at < ATTEMPT_SECONDS:
            yield f"{row.told['key']} was claimed from whoever was sending it: {after}"
        if "taken" not in earlier or "taken" not in later:
            continue
        if not later["taken"].told["marked"]:
            yield f"{row.told['key']} arrived again and did not say so: {later['taken']}"
        answered = earlier.get("answered")
        heard = answered is not None and answered.number < after.number
        if heard and "trouble" not in earlier and not _stumbled(between, before.who):
            yield f"{row.told['key']} was sent again for no reason: {after}"


def _of_attempt(about: list[Event], claim: Event) -> dict[str, Event]:
    """Returns what happened in an attempt, by what it was."""
    return {
        event.what: event
        for event in about
        if event.told["attempt"] == claim.told["attempt"] and event.what != "claimed"
    }


def _stumbled(events: list[Event], who: str) -> bool:
    """Tells whether something kept a process from writing down what it had done."""
    return any(event.what in _EXCUSES and event.who == who for event in events)
