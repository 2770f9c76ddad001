"""What a document changes of Escalation's own records: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.escalation.documents.differences import differences
from services.escalation.documents.names import KINDS, called, names
from services.escalation.documents.records import Records
from services.escalation.documents.rendering import lasting, render
from services.escalation.documents.resolving import placed, resolve
from services.escalation.domain.checks import folded
from services.escalation.domain.policies import BUILT_IN
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.configuration.v1.configuration_service_pb2 import Change
from tocsin.escalation.v1.schedule_pb2 import Shift


@dataclass(frozen=True, slots=True)
class Put:
    """A record of a document that is made, or replaces the one that has its name."""

    place: str
    record: Any
    id: int  # 0 for one that is made


@dataclass(frozen=True, slots=True)
class Overrides:
    """What replaces the overrides of a schedule that are not over."""

    place: str
    schedule: str
    shifts: Sequence[Shift]


@dataclass(frozen=True, slots=True)
class Plan:
    """How what is stored becomes what a document says."""

    stored: Records
    before: Configuration
    after: Configuration
    puts: Mapping[str, Sequence[Put]]  # by section
    overrides: Sequence[Overrides]
    deleted: Mapping[str, Sequence[int]]  # by section


def plan(told: Configuration, stored: Records, now: datetime, *, prune: bool) -> Plan:
    """Returns what becomes of what is stored. Raises Unresolved with everything that is wrong."""
    wanted = resolve(told, stored, now)
    deleted = _deleted(told, stored, wanted) if prune else {}
    merged = _merged(stored, wanted, deleted, now, prune=prune)
    known = names(stored, merged)
    before, after = (render(records, known, now) for records in (stored, merged))
    changed = {
        (change.section, folded(change.name)): change
        for change in differences(before, after)
        if change.action != Change.DELETE
    }
    return Plan(
        stored=stored,
        before=before,
        after=after,
        puts=_puts(told, stored, changed),
        overrides=_overrides(told, changed, now),
        deleted=deleted,
    )


def records_after(told: Configuration, stored: Records, now: datetime, *, prune: bool) -> Records:
    """Returns what is stored once a document is applied, with the ids that come next.

    Raises Unresolved with everything that is wrong.
    """
    wanted = resolve(told, stored, now)
    deleted = _deleted(told, stored, wanted) if prune else {}
    return _merged(stored, wanted, deleted, now, prune=prune)


def _puts(
    told: Configuration, stored: Records, changed: Mapping[tuple[str, str], Change]
) -> dict[str, list[Put]]:
    known = names(stored)
    sections: dict[str, tuple[Any, str]] = {
        "users": (told.users, ""),
        "teams": (told.teams, ""),
        "schedules": ([each.schedule for each in told.schedules], ".schedule"),
        "supportHours": (told.support_hours, ""),
        "escalationPolicies": (told.escalation_policies, ""),
    }
    puts: dict[str, list[Put]] = {}
    for section, (records, inside) in sections.items():
        puts[section] = []
        for place, record in placed(section, records, [], inside):
            change = changed.get((section, folded(called(record))))
            if change is not None and (not inside or _touches(change, "schedule")):
                ids = known.find(KINDS[type(record)], called(record))
                puts[section].append(Put(place, record, ids[0] if ids else 0))
    return puts


def _overrides(
    told: Configuration, changed: Mapping[tuple[str, str], Change], now: datetime
) -> list[Overrides]:
    found = []
    for index, each in enumerate(told.schedules):
        name = called(each.schedule)
        change = changed.get(("schedules", folded(name)))
        if change is not None and _touches(change, "overrides"):
            shifts = [shift for shift in each.overrides if shift.end.ToDatetime(now.tzinfo) > now]
            found.append(Overrides(f"schedules[{index}]", name, shifts))
    return found


def _touches(change: Change, part: str) -> bool:
    return any(field.field.startswith(part) for field in change.fields)


def _deleted(told: Configuration, stored: Records, wanted: Records) -> dict[str, list[int]]:
    """Returns what is not named, of the kinds of which anything is."""
    kinds: dict[str, tuple[Any, Mapping[int, Any], Mapping[int, Any]]] = {
        "users": (told.users, stored.users, wanted.users),
        "teams": (told.teams, stored.teams, wanted.teams),
        "schedules": (told.schedules, stored.schedules, wanted.schedules),
        "supportHours": (told.support_hours, stored.support_hours, wanted.support_hours),
        "escalationPolicies": (told.escalation_policies, stored.policies, wanted.policies),
    }
    return {
        section: [
            id_
            for id_ in known
            if records
            and id_ not in named
            and not (section == "escalationPolicies" and id_ == BUILT_IN)
        ]
        for section, (records, known, named) in kinds.items()
    }


def _merged(
    stored: Records,
    wanted: Records,
    deleted: Mapping[str, Sequence[int]],
    now: datetime,
    *,
    prune: bool,
) -> Records:
    overrides = {
        id_: shifts for id_, shifts in wanted.overrides.items() if prune or lasting(shifts, now)
    }

    def kept(section: str, known: Mapping[int, Any], new: Mapping[int, Any]) -> dict[int, Any]:
        gone = deleted.get(section, ())
        return {id_: each for id_, each in {**known, **new}.items() if id_ not in gone}

    return replace(
        stored,
        users=kept("users", stored.users, wanted.users),
        teams=kept("teams", stored.teams, wanted.teams),
        schedules=kept("schedules", stored.schedules, wanted.schedules),
        overrides={**stored.overrides, **overrides},
        support_hours=kept("supportHours", stored.support_hours, wanted.support_hours),
        policies=kept("escalationPolicies", stored.policies, wanted.policies),
    )
