"""What is known of an alert key, and what one more event of it means.

Order is Ingest's `seq`, never the order of delivery: any order of a history leaves the key as
open or closed as the history in order would. Where the order of delivery hides whether an
accept came before or after the alert it now meets, the alert stays PENDING: rather a page too
many than one too few.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from services.alertstate.domain.alerts import Status


class EventType(StrEnum):
    """What an event wants done."""

    ALERT = "ALERT"
    ACCEPT = "ACCEPT"
    RESOLVE = "RESOLVE"
    COMMENT = "COMMENT"
    OTHER = "OTHER"  # a newer version's: nothing is done about it


class Outcome(StrEnum):
    """What became of an event."""

    RAISED = "RAISED"
    RAISED_ACCEPTED = "RAISED_ACCEPTED"  # an accept of a later seq was here first
    REPEATED = "REPEATED"
    GROUPED = "GROUPED"  # no open alert held its key, but one takes it in
    COMMENTED = "COMMENTED"
    STALE = "STALE"  # older than a resolve that was here first: pages nobody
    ACCEPTED = "ACCEPTED"
    RESOLVED = "RESOLVED"
    RELEASED = "RELEASED"  # its key is over, and the alert holds others that are not
    RAISED_ANEW = "RAISED_ANEW"  # a late resolve: what was appended must page again
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """What is known of a key of a source. While an alert is open, `opened_seq > resolve_seq`."""

    resolve_seq: int = 0  # the newest RESOLVE
    accept_seq: int = 0  # the newest ACCEPT
    last_alert_seq: int = 0  # the newest ALERT that was not stale
    opened_seq: int = 0  # the ALERT since which it counts as not over
    alert_id: int | None = None  # the open alert that holds it

    @property
    def answered(self) -> bool:
        """Tells whether its own ACCEPT came after it fired: then it is taken in any order."""
        return self.accept_seq > self.opened_seq


def match_key(said: str) -> str:
    """Returns a key as Ingest compares keys: trimmed, without case.

    No event's key has a NUL, and not every database takes one.
    """
    return said.replace("\0", "").strip().casefold()


def decide(
    key: KeyState, status: Status | None, type_: EventType, seq: int
) -> tuple[KeyState, Outcome]:
    """Returns the key after an event, and what becomes of the event.

    `status` is the open alert's; None if there is none.
    """
    match type_:
        case EventType.ALERT:
            return _alert(key, status, seq)
        case EventType.ACCEPT:
            after = replace(key, accept_seq=max(key.accept_seq, seq))
            takes = status is Status.PENDING and key.opened_seq < seq
            return after, Outcome.ACCEPTED if takes else Outcome.NOTHING
        case EventType.RESOLVE:
            after = replace(key, resolve_seq=max(key.resolve_seq, seq))
            return _resolve(after, status, seq)
        case EventType.COMMENT:
            heard = status is not None and key.opened_seq < seq
            return key, Outcome.COMMENTED if heard else Outcome.NOTHING
        case EventType.OTHER:
            return key, Outcome.NOTHING


def resolved_by_hand(key: KeyState) -> KeyState:
    """Returns the key after its open alert ended as a whole: every event so far is answered."""
    newest = max(key.resolve_seq, key.last_alert_seq)
    return replace(key, resolve_seq=newest, alert_id=None)


def _alert(key: KeyState, status: Status | None, seq: int) -> tuple[KeyState, Outcome]:
    if seq <= key.resolve_seq:
        return key, Outcome.STALE
    after = replace(key, last_alert_seq=max(key.last_alert_seq, seq))
    if status is not None:
        return after, Outcome.REPEATED
    taken = seq < key.accept_seq
    return (
        replace(after, opened_seq=seq),
        Outcome.RAISED_ACCEPTED if taken else Outcome.RAISED,
    )


def _resolve(key: KeyState, status: Status | None, seq: int) -> tuple[KeyState, Outcome]:
    if status is None:
        return key, Outcome.NOTHING
    if key.last_alert_seq < seq:
        return key, Outcome.RESOLVED
    if key.opened_seq > seq:
        return key, Outcome.NOTHING
    # A late resolve: in order, an alert after it would have opened anew. Which one is not
    # known, so the newest counts: an accept before that one must not take it.
    anew = replace(key, opened_seq=key.last_alert_seq)
    if status is Status.ACCEPTED and not anew.answered:
        return anew, Outcome.RAISED_ANEW
    return anew, Outcome.NOTHING
