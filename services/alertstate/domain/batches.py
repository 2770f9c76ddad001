"""What a batch of events does to the alerts and keys that it concerns.

The whole batch is worked out in memory, by rising `seq`; nothing here knows how it is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.alertstate.domain.alerts import (
    Actor,
    Alert,
    Cause,
    Content,
    Entry,
    EntryType,
    Status,
    accepted,
    called,
    resolved,
    written,
)
from services.alertstate.domain.keys import EventType, KeyState, Outcome, decide

#: Repeats of an alert that its log tells of; the event log has the rest.
MOST_REPEATS_TOLD = 100

#: A source and the key as compared.
Key = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as Ingest understood it."""

    seq: int
    type: EventType
    actor: Actor  # the source
    source_id: int
    content: Content
    accept_time: datetime

    @property
    def key(self) -> Key | None:
        """What the event finds its alert by; None if it cannot."""
        match_key = self.content.match_key
        return (self.source_id, match_key) if match_key else None


@dataclass(slots=True, eq=False)
class Case:
    """An alert that a batch may change. A new one has the id 0 until it is numbered."""

    alert: Alert
    cause: Cause
    actor: Actor
    is_new: bool = False
    changed: bool = False
    entries: list[Entry] = field(default_factory=list)

    def tell(self, type_: EntryType, text: str, at: datetime) -> None:
        """Adds to the alert's log."""
        self.entries.append(Entry(type_, text, at))


@dataclass(slots=True)
class Worked:
    """What a batch comes to."""

    cases: list[Case]
    keys: dict[Key, tuple[KeyState, Case | None]]  # with the open alert
    outcomes: list[tuple[Event, Outcome, Case | None]]

    @property
    def raised(self) -> list[Case]:
        """The new alerts."""
        return [case for case in self.cases if case.is_new]

    def number(self, first: int) -> None:
        """Gives the new alerts their ids."""
        for id_, case in enumerate(self.raised, start=first):
            case.alert = replace(case.alert, id=id_)


def work(
    events: Iterable[Event],
    keys: Mapping[Key, KeyState],
    alerts: Mapping[int, Alert],
    now: datetime,
) -> Worked:
    """Returns what the events come to, given their keys and those keys' open alerts."""
    bench = _Bench(keys, alerts, now)
    for event in sorted(events, key=lambda event: event.seq):
        bench.take(event)
    for case in bench.cases:
        case.alert = written(case.alert, case.entries)
    return Worked(cases=bench.cases, keys=bench.keys, outcomes=bench.outcomes)


class _Bench:
    """A batch being worked on."""

    def __init__(
        self, keys: Mapping[Key, KeyState], alerts: Mapping[int, Alert], now: datetime
    ) -> None:
        self._stored = keys
        self._alerts = alerts
        self._now = now
        self.cases: list[Case] = []
        self.keys: dict[Key, tuple[KeyState, Case | None]] = {}
        self.outcomes: list[tuple[Event, Outcome, Case | None]] = []

    def take(self, event: Event) -> None:
        if event.key is not None:
            state, case = self.keys.get(event.key) or self._load(event, event.key)
            status = case.alert.status if case else None
            state, outcome = decide(state, status, event.type, event.seq)
            open_case, concerned = self._apply(event, outcome, case)
            self.keys[event.key] = state, open_case
        elif event.type is EventType.ALERT:
            outcome, concerned = Outcome.RAISED, self._raise(event, event.content)
        else:
            outcome, concerned = Outcome.NOTHING, None
        self.outcomes.append((event, outcome, concerned))

    def _load(self, event: Event, key: Key) -> tuple[KeyState, Case | None]:
        state = self._stored.get(key, KeyState())
        if state.alert_id is None:
            return state, None
        return state, Case(self._alerts[state.alert_id], Cause.REPEATED, event.actor)

    def _apply(
        self, event: Event, outcome: Outcome, case: Case | None
    ) -> tuple[Case | None, Case | None]:
        """Does what was decided; returns the alert that is open now, and the one concerned."""
        if outcome in (Outcome.RAISED, Outcome.RAISED_ACCEPTED):
            raised = self._raise(event, event.content)
            if outcome is Outcome.RAISED_ACCEPTED:
                self._accept(event, raised)
            return raised, raised
        if case is None or outcome in (Outcome.NOTHING, Outcome.STALE):
            return case, None
        if not case.changed:
            self._keep(case)
        match outcome:
            case Outcome.REPEATED:
                self._repeat(event, case)
                return case, case
            case Outcome.ACCEPTED:
                self._accept(event, case)
                return case, case
            case Outcome.RESOLVED:
                self._resolve(event, case)
                return None, case
            case _:
                self._resolve(event, case)
                raised = self._raise(event, case.alert.content)
                return raised, raised

    def _keep(self, case: Case) -> None:
        case.changed = True
        self.cases.append(case)

    def _raise(self, event: Event, content: Content) -> Case:
        alert = Alert(
            id=0,
            source_id=event.source_id,
            content=content,
            status=Status.PENDING,
            report_time=event.accept_time,
            accept_time=event.accept_time,
        )
        case = Case(alert, Cause.RAISED, event.actor, is_new=True)
        self._keep(case)
        case.tell(EntryType.RECEIVED, f"{called(event.actor)} raised the alert", self._now)
        return case

    def _repeat(self, event: Event, case: Case) -> None:
        case.alert = replace(case.alert, event_count=case.alert.event_count + 1)
        if case.alert.event_count <= MOST_REPEATS_TOLD + 1:
            text = f"{called(event.actor)} repeated the alert: {event.content.summary}"
            case.tell(EntryType.RECEIVED, text, self._now)

    def _accept(self, event: Event, case: Case) -> None:
        case.alert = accepted(case.alert, event.actor, self._now)
        self._answer(event, case, Cause.ACCEPTED)

    def _resolve(self, event: Event, case: Case) -> None:
        case.alert = resolved(case.alert, self._now)
        self._answer(event, case, Cause.RESOLVED)

    def _answer(self, event: Event, case: Case, cause: Cause) -> None:
        case.cause, case.actor = cause, event.actor
        text = f"{called(event.actor)} {cause.lower()} the alert"
        case.tell(EntryType.SOURCE_RESPONSE, text, self._now)
