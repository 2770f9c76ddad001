"""What a batch of events does to the alerts and keys that it concerns.

The whole batch is worked out in memory, by rising `seq`; nothing here knows how it is stored.
Events in order do what the grouping modes say. Where one that comes late leaves open whether
somebody took what an alert holds, it goes on in an alert that is PENDING: rather a page too many
than one too few.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.alertstate.domain import effects
from services.alertstate.domain.alerts import Actor, Alert, Cause, Status, written
from services.alertstate.domain.cases import Case, Event, Key, Worked
from services.alertstate.domain.grouping import Creation, Groups, Order
from services.alertstate.domain.keys import EventType, KeyState, Outcome, decide, resolved_by_hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is known before a batch."""

    keys: Mapping[Key, KeyState]  # of the events, and where `Order` asks for it, of the alerts
    alerts: Mapping[int, Alert]  # those keys' open alerts, and those that may take events in
    orders: Mapping[int, Order]  # of the sources that group


def work(events: Iterable[Event], stored: Stored, now: datetime) -> Worked:
    """Returns what the events come to."""
    bench = _Bench(stored, now)
    for event in sorted(events, key=lambda event: event.seq):
        bench.take(event)
    for case in bench.cases:
        case.alert = written(case.alert, case.entries)
    return Worked(cases=bench.cases, keys=bench.keys, orders=bench.orders, outcomes=bench.outcomes)


class _Bench:
    """A batch being worked on."""

    def __init__(self, stored: Stored, now: datetime) -> None:
        self._stored = stored.keys
        self._now = now
        known = stored.alerts.items()
        self._stored_cases = {
            id_: Case(alert, Cause.COMMENTED, _nobody(alert)) for id_, alert in known
        }
        self._groups: Groups[Case] = Groups(self._stored_cases.values(), lambda case: case.alert)
        self.cases: list[Case] = []
        self.keys: dict[Key, tuple[KeyState, Case | None]] = {}
        self.orders: dict[int, Order] = dict(stored.orders)
        self.outcomes: list[tuple[Event, Outcome, Case | None]] = []
        self._members: dict[Case, set[Key]] = defaultdict(set)
        for key in stored.keys:
            held_by = self._of(key)[1]
            if held_by is not None:
                self._members[held_by].add(key)

    def take(self, event: Event) -> None:
        order = self._order(event)
        ordered = event.creation is not Creation.EACH and event.changes_what_is_open
        if ordered:
            divides = event.creation.divides
            self.orders[event.source_id] = order.after(event.type, event.seq, divides=divides)
        if event.key is not None:
            outcome, concerned = self._take_keyed(event, event.key, order)
        else:
            outcome, concerned = self._take_keyless(event)
        if ordered and order.is_late(event.seq):
            self._doubt(event)
        if concerned is not None and event.comments:
            self._keep(concerned)
            effects.hear(concerned, event, self._now)
        self.outcomes.append((event, outcome, concerned))

    def _take_keyed(self, event: Event, key: Key, before: Order) -> tuple[Outcome, Case | None]:
        state, case = self._of(key)
        status = case.alert.status if case else None
        after, outcome = decide(state, status, event.type, event.seq)
        if outcome in (Outcome.RAISED, Outcome.RAISED_ACCEPTED):
            return self._open(event, key, after, outcome)
        if outcome is Outcome.REPEATED and event.creation is not Creation.EACH:
            after = replace(after, opened_seq=min(after.opened_seq, event.seq))
        self._put(key, after, case)
        if case is not None and after.opened_seq > state.opened_seq:
            self._settle(event, case, self._order(event).newest_seq)
        if case is None or outcome in (Outcome.NOTHING, Outcome.STALE):
            return outcome, None
        match outcome:
            case Outcome.REPEATED:
                self._add(event, case)
            case Outcome.ACCEPTED:
                return self._answer(event, case, before)
            case Outcome.RESOLVED:
                return self._release(event, key, case)
            case Outcome.RAISED_ANEW:
                return self._raise_anew(event, key, case)
        return outcome, case

    def _take_keyless(self, event: Event) -> tuple[Outcome, Case | None]:
        if event.type is not EventType.ALERT:
            return Outcome.NOTHING, None
        group = self._group(event)
        case = group or self._raise(event)
        if group is not None:
            self._add(event, group, joins=True)
        _hold_keyless(case, event.seq)
        return Outcome.GROUPED if group else Outcome.RAISED, case

    def _of(self, key: Key) -> tuple[KeyState, Case | None]:
        known = self.keys.get(key)
        if known is not None:
            return known
        state = self._stored.get(key, KeyState())
        case = self._stored_cases[state.alert_id] if state.alert_id is not None else None
        if case is not None and case.alert.status is Status.RESOLVED:
            return resolved_by_hand(state), None  # a person was faster than the key was stored
        return state, case

    def _put(self, key: Key, state: KeyState, case: Case | None) -> None:
        """Keeps what is known of a key now, and the alert that holds it."""
        held_by = self._of(key)[1]
        if held_by is not case:
            if held_by is not None:
                self._members[held_by].discard(key)
                held_by.alert = replace(held_by.alert, held=held_by.alert.held - 1)
            if case is not None:
                self._members[case].add(key)
                case.alert = replace(case.alert, held=case.alert.held + 1)
        self.keys[key] = state, case

    def _order(self, event: Event) -> Order:
        return self.orders.get(event.source_id, Order())

    def _group(self, event: Event) -> Case | None:
        order = self._order(event)
        return self._groups.find(event.creation, event.source_id, event.content.summary, order)

    def _open(
        self, event: Event, key: Key, after: KeyState, outcome: Outcome
    ) -> tuple[Outcome, Case | None]:
        """Puts a key that fires now into an alert that takes it in, or into one of its own."""
        taken = outcome is Outcome.RAISED_ACCEPTED
        # One that was answered before it came might take others with it: it stays by itself.
        group = None if taken and event.creation.divides else self._group(event)
        case = group or self._raise(event)
        self._put(key, after, case)
        if group is not None:
            self._add(event, group, joins=True)
        if taken and case.alert.status is Status.PENDING:
            self._accept(event, case)
        return Outcome.GROUPED if group else outcome, case

    def _add(self, event: Event, case: Case, *, joins: bool = False) -> None:
        """Adds an event to an alert; the oldest event names an alert that groups."""
        self._keep(case)
        if joins:
            self._settle(event, case, event.seq)
        if event.seq < case.alert.begun_seq:
            case.alert = replace(case.alert, begun_seq=event.seq)
            if event.creation is not Creation.EACH:
                effects.name(case, event)
        effects.repeat(case, event, self._now, joins=joins)

    def _answer(self, event: Event, case: Case, before: Order) -> tuple[Outcome, Case | None]:
        """Accepts an alert unless something in it may have been in another one."""
        if not event.creation.divides or not self._order(event).doubts(case.alert):
            answers = True
        elif event.creation is Creation.ONE_PENDING and not before.is_late(event.seq):
            # Nothing was accepted since the alert began: all that it holds pends as one.
            answers = before.accept_seq < case.alert.begun_seq or not self._open_questions(case)
        else:
            answers = not self._open_questions(case)
        if not answers:
            return Outcome.NOTHING, None
        self._accept(event, case)
        return Outcome.ACCEPTED, case

    def _release(self, event: Event, key: Key, case: Case) -> tuple[Outcome, Case | None]:
        self._put(key, self._of(key)[0], None)
        self._keep(case)
        if case.alert.holds_nothing:
            effects.resolve(case, event, self._now)
            return Outcome.RESOLVED, case
        effects.release(case, event, self._now)
        return Outcome.RELEASED, case

    def _raise_anew(self, event: Event, key: Key, case: Case) -> tuple[Outcome, Case | None]:
        """Acts on a resolve that came after newer alerts of its key were put into the alert."""
        if event.creation is not Creation.ONE_OPEN:
            return Outcome.RAISED_ANEW, self._move(event, case, {key})
        if not self._undone(event, case):
            return Outcome.NOTHING, None
        return Outcome.RAISED_ANEW, self._move(event, case, self._members[case], keyless=True)

    def _doubt(self, event: Event) -> None:
        """Raises anew what newer events were taken for accepted and a late one makes uncertain."""
        for case in self._groups.taken(event.source_id):
            if event.seq >= case.alert.settled_seq:
                continue
            if event.creation.divides:
                if case.alert.keyless_seq is not None or self._unanswered(case):
                    self._move(event, case, self._unanswered(case), keyless=True)
            elif event.type is EventType.RESOLVE and self._undone(event, case):
                self._move(event, case, self._members[case], keyless=True)

    def _undone(self, event: Event, case: Case) -> bool:
        """Tells whether a late RESOLVE may mean that nobody took a source's only open alert.

        It may have ended the alert, unless that held then what still fires now; and an ACCEPT of
        its key may have met nothing. Where another key was accepted since it fires, all is.
        """
        alert, seq = case.alert, event.seq
        if seq < alert.begun_seq:
            return False
        members = [(key, self._of(key)[0]) for key in self._members[case]]
        if any(state.answered for _, state in members):
            self._settle(event, case, self._order(event).newest_seq)
            return False
        keyless = alert.keyless_seq is not None and alert.keyless_seq < seq
        held = any(key != event.key and state.opened_seq < seq for key, state in members)
        met = event.key is None or self._of(event.key)[0].accept_seq < seq
        return not (met and (keyless or held))

    def _unanswered(self, case: Case) -> set[Key]:
        return {key for key in self._members[case] if not self._of(key)[0].answered}

    def _open_questions(self, case: Case) -> bool:
        return case.alert.keyless_seq is not None or bool(self._unanswered(case))

    def _move(
        self, event: Event, case: Case, keys: Collection[Key], *, keyless: bool = False
    ) -> Case:
        """Puts what an alert holds into one that is PENDING; an alert left with nothing is over."""
        moved, alert = sorted(keys), case.alert
        self._keep(case)
        case.mark(Cause.REPEATED, event.actor)
        target = None
        if event.creation.divides:
            order, summary = self._order(event), alert.content.summary
            target = self._groups.find(event.creation, event.source_id, summary, order)
        if alert.held == len(moved) and (keyless or alert.keyless_seq is None):
            effects.resolve(case, event, self._now)
        if target is None:
            target = self._keep_new(effects.gone_on(event, alert, moved, self._now))
        elif not alert.silent:
            effects.sound(target, event, self._now)
        self._keep(target)
        target.mark(Cause.REPEATED, event.actor)
        for key in moved:
            self._put(key, self._of(key)[0], target)
        if keyless and alert.keyless_seq is not None:
            _hold_keyless(target, alert.keyless_seq)
            case.alert = replace(case.alert, keyless_seq=None)
        begun = min(target.alert.begun_seq, alert.begun_seq)
        target.alert = replace(target.alert, begun_seq=begun)
        return target

    def _keep(self, case: Case) -> None:
        if not case.changed:
            case.changed = True
            self.cases.append(case)

    def _raise(self, event: Event) -> Case:
        told = event.content, event.seq, event.silent
        return self._keep_new(effects.raised(event, *told, self._now))

    def _keep_new(self, case: Case) -> Case:
        self._keep(case)
        self._groups.add(case)
        return case

    def _settle(self, event: Event, case: Case, seq: int) -> None:
        """Notes up to which event an ACCEPTED alert depends on what came when."""
        if case.alert.status is Status.ACCEPTED and seq > case.alert.settled_seq:
            self._keep(case)
            case.mark(Cause.REPEATED, event.actor)
            case.alert = replace(case.alert, settled_seq=seq)

    def _accept(self, event: Event, case: Case) -> None:
        self._keep(case)
        settled = max(event.seq, self._order(event).newest_seq)
        effects.accept(case, event, settled, self._now)


def _hold_keyless(case: Case, seq: int) -> None:
    known = case.alert.keyless_seq
    oldest = seq if known is None else min(known, seq)
    case.alert = replace(case.alert, keyless_seq=oldest)


def _nobody(alert: Alert) -> Actor:
    return Actor(kind="SOURCE", id=str(alert.source_id), name="")
