"""Runs at rest."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from services.chassis.errors import NotFound
from services.escalation.domain.policies import Plan
from services.escalation.domain.runs import Actor, Link, Priority, Run, State, Subject
from services.escalation.store.policies import level_rows, level_values
from services.escalation.store.tables import RunRow

RUN = RunRow.__table__


def add(connection: Connection, run: Run) -> None:
    """Records a new run."""
    connection.execute(insert(RUN).values(_columns(run)))


def save(connection: Connection, run: Run) -> None:
    """Writes a run back."""
    connection.execute(update(RUN).where(RUN.c.id == run.id).values(_columns(run)))


def retell(connection: Connection, run: Run, subject: Subject, subject_version: int) -> None:
    """Notes what a run's subject has become, without a look at where the run is."""
    told: dict[str, Any] = {"subject_version": subject_version}
    if subject != run.subject:
        told |= {"subject": _subject_column(subject), "version": RUN.c.version + 1}
    connection.execute(update(RUN).where(RUN.c.id == run.id).values(told))


def get(connection: Connection, run_id: int, *, lock: bool = False) -> Run:
    """Returns a run, keeping others from changing it if `lock`. Raises NotFound."""
    query = select(RUN).where(RUN.c.id == run_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound(f"there is no escalation {run_id}")
    return _run(row)


def by_keys(connection: Connection, keys: Iterable[str]) -> dict[str, Run]:
    """Returns those runs that exist, by their keys."""
    rows = connection.execute(select(RUN).where(RUN.c.key.in_(sorted(set(keys)))))
    return {row.key: _run(row) for row in rows}


def of_subject(connection: Connection, kind: str, subject_id: str) -> list[Run]:
    """Returns all runs of one subject, newest first."""
    query = select(RUN).where(RUN.c.kind == kind, RUN.c.subject_id == subject_id)
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
        "plan": {
            "policy_id": run.plan.policy_id,
            "levels": level_rows(run.plan.levels),
            "delay_seconds": run.plan.delay // timedelta(seconds=1),
            "repeats": run.plan.repeats,
        },
        "state": run.state,
        "cycle": run.cycle,
        "level": run.level,
        "reached": run.reached,
        "due": run.due,
        "paged": list(run.paged),
        "start_time": run.start_time,
        "accept_time": run.accept_time,
        "end_time": run.end_time,
        "ended_by": asdict(run.ended_by) if run.ended_by else None,
        "version": run.version,
        "calls": run.calls,
        "pushes": run.pushes,
    }


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
        plan=Plan(
            policy_id=row.plan["policy_id"],
            levels=level_values(row.plan["levels"]),
            delay=timedelta(seconds=row.plan["delay_seconds"]),
            repeats=row.plan["repeats"],
        ),
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
    )
