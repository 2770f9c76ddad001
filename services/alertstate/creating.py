"""Alerts that people raise by hand."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.alertstate import changing, known
from services.alertstate.domain.actions import raised_by_hand
from services.alertstate.domain.alerts import Actor, Alert, Status
from services.alertstate.requests import Manual, duration
from services.alertstate.store import alerts, timers
from services.alertstate.timer_kinds import AUTO_RESOLVE
from services.chassis import audit
from services.chassis.clock import Clock
from services.chassis.counters import allocate
from services.chassis.principal import caller
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

COUNTER = "alert"


def create(connection: Connection, clock: Clock, manual: Manual, by: Actor) -> Alert:
    """Raises an alert; with responders of its own it follows no policy."""
    now = clock.now(connection)
    source = known.sources(connection, [manual.source_id]).get(str(manual.source_id))
    policy_id = 0
    if not manual.user_ids:
        policy_id = manual.policy_id or (source.escalation_policy.id if source else 0)
    alert = Alert(
        id=allocate(connection, COUNTER),
        source_id=manual.source_id,
        content=replace(manual.content, policy_id=policy_id),
        status=Status.PENDING,
        report_time=now,
        accept_time=now,
        keyless_seq=0,
    )
    done = raised_by_hand(alert, manual.user_ids, by, now)
    changing.save(connection, now, None, done, by)
    if source is not None:
        alerts.add_teams(connection, [(alert.id, team.id) for team in source.teams])
        _set_end(connection, now, alert.id, source)
    audit.record(connection, now, caller().actor(), "alert.create", f"alert:{alert.id}")
    return done.alert


def _set_end(connection: Connection, now: datetime, alert_id: int, source: AlertSource) -> None:
    """Has an alert resolve by itself as the source's others do."""
    after = duration(source.auto_resolution_timeout)
    if after is not None:
        timers.set_all(connection, AUTO_RESOLVE, {str(alert_id): now + after})
