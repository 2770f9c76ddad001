"""Runs at rest."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, cast, insert, select, update

from services.chassis.bulk import one_of, update_all
from services.chassis.errors import NotFound
from services.escalation.domain.policies import Plan, Stage
from services.escalation.domain.runs import Actor, Link, Priority, Run, State, Subject
from services.escalation.store.policies import level_rows, level_values
from services.escalation.store.tables import RunRow

RUN = RunRow.__table__
#: A run's columns; its plan as the text it is stored as, see `_plan`.
COLUMNS = [cast(c, Text).label(c.name) if c is RUN.c.plan else c for c in RUN.c]


def add(connection: Connection, run: Run) -> None:
    """Records a new run."""
    connection.execute(insert(RUN).values(_columns(run)))


def save(connection: Connection, run: Run) -> None:
    """Writes a run back."""
    connection.execute(update(RUN).where(RUN.c.id == run.id).values(_columns(run)))


def save_places(connection: Connection, stepped: Sequence[Run]) -> None:
    """Writes back where runs are, whose subjects and plans are what they were."""
    update_all(connection, RUN, [{"id": run.id, **_place(run)} for run in stepped])


def retell(connection: Connection, run: Run, subject: Subject, subject_version: int) -> None:
    """Notes what a run's subject has become, without a look at where the run is."""
    told: dict[str, Any] = {"subject_version": subject_version}
    if subject != run.subject:
        told |= {"subject": _subject_column(subject), "version": RUN.c.version + 1}
    connection.execute(update(RUN).where(RUN.c.id == run.id).values(told))


def get(connection: Connection, run_id: int, *, lock: bool = False) -> Run:
    """Returns a run, keeping others from changing it if `lock`. Raises NotFound."""
    query = select(*COLUMNS).where(RUN.c.id == run_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound(f"there is no escalation {run_id}")
    return _run(row)


def lock_free(connection: Connection, ids: Sequence[int]) -> list[Run]:
    """Returns those runs that nobody else is changing now, keeping others from changing them."""
    free = select(*COLUMNS).where(one_of(connection, RUN.c.id, ids))
    locked = free.order_by(RUN.c.due, RUN.c.id).with_for_update(skip_locked=True)
    return [_run(row) for row in connection.execute(locked)]


def by_keys(connection: Connection, keys: Iterable[str]) -> dict[str, Run]:
    """Returns those runs that exist, by their keys."""
    rows = connection.execute(select(*COLUMNS).where(RUN.c.key.in_(sorted(set(keys)))))
    return {row.key: _run(row) for row in rows}


def of_subject(connection: Connection, kind: str, subject_id: str) -> list[Run]:
    """Returns all runs of one subject, newest first."""
    query = select(*COLUMNS).where(RUN.c.kind == kind, RUN.c.subject_id == subject_id)
    return [_run(row) for row in connection.execute(query.order_by(RUN.c.id.desc()))]


def selected(connection: Connection, query: Select[Any]) -> list[Run]:
    """Returns the runs whose rows a query selects."""
    return [_run(row) for row in connection.execute(query)]


def _columns(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "key": run.subject.key,
        "kind": run.subject.kind,
        "subject_id": run.subject.id,
        "episode": run.subject.episode,
        "subject": _subject_column(run.subject),
        "subject_version": run.subject_version,
        "policy_id": run.plan.policy_id,
        "plan": plan_row(run.plan),
        "start_time": run.start_time,
        "accept_time": run.accept_time,
        "ended_by": asdict(run.ended_by) if run.ended_by else None,
        "calls": run.calls,
        "pushes": run.pushes,
        "continued_id": run.continued_id,
        **_place(run),
    }


def _place(run: Run) -> dict[str, Any]:
    """Returns the columns that a step may change."""
    return {
        "state": run.state,
        "cycle": run.cycle,
        "level": run.level,
        "reached": run.reached,
        "due": run.due,
        "paged": list(run.paged),
        "end_time": run.end_time,
        "version": run.version,
    }


def plan_row(plan: Plan) -> dict[str, Any]:
    """Returns a plan as JSON keeps it."""
    expiry = plan.accept_expiry
    return {
        "policy_id": plan.policy_id,
        "version": plan.version,
        "levels": level_rows(plan.levels),
        "delay_seconds": plan.delay // timedelta(seconds=1),
        "repeats": plan.repeats,
        "fallbacks": [
            {
                "policy_id": stage.policy_id,
                "version": stage.version,
                "levels": level_rows(stage.levels),
                "rounds": stage.rounds,
            }
            for stage in plan.fallbacks
        ],
        "turn": plan.turn,
        "accept_expiry_minutes": expiry // timedelta(minutes=1) if expiry else None,
        "about_suite": plan.about_suite,
    }


@lru_cache(maxsize=1024)
def _plan(told: str) -> Plan:
    """Reads a plan. Very many runs follow the same one, which is then one and the same."""
    return plan_value(json.loads(told))


def plan_value(told: dict[str, Any]) -> Plan:
    """Returns a plan as the domain knows it; older rows tell less of it."""
    expiry = told.get("accept_expiry_minutes")
    return Plan(
        policy_id=told["policy_id"],
        version=told.get("version", 0),
        levels=level_values(told["levels"]),
        delay=timedelta(seconds=told["delay_seconds"]),
        repeats=told["repeats"],
        fallbacks=tuple(
            Stage(**stage | {"levels": level_values(stage["levels"])})
            for stage in told.get("fallbacks", ())
        ),
        turn=told.get("turn", 0),
        accept_expiry=None if expiry is None else timedelta(minutes=expiry),
        about_suite=told.get("about_suite", False),
    )


def _subject_column(subject: Subject) -> dict[str, Any]:
    return {
        "title": subject.title,
        "details": subject.details,
        "links": [asdict(link) for link in subject.links],
        "priority": subject.priority,
    }


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(
        id=row.id,
        subject=Subject(
            kind=row.kind,
            id=row.subject_id,
            episode=row.episode,
            title=row.subject["title"],
            details=row.subject["details"],
            links=tuple(Link(**link) for link in row.subject["links"]),
            priority=Priority(row.subject["priority"]),
        ),
        subject_version=row.subject_version,
        plan=_plan(row.plan),
        state=State(row.state),
        cycle=row.cycle,
        level=row.level,
        reached=row.reached,
        due=row.due,
        paged=tuple(row.paged),
        start_time=row.start_time,
        accept_time=row.accept_time,
        end_time=row.end_time,
        ended_by=Actor(**row.ended_by) if row.ended_by else None,
        version=row.version,
        calls=row.calls,
        pushes=row.pushes,
        continued_id=row.continued_id,
    )
