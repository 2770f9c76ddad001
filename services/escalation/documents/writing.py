"""Escalation's own part of a change, in one transaction, and how to take it back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.errors import Conflict, NotFound, TocsinError
from services.escalation.documents import rendering
from services.escalation.documents.linking import linked
from services.escalation.documents.names import SCHEDULE, Names, called, names
from services.escalation.documents.planning import Overrides, Plan, Put
from services.escalation.documents.problems import Problem, Unresolved, of_error
from services.escalation.documents.sections import SCHEDULES, SECTIONS, Section
from services.escalation.documents.storing import digest, load
from services.escalation.servicer import shifts as shift_calls
from services.escalation.sources import source_changed
from services.escalation.store import schedules
from services.escalation.store.alone import CONFIGURATION, alone
from tocsin.escalation.v1.schedule_pb2 import Shift
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """A record, or a schedule's overrides, as they were and were made."""

    section: Section
    id: int
    before: Message | None
    after: Message | None
    overrides: tuple[list[Shift], list[Shift]] | None = None


@dataclass(slots=True)
class Written:
    """What became of a plan."""

    names: Names
    problems: list[Problem] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    made: dict[str, list[int]] = field(default_factory=dict)  # by kind


def write(connection: Connection, clock: Clock, plan: Plan) -> Written:
    """Makes and changes what a plan says. Raises Unresolved, and Conflict."""
    written = try_write(connection, clock, plan, noted=True)
    if written.problems:
        raise Unresolved(written.problems)
    return written


def try_write(connection: Connection, clock: Clock, plan: Plan, *, noted: bool = False) -> Written:
    """Makes and changes what a plan says, as far as that is allowed. Raises Conflict.

    The steps to take it back are noted if that is wanted.
    """
    alone(connection, CONFIGURATION)
    if digest(load(connection)) != digest(plan.stored):
        raise Conflict("the configuration changed meanwhile")
    writing = _Writing(connection, clock, Written(names(plan.stored)), noted)
    for section in SECTIONS:
        writing.settle(plan.puts[section.word], partial(writing.put, section))
        if section is SCHEDULES:
            writing.settle(plan.overrides, writing.replace_overrides)
        if writing.written.problems:
            break  # what refers to these would only be wrong for the same reason
    return writing.written


def delete(
    connection: Connection, clock: Clock, plan: Plan, sources: Sequence[AlertSourceChanged]
) -> None:
    """Deletes what a plan says, knowing what became of the alert sources. Raises Unresolved."""
    if problems := try_delete(connection, clock, plan, sources):
        raise Unresolved(problems)


def try_delete(
    connection: Connection, clock: Clock, plan: Plan, sources: Sequence[AlertSourceChanged]
) -> list[Problem]:
    """Deletes what a plan says, as far as nothing uses it; returns what is in the way."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    for changed in sources:
        source_changed(connection, now, changed)
    writing = _Writing(connection, clock, Written(Names()))
    for section in reversed(SECTIONS):
        ids = plan.deleted.get(section.word, ())
        writing.settle(ids, partial(section.delete, connection, clock))
    return writing.written.problems


def try_all(
    connection: Connection, clock: Clock, plan: Plan, sources: Sequence[AlertSourceChanged]
) -> list[Problem]:
    """Does all that a plan says; returns what is in the way. Raises Conflict."""
    written = try_write(connection, clock, plan)
    return written.problems or try_delete(connection, clock, plan, sources)


def revert(connection: Connection, clock: Clock, steps: Sequence[Step]) -> None:
    """Takes steps back, the last first. What somebody else changed since then is left alone."""
    alone(connection, CONFIGURATION)
    for step in reversed(steps):
        if step.overrides is not None:
            before, after = step.overrides
            if _overrides(connection, clock.now(connection), step.id) == after:
                shift_calls.replace_overrides(connection, clock, step.id, before)
        elif _current(connection, step) == step.after:
            if step.before is None:
                step.section.delete(connection, clock, step.id)
            else:
                step.section.update(connection, clock, step.id, step.before)


@dataclass(slots=True)
class _Writing:
    """A change on its way."""

    connection: Connection
    clock: Clock
    written: Written
    noted: bool = False  # whether it may have to be taken back

    def settle(self, items: Sequence[T], act: Callable[[T], None]) -> None:
        """Does something with all items, in whatever order it can be done.

        Adds a problem for each with which it cannot.
        """
        left = list(items)
        while left:
            failed: list[tuple[T, TocsinError]] = []
            for item in left:
                try:
                    act(item)
                except TocsinError as error:
                    failed.append((item, error))
            if len(failed) == len(left):
                self.written.problems += [
                    problem for item, error in failed for problem in _problems(item, error)
                ]
                return
            left = [item for item, _ in failed]

    def put(self, section: Section, put: Put) -> None:
        """Makes or replaces a record."""
        told = self._linked(put.record, put.place)
        before = section.current(self.connection, put.id) if put.id and self.noted else None
        if put.id:
            section.update(self.connection, self.clock, put.id, told)
        id_ = put.id or section.create(self.connection, self.clock, told).id
        self.written.names.add(section.kind, called(put.record), id_)
        if not put.id:
            self.written.made.setdefault(section.kind, []).append(id_)
        if self.noted:
            after = section.current(self.connection, id_)
            self.written.steps.append(Step(section, id_, before, after))

    def replace_overrides(self, wanted: Overrides) -> None:
        """Replaces a schedule's overrides that are not over."""
        (id_,) = self.written.names.find(SCHEDULE, wanted.schedule)
        told = [
            self._linked(shift, f"{wanted.place}.overrides[{index}]")
            for index, shift in enumerate(wanted.shifts)
        ]
        now = self.clock.now(self.connection)
        before = _overrides(self.connection, now, id_)
        shift_calls.replace_overrides(self.connection, self.clock, id_, told)
        after = _overrides(self.connection, now, id_)
        self.written.steps.append(Step(SCHEDULES, id_, None, None, (before, after)))

    def _linked(self, record: Any, place: str) -> Any:
        faults: list[Problem] = []
        told = linked(record, place, self.written.names, faults)
        if faults:
            raise Unresolved(faults)
        return told


def _problems(item: object, error: TocsinError) -> list[Problem]:
    if isinstance(error, Unresolved):
        return error.problems
    return [of_error(item.place if isinstance(item, Put | Overrides) else "", error)]


def _current(connection: Connection, step: Step) -> Message | None:
    try:
        return step.section.current(connection, step.id)
    except NotFound:
        return None


def _overrides(connection: Connection, now: datetime, schedule_id: int) -> list[Shift]:
    known = schedules.overrides(connection, [schedule_id], now)[schedule_id]
    return [rendering.shift(shift) for shift in known]
