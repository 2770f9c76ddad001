"""What a batch of events does to the alerts and keys that it concerns.

The whole batch is worked out in memory, by rising `seq`; nothing here knows how it is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from services.alertstate.domain.alerts import (
    Actor,
    Alert,
    Cause,
    Content,
    Priority,
    Status,
    accepted,
    following,
    prioritised,
    resolved,
    written,
)
from services.alertstate.domain.cases import Case, Event, Key, Worked
from services.alertstate.domain.entries import Entry, EntryType
from services.alertstate.domain.grouping import Creation, Groups
from services.alertstate.domain.keys import EventType, KeyState, Outcome, decide

#: Repeats of an alert that its log tells of; the event log has the rest.
MOST_REPEATS_TOLD = 100


def work(
    events: Iterable[Event],
    keys: Mapping[Key, KeyState],
    alerts: Mapping[int, Alert],
    now: datetime,
) -> Worked:
    """Returns what the events come to, given their keys, those keys' open alerts, and the
    open alerts that may take other keys' events in, with their keys.
    """
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
        self._now = now
        self._stored_cases = {
            id_: Case(alert, Cause.COMMENTED, _nobody(alert)) for id_, alert in alerts.items()
        }
        self._groups: Groups[Case] = Groups(self._stored_cases.values(), lambda case: case.alert)
        self.cases: list[Case] = []
        self.keys: dict[Key, tuple[KeyState, Case | None]] = {}
        self.outcomes: list[tuple[Event, Outcome, Case | None]] = []

    def take(self, event: Event) -> None:
        concerned: Case | None
        if event.key is not None:
            state, case = self._of(event.key)
            status = case.alert.status if case else None
            after, outcome = decide(state, status, event.type, event.seq)
            group = self._group(event, outcome)
            if group is not None:
                outcome, concerned = Outcome.GROUPED, group
                self.keys[event.key] = replace(after, opened_seq=state.opened_seq), None
                self._take_in(event, group)
            else:
                open_case, concerned = self._apply(event, outcome, case)
                if outcome is Outcome.REPEATED and event.creation is not Creation.EACH:
                    after = replace(after, opened_seq=min(after.opened_seq, event.seq))
                self.keys[event.key] = after, open_case
        else:
            outcome, concerned = self._take_keyless(event)
        if concerned is not None:
            self._hear(event, concerned)
        self.outcomes.append((event, outcome, concerned))

    def _take_keyless(self, event: Event) -> tuple[Outcome, Case | None]:
        if event.type is not EventType.ALERT:
            return Outcome.NOTHING, None
        group = self._group(event, Outcome.RAISED)
        if group is None:
            return Outcome.RAISED, self._raise(event, event.content)
        self._take_in(event, group)
        return Outcome.GROUPED, group

    def _of(self, key: Key) -> tuple[KeyState, Case | None]:
        known = self.keys.get(key)
        if known is not None:
            return known
        state = self._stored.get(key, KeyState())
        return state, self._stored_cases[state.alert_id] if state.alert_id is not None else None

    def _group(self, event: Event, outcome: Outcome) -> Case | None:
        """Returns the open alert that takes the event in, though it has another key."""
        if outcome not in (Outcome.RAISED, Outcome.RAISED_ACCEPTED):
            return None
        case = self._groups.find(event.creation, event.source_id, event.content.summary)
        if case is None or case.alert.status is Status.PENDING or case.alert.key is None:
            return case
        # In order the event would have opened the alert: an accept of another key is not its.
        state, holder = self._of(case.alert.key)
        return None if holder is case and event.seq < state.opened_seq else case

    def _take_in(self, event: Event, case: Case) -> None:
        """Adds an event to an alert of another key; the oldest event names the alert."""
        key = case.alert.key
        state, holder = self._of(key) if key is not None else (KeyState(), None)
        if key is not None and holder is case:
            newest = max(state.last_alert_seq, event.seq)
            if event.seq < state.opened_seq:
                self.keys[key] = state, None
                self._rename(event, case, newest)
            else:
                grouped = max(state.grouped_seq, event.seq)
                after = replace(state, last_alert_seq=newest, grouped_seq=grouped)
                self.keys[key] = after, case
        self._repeat(event, case)

    def _rename(self, event: Event, case: Case, newest: int) -> None:
        named = event.content
        case.alert = replace(
            case.alert,
            content=replace(
                case.alert.content, alert_key=named.alert_key, match_key=named.match_key
            ),
        )
        if event.key is not None:
            state, _ = self._of(event.key)
            after = replace(state, opened_seq=event.seq, last_alert_seq=newest, grouped_seq=newest)
            self.keys[event.key] = after, case

    def _apply(
        self, event: Event, outcome: Outcome, case: Case | None
    ) -> tuple[Case | None, Case | None]:
        """Does what was decided; returns the alert that is open now, and the one concerned."""
        if outcome in (Outcome.RAISED, Outcome.RAISED_ACCEPTED):
            raised = self._raise(event, event.content)
            # In order, an alert of another key may have taken the event in: then nobody took it.
            if outcome is Outcome.RAISED_ACCEPTED and event.creation is Creation.EACH:
                self._accept(event, raised)
            return raised, raised
        if case is None or outcome in (Outcome.NOTHING, Outcome.STALE):
            return case, None
        match outcome:
            case Outcome.REPEATED:
                self._repeat(event, case)
                return case, case
            case Outcome.COMMENTED:
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
        if not case.changed:
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
            routed_policy_id=event.routed_policy_id,
            routed_seq=event.seq,
        )
        case = Case(alert, Cause.RAISED, event.actor, is_new=True)
        case.auto_resolution_seconds = event.auto_resolution_seconds
        self._keep(case)
        self._groups.add(case)
        case.tell(EntryType.RECEIVED, "raised", event.actor, self._now)
        return case

    def _repeat(self, event: Event, case: Case) -> None:
        self._keep(case)
        case.mark(Cause.REPEATED, event.actor)
        case.alert = replace(case.alert, event_count=case.alert.event_count + 1)
        case.auto_resolution_seconds = event.auto_resolution_seconds
        if case.alert.event_count <= MOST_REPEATS_TOLD + 1:
            summary = event.content.summary
            case.tell(EntryType.RECEIVED, "repeated", event.actor, self._now, summary=summary)
        high = event.content.priority is Priority.HIGH
        if high and case.alert.content.priority is Priority.LOW:
            self._raise_priority(event, case)
        self._reroute(event, case)

    def _raise_priority(self, event: Event, case: Case) -> None:
        episode = case.alert.episode
        case.alert = prioritised(case.alert, Priority.HIGH)
        if case.is_new:  # nobody knows of it yet
            case.alert = replace(case.alert, episode=episode)
        case.mark(Cause.PRIORITY_CHANGED, event.actor)
        case.tell(
            EntryType.RAISED_BY_SYSTEM, "raised_priority", event.actor, self._now, priority="HIGH"
        )

    def _reroute(self, event: Event, case: Case) -> None:
        """Moves a PENDING alert to the policy that a later routing key names."""
        policy_id = event.routed_policy_id
        if not policy_id or event.seq <= case.alert.routed_seq:
            return
        same = policy_id == case.alert.routed_policy_id
        case.alert = replace(case.alert, routed_policy_id=policy_id, routed_seq=event.seq)
        moved = not same and policy_id != case.alert.content.policy_id
        if not moved or case.alert.status is not Status.PENDING:
            return
        episode = case.alert.episode
        case.alert = following(case.alert, policy_id)
        if case.is_new:
            case.alert = replace(case.alert, episode=episode)
        case.mark(Cause.REASSIGNED, event.actor)
        name = event.routed_policy_name
        case.tell(EntryType.ASSIGNED_TO_POLICY, "routed", event.actor, self._now, policy=name)

    def _hear(self, event: Event, case: Case) -> None:
        """Adds the event's comments; those of a repeat as long as the log tells of repeats."""
        repeats = event.type is EventType.ALERT and case.alert.event_count > MOST_REPEATS_TOLD + 1
        for said in () if repeats else event.comments:
            self._keep(case)
            case.mark(Cause.COMMENTED, event.actor)
            case.comments.append(said)
            case.alert = replace(case.alert, comment_count=case.alert.comment_count + 1)
            told = {"actor": said.creator, "content": said.content}
            case.entries.append(Entry(EntryType.COMMENTED_BY_SYSTEM, "commented", self._now, told))

    def _accept(self, event: Event, case: Case) -> None:
        self._keep(case)
        case.alert = accepted(case.alert, event.actor, self._now)
        case.mark(Cause.ACCEPTED, event.actor)
        case.tell(EntryType.SOURCE_RESPONSE, "accepted", event.actor, self._now)

    def _resolve(self, event: Event, case: Case) -> None:
        self._keep(case)
        case.alert = resolved(case.alert, self._now)
        case.mark(Cause.RESOLVED, event.actor)
        case.tell(EntryType.SOURCE_RESPONSE, "resolved", event.actor, self._now)


def _nobody(alert: Alert) -> Actor:
    return Actor(kind="SOURCE", id=str(alert.source_id), name="")
