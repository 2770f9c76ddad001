"""Alerts, comments and suggestions as callers see them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from services.alertstate import custom_details, known, reach, requests, sources, wire
from services.alertstate.domain.alerts import Alert
from services.alertstate.domain.entries import FilterType, Language
from services.alertstate.domain.reports import Run, escalated
from services.alertstate.known import Known
from services.alertstate.store import alerts, comments, counts, lists, log
from services.chassis.clock import Clock
from services.chassis.paging import Page
from services.chassis.people import called
from services.chassis.principal import caller
from services.chassis.team_context import Teams
from services.chassis.teams import hide_unseen, sees
from tocsin.alertstate.v1 import alert_pb2 as pb
from tocsin.alertstate.v1 import alert_service_pb2 as service

ESCALATION_RULES = "escalationRules"
NEXT_ESCALATION_USER = "nextEscalationUser"
CUSTOM_DETAILS = "customDetails"
VARS = "vars"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which log entries a caller asks for."""

    page: Page
    language: Language
    groups: tuple[FilterType, ...]
    with_vars: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Alerts, and how a caller sees them."""

    alerts: Sequence[Alert]
    rendered: Sequence[pb.Alert]


def one(connection: Connection, alert_id: int, include: Sequence[str] = ()) -> Shown:
    """Returns an alert. Raises NotFound."""
    reach.refuse_unseen(connection, alert_id)
    found = [alerts.get(connection, alert_id)]
    return Shown(found, rendered(connection, found, include))


def after_effect(connection: Connection, clock: Clock, alert_id: int, run: Run | None) -> pb.Alert:
    """Returns an alert as its escalation, of which only a report came yet, leaves it."""
    alert = alerts.get(connection, alert_id)
    if run is not None:
        alert = escalated(alert, run)
    return rendered(connection, [alert])[0]


def page(
    connection: Connection, request: service.ListAlertsRequest, part: Page, teams: Teams
) -> Shown:
    """Returns one page of the alerts that are asked for, newest first."""
    wanted = requests.wanted(request, _responders(connection, request), teams)
    found = lists.newest(connection, wanted, part, caller())
    return Shown(found, rendered(connection, found, request.include))


def count(connection: Connection, request: service.CountAlertsRequest, teams: Teams) -> int:
    """Returns how many alerts are asked for."""
    wanted = requests.wanted(request, _responders(connection, request), teams)
    return lists.count(connection, wanted, caller())


def rendered(
    connection: Connection, found: Sequence[Alert], include: Iterable[str] = ()
) -> list[pb.Alert]:
    """Renders alerts, with what is asked for besides."""
    wanted = set(include)
    about = with_standing(connection, known.about(connection, found))
    return [_with(wire.alert(alert, about), alert, about, wanted) for alert in found]


def with_standing(connection: Connection, about: Known) -> Known:
    """Returns what is known, with the sources as readers are shown them."""
    standing = counts.open_states(connection, {source.id for source in about.sources.values()})
    shown = {
        id_: sources.shown(
            source, about.policies.get(str(source.escalation_policy.id)), standing[source.id]
        )
        for id_, source in about.sources.items()
    }
    hide_unseen(caller(), about.policies.values())
    hide_unseen(caller(), shown.values())
    return replace(about, sources=shown)


def log_entries(connection: Connection, alert_id: int, asked: Asked) -> list[pb.LogEntry]:
    """Returns one page of what happened to an alert. Raises NotFound."""
    reach.refuse_unseen(connection, alert_id)
    alerts.get(connection, alert_id)
    return [
        wire.log_entry(alert_id, number, entry, asked.language, with_vars=asked.with_vars)
        for number, entry in log.oldest(connection, alert_id, asked.page, asked.groups)
    ]


def said(connection: Connection, alert_id: int, part: Page) -> list[pb.Comment]:
    """Returns one page of what was said about an alert. Raises NotFound."""
    reach.refuse_unseen(connection, alert_id)
    alerts.get(connection, alert_id)
    return [wire.comment(*each) for each in comments.oldest(connection, alert_id, part)]


def policy_of(connection: Connection, alert_id: int) -> int:
    """Returns the policy that an alert follows; 0 when it follows none. Raises NotFound."""
    reach.refuse_unseen(connection, alert_id)
    return alerts.get(connection, alert_id).content.policy_id


def suggested(
    connection: Connection, alert_id: int, meant: Collection[int] | None
) -> list[pb.SuggestedResponder]:
    """Returns who could be asked to help, the alert's own people first. Raises NotFound.

    Its own people are those whom its policy means now or, when nobody can tell, names.
    """
    reach.refuse_unseen(connection, alert_id)
    alert = alerts.get(connection, alert_id)
    policies = {
        id_: policy
        for id_, policy in known.every_policy(connection).items()
        if sees(caller(), [team.id for team in policy.teams])
    }
    own = policies.get(str(alert.content.policy_id))
    named = {user.id for rule in (own.escalation_rules if own else ()) for user in rule.users}
    first = named if meant is None else meant
    users = sorted(
        known.every_user(connection), key=lambda user: (user.id not in first, called(user))
    )
    suggestions = [
        pb.SuggestedResponder(
            group=pb.SuggestedResponder.SUGGESTED
            if user.id in first
            else pb.SuggestedResponder.USER,
            id=user.id,
            name=called(user),
            disabled=alert.has(user.id),
        )
        for user in users
    ]
    suggestions += [
        pb.SuggestedResponder(
            group=pb.SuggestedResponder.ESCALATION_POLICY,
            id=policy.id,
            name=policy.name,
            disabled=policy.id == alert.content.policy_id,
        )
        for policy in sorted(policies.values(), key=lambda policy: policy.name)
    ]
    schedules = sorted(
        (
            schedule
            for schedule in known.every_schedule(connection)
            if sees(caller(), [team.id for team in schedule.teams])
        ),
        key=lambda schedule: schedule.name,
    )
    group = pb.SuggestedResponder.ON_CALL_SCHEDULE
    return suggestions + [
        pb.SuggestedResponder(group=group, id=each.id, name=each.name) for each in schedules
    ]


def _with(shown: pb.Alert, alert: Alert, about: Known, wanted: set[str]) -> pb.Alert:
    policy = about.policies.get(str(alert.content.policy_id))
    if ESCALATION_RULES in wanted and policy is not None:
        shown.escalation_rules.extend(policy.escalation_rules)
    if CUSTOM_DETAILS in wanted:
        details = custom_details.shown(alert.content.custom_details)
        if details is not None:
            shown.custom_details.CopyFrom(details)
    return shown


def _responders(
    connection: Connection, request: service.ListAlertsRequest | service.CountAlertsRequest
) -> tuple[int, ...] | None:
    words = [*request.responders, *request.assigned_to]
    return known.named(connection, words) if words else None
