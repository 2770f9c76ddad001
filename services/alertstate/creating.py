"""Alerts that people raise by hand."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.alertstate import changing, known, wire
from services.alertstate.domain.actions import raised_by_hand
from services.alertstate.domain.alerts import Actor, Alert, Status
from services.alertstate.requests import Manual, duration
from services.alertstate.store import alerts
from services.alertstate.timer_kinds import AUTO_RESOLVE
from services.chassis import audit, facts, timers
from services.chassis.clock import Clock
from services.chassis.counters import allocate
from services.chassis.errors import Forbidden
from services.chassis.principal import caller
from services.chassis.teams import sees
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
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
    belongs_to = _teams(connection, source, policy_id)
    if not sees(caller(), belongs_to):
        raise Forbidden("the alert must be of a source, or policy, of the token's team")
    done = raised_by_hand(alert, manual.user_ids, by, now)
    alerts.add_teams(connection, [(alert.id, team_id) for team_id in belongs_to])
    changing.save(connection, now, None, done, by)
    if source is not None:
        _set_end(connection, now, alert.id, source)
    target, after = f"alert:{alert.id}", wire.standing(done.alert)
    audit.record(connection, now, caller().actor(), "alert.create", target, after=after)
    return done.alert


def _teams(connection: Connection, source: AlertSource | None, policy_id: int) -> list[int]:
    """Returns which teams an alert belongs to: its source's, or without one its policy's."""
    if source is not None:
        return [team.id for team in source.teams]
    policy = facts.get(connection, known.POLICY, policy_id, EscalationPolicy) if policy_id else None
    return [team.id for team in policy.teams] if policy else []


def _set_end(connection: Connection, now: datetime, alert_id: int, source: AlertSource) -> None:
    """Has an alert resolve by itself as the source's others do."""
    after = duration(source.auto_resolution_timeout)
    if after is not None:
        timers.set_all(connection, AUTO_RESOLVE, {str(alert_id): now + after})
