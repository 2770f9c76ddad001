"""Whether a policy may be what is wanted, given everything else that is on record."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from services.calendar.schedules import Schedule
from services.calendar.wall import zone_of
from services.chassis.errors import AlreadyExists, InvalidRequest
from services.chassis.principal import caller
from services.chassis.teams import may_name
from services.escalation import reach
from services.escalation.domain.fallbacks import Link, refuse_circles, refuse_unknown
from services.escalation.domain.policies import Level, Policy, checked
from services.escalation.store import policies, schedules, teams, users


def check(connection: Connection, now: datetime, policy: Policy, known: Policy | None) -> None:
    """Raises Forbidden, InvalidRequest and AlreadyExists if a policy cannot be what is wanted.

    `known` is what it was before, None for a new one; what that names already, it may keep.
    """
    reach.given(policy)
    kept_teams = known.named_teams if known else frozenset()
    kept_schedules = known.named_schedules if known else frozenset()
    kept_webhooks = known.named_webhooks if known else frozenset()
    checked(
        policy,
        users=users.existing(connection, (user for lvl in policy.levels for user in lvl.users)),
        teams=reach.teams_to_name(connection, policy.named_teams, kept_teams),
        schedules=reach.schedules_to_name(connection, policy.named_schedules, kept_schedules),
        webhooks=reach.webhooks_to_name(connection, policy.named_webhooks, kept_webhooks),
    )
    kept = known.levels if known else ()
    for index, level in enumerate(policy.levels):
        if level not in kept:
            _refuse_dead(connection, now, level, f"escalationRules[{index}]")
    if policy.fallback is not None:
        _check_fallback(connection, policy, known)
    _refuse_taken_key(connection, policy)


def _refuse_taken_key(connection: Connection, policy: Policy) -> None:
    if policy.routing_key:
        other = policies.by_routing_key(connection, policy.routing_key)
        if other is not None and other.id != policy.id:
            raise AlreadyExists(
                f"another policy has the routing key {policy.routing_key}", field="routingKey"
            )


def _check_fallback(connection: Connection, policy: Policy, known: Policy | None) -> None:
    """Checks which policy follows one. Raises InvalidRequest."""
    wanted = policy.fallback or 0
    found = policies.find(connection, wanted)
    kept = known is not None and known.fallback == wanted
    may = found is not None and (kept or may_name(caller(), found.teams))
    refuse_unknown(policy, {policy.id, wanted} if may else {policy.id})
    links = policies.links(connection, caller())
    refuse_circles(links | {policy.id: Link(policy.name, wanted)}, policy.id)


def _refuse_dead(connection: Connection, now: datetime, level: Level, field: str) -> None:
    """Refuses a level that can never reach anybody, as things are. Raises InvalidRequest.

    A team that is emptied later, or a schedule that ends, is passed over when its level is
    reached. A schedule with nothing but a gap now, or for the next year, is none such.
    """
    if level.users or level.webhooks:  # which exist
        return
    why = list(_why_dead(connection, now, level))
    if len(why) == len(level.schedules) + len(level.teams) > 0:
        raise InvalidRequest(f"{field} can never reach anybody: {', '.join(why)}", field=field)


def _why_dead(connection: Connection, now: datetime, level: Level) -> Iterator[str]:
    known = schedules.by_ids(connection, level.schedules)
    overrides = schedules.overrides(connection, known, now)
    for id_, schedule in known.items():
        if not overrides[id_] and not _goes_on(schedule, now):
            yield f"schedule {id_} has nobody from now on"
    members = teams.members_of(connection, level.teams) if level.teams else {}
    for id_ in level.teams:
        if not members.get(id_):
            yield f"team {id_} has no members"


def _goes_on(schedule: Schedule, now: datetime) -> bool:
    """Tells whether something of a schedule is not over."""
    wall = now.astimezone(zone_of(schedule.timezone, "timezone")).replace(tzinfo=None)
    layers = (layer.end is None or layer.end > wall for layer in schedule.layers)
    return any(shift.end > now for shift in schedule.shifts) or any(layers)
