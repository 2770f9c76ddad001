"""Planted bugs: each breaks one real rule of the product, and the checker must notice.

A bug replaces what a module or a class calls by one name; the seams are those that the product
keeps for its own reasons, so that little here knows how it is written.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from services.chassis.inbox import Consumer
from services.chassis.timers import Timers
from services.escalation import consumer as escalation
from services.escalation.domain import runs
from services.escalation.store import policies
from services.notification import bundling, carrying, claims, falling
from services.notification.domain import life
from services.notification.peers import Subjects
from services.notification.store import bundles, notifications
from tests.simulation import planted
from tests.simulation.stores import VirtualClock

#: Makes what is broken of what is right.
Break = Callable[[Any], Any]
Place = tuple[Any, str, Break]


@dataclass(frozen=True, slots=True)
class Bug:
    """A fault that somebody might write."""

    what: str
    places: tuple[Place, ...]
    first: int  # the seed from which worlds show it, where it takes what seldom meets


def _bug(what: str, *places: Place, first: int = 0) -> Bug:
    return Bug(what, places, first)


BUGS = {
    "own-clock": _bug(
        "a replica's own clock decides what is due",
        (VirtualClock, "now", planted.own_clock),
    ),
    "ahead-of-time": _bug(
        "what is due within the next seconds is taken along",
        (Timers, "_take", planted.ahead_of_time),
    ),
    "timer-cleared-apart": _bug(
        "a timer is cleared in one transaction, and its step taken in the next",
        (Timers, "step", planted.cleared_apart),
    ),
    "failed-step-forgotten": _bug(
        "a step that failed is never tried again",
        (Timers, "_take", planted.failure_forgotten),
    ),
    "ack-first": _bug(
        "a message is acknowledged before its effect is committed",
        (Consumer, "_take_in", planted.ack_first),
    ),
    "no-inbox": _bug(
        "a message that comes twice has its effect twice",
        (Consumer, "_react_once", planted.no_inbox),
    ),
    "versions-ignored": _bug(
        "older news of an alert undo newer ones",
        (escalation, "REACTIONS", planted.versions_ignored),
    ),
    "end-before-beginning": _bug(
        "an end that comes before its beginning leaves no trace",
        (escalation, "_never_begin", planted.nothing),
    ),
    "sleep-ignored": _bug(
        "an alert that sleeps pages people",
        (escalation, "_wanted", planted.sleep_ignored),
    ),
    "every-missed-step": _bug(
        "after an outage each missed step is taken, not the current one",
        (runs, "advance", planted.every_missed_step),
    ),
    "skip-exhausts": _bug(
        "a level that nobody covers ends the run",
        (runs, "advance", planted.skip_exhausts),
    ),
    "low-goes-on": _bug(
        "LOW goes on after the first level",
        (escalation, "_subject", planted.always_high),
    ),
    "push-again": _bug(
        "each later news of an alert escalates it once more",
        (runs, "push", planted.push_again),
    ),
    "call-again": _bug(
        "each later news of an alert calls people once more",
        (runs, "call", planted.call_again),
    ),
    "plan-disturbed": _bug(
        "an edited policy changes the runs that have begun",
        (policies, "save", planted.plan_disturbed),
    ),
    "intent-not-unique": _bug(
        "a page is not named by its run, round, level and person",
        (notifications, "add_intent", planted.always_new),
        (life, "page_key", planted.never_the_same),
    ),
    "page-after-end": _bug(
        "the end of a run that has told nobody yet is not remembered",
        (notifications, "end_run", planted.end_forgotten),
    ),
    "episodes-mixed": _bug(
        "an accept of an older episode silences the newer one",
        (notifications, "endings", planted.episodes_mixed),
    ),
    "claim-blindly": _bug(
        "a claim does not look whether the run has ended",
        (life, "claim", planted.claim_blindly),
    ),
    "owner-unasked": _bug(
        "the owner is not asked before a page is sent",
        (Subjects, "over", planted.over_never),
    ),
    "sending-fails": _bug(
        "a page whose sender died is given up",
        (life, "claim", planted.give_up_sending),
    ),
    "repeat-unmarked": _bug(
        "a possible repeat does not say so",
        (life, "claim", planted.unmarked),
    ),
    "no-retry": _bug(
        "a provider that is busy is not tried again",
        (life, "_try_again", planted.no_retry),
    ),
    "claims-overlap": _bug(
        "a message that is being sent can be claimed by another",
        (life, "claim", planted.claim_again),
        (claims, "_set_timers", planted.due_as_before),
    ),
    "no-fall-through": _bug(
        "the next way does not take over from one that fails",
        (falling, "_hand_over", planted.no_fall_through),
    ),
    "members-lost": _bug(
        "what a message was to tell for others is lost when it fails",
        (carrying, "released", planted.members_lost),
    ),
    "members-unasked": _bug(
        "a message still tells for others what is over",
        (bundling, "_wanted", planted.members_kept),
        first=600,  # a retry, an answer to another, and an owner who is not there
    ),
    "pace-forgotten": _bug(
        "nobody remembers what a contact was told lately",
        (bundles, "save_pace", planted.nothing),
    ),
    "no-stand-down": _bug(
        "a page that crossed the answer is not taken back",
        (life, "wants_stand_down", planted.no_stand_down),
    ),
    "late-end": _bug(
        "a page is not taken back when the news of the answer come after its record",
        (life, "crossed", planted.never_crossed),
    ),
    "all-taken-back": _bug(
        "a page is taken back however long before its answer it was sent",
        (life, "crossed", planted.always_crossed),
    ),
}


@contextmanager
def plant(name: str) -> Iterator[None]:
    """Breaks the product for as long as the block runs; an empty name leaves it whole."""
    with ExitStack() as stack:
        for target, attribute, broken in BUGS[name].places if name else ():
            original = getattr(target, attribute)
            stack.enter_context(mock.patch.object(target, attribute, broken(original)))
        yield
