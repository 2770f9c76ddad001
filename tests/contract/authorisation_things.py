"""What is in every place, and how each method is called on it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from google.api.httpbody_pb2 import HttpBody
from google.protobuf import descriptor_pool
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Connection

from services.chassis import short_ids, ulids
from services.chassis.paging import Page
from services.chassis.principal import SCOPES
from services.escalation.domain.users import Role
from services.escalation.token_rules import SCOPES_OF
from services.notification import consumer
from services.notification.domain.values import WAYS
from services.notification.store import deliveries
from tests.contract import authorisation_contacts
from tests.contract.authorisation_house import PLACES, House, new_token
from tocsin.alertstate.v1 import alert_pb2
from tocsin.alertstate.v1 import alert_service_pb2 as alerts
from tocsin.alertstate.v1 import alert_watch_service_pb2 as watch
from tocsin.alertstate.v1 import audit_service_pb2 as alert_audit
from tocsin.alertstate.v1 import incident_io_service_pb2 as incident_io
from tocsin.alertstate.v1 import ttyops_service_pb2 as ttyops_alerts
from tocsin.configuration.v1 import comparison_service_pb2 as comparisons
from tocsin.configuration.v1 import configuration_service_pb2 as configuration
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.escalation.v1 import audit_service_pb2 as escalation_audit
from tocsin.escalation.v1 import calendar_feed_service_pb2 as feeds
from tocsin.escalation.v1 import escalation_pb2, policy_pb2, schedule_pb2, support_hours_pb2
from tocsin.escalation.v1 import escalation_service_pb2 as runs
from tocsin.escalation.v1 import escalation_watch_service_pb2 as run_watch
from tocsin.escalation.v1 import lint_service_pb2 as lint
from tocsin.escalation.v1 import on_call_service_pb2 as on_calls
from tocsin.escalation.v1 import policy_service_pb2 as policies
from tocsin.escalation.v1 import schedule_service_pb2 as schedules
from tocsin.escalation.v1 import simulation_service_pb2 as simulations
from tocsin.escalation.v1 import support_hours_service_pb2 as hours
from tocsin.escalation.v1 import team_service_pb2 as teams
from tocsin.escalation.v1 import token_service_pb2 as tokens
from tocsin.escalation.v1 import ttyops_service_pb2 as ttyops_people
from tocsin.escalation.v1 import user_service_pb2 as users
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested
from tocsin.escalation.v1.team_pb2 import Team, TeamMember
from tocsin.escalation.v1.token_pb2 import ApiToken
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1 import alert_source_pb2
from tocsin.ingest.v1 import alert_source_service_pb2 as sources
from tocsin.ingest.v1 import audit_service_pb2 as source_audit
from tocsin.ingest.v1 import ttyops_service_pb2 as ttyops_events
from tocsin.notification.v1 import audit_service_pb2 as contact_audit
from tocsin.notification.v1 import contact_pb2, webhook_pb2
from tocsin.notification.v1 import contact_service_pb2 as contacts
from tocsin.notification.v1 import notification_service_pb2 as notifications
from tocsin.notification.v1 import provider_service_pb2 as providers
from tocsin.notification.v1 import webhook_service_pb2 as webhooks

LATER = Timestamp(seconds=4_000_000_000)
NAMES = (f"name {number}" for number in count())


@dataclass
class Thing:
    """One of everything that belongs to a place, by their ids."""

    place: str
    team: int = 0
    person: int = 0
    policy: int = 0
    schedule: int = 0
    override: int = 0
    feed: int = 0
    hours: int = 0
    source: int = 0
    alert: int = 0
    contact: int = 0
    kept: int = 0  # another record of the person's
    webhook: int = 0
    delivery: int = 0
    run: int = 0
    token: str = ""

    @property
    def teams(self) -> list[Team]:
        return [Team(id=self.team)] if self.team else []

    @property
    def word(self) -> str:
        return f"the {self.place} one"

    @property
    def service(self) -> str:
        """The name of the place's source that ttyops' clients see."""
        return f"the {self.place} service"

    @property
    def ttyops_alert(self) -> str:
        return short_ids.short_id(short_ids.ALERT, self.alert)


Fresh = Callable[[House, Thing], Awaitable[Thing]]


@dataclass(frozen=True)
class Entry:
    """How a method is called on a thing, and where its reply shows it."""

    request: Callable[[Thing], Any]
    shows: Callable[[Any, Thing], bool] | None = None
    fresh: Fresh | None = None  # for what ends a thing
    otherwise: Mapping[str, str] = field(default_factory=dict)  # where no team has a say
    not_for: frozenset[str] = frozenset()  # roles and places that say nothing here


def method(name: str) -> Any:
    """Returns a method's descriptor."""
    return descriptor_pool.Default().FindMethodByName(name)


def _policy(t: Thing, **more: Any) -> policy_pb2.EscalationPolicy:
    rule = policy_pb2.EscalationRule(users=[User(id=t.person)], escalation_timeout=5)
    return policy_pb2.EscalationPolicy(name=t.word, escalation_rules=[rule], teams=t.teams, **more)


def _unlike_all() -> policy_pb2.EscalationPolicy:
    """Returns a policy as documents say one, beside which no other is left."""
    rule = policy_pb2.EscalationRule(users=[User(email="found@example.com")], escalation_timeout=5)
    return policy_pb2.EscalationPolicy(name="unlike all others", escalation_rules=[rule])


def _schedule(t: Thing) -> schedule_pb2.Schedule:
    return schedule_pb2.Schedule(name=t.word, timezone="UTC", type="STATIC", teams=t.teams)


def _hours(t: Thing) -> support_hours_pb2.SupportHours:
    day = support_hours_pb2.SupportHours.Day(start="09:00", end="17:00")
    return support_hours_pb2.SupportHours(
        name=t.word, timezone="UTC", support_days={"MONDAY": day}, teams=t.teams
    )


def _configuration(t: Thing) -> Configuration:
    """Returns a document with a new policy of the place's team, which has the place's name."""
    policy = _policy(t)
    policy.name = next(NAMES)
    policy.escalation_rules[0].users[0].CopyFrom(User(email="found@example.com"))
    for team in policy.teams:
        team.CopyFrom(Team(name=t.place))
    return Configuration(escalation_policies=[policy])


def _source(t: Thing) -> alert_source_pb2.AlertSource:
    policy = policy_pb2.EscalationPolicy(id=t.policy)
    return alert_source_pb2.AlertSource(
        name=t.word, integration_type="API", escalation_policy=policy, teams=t.teams
    )


def _service(t: Thing) -> alert_source_pb2.AlertSource:
    made = _source(t)
    made.name, made.integration_type = t.service, "TTYOPS"
    return made


def _ttyops_batch(t: Thing) -> HttpBody:
    """Returns alerts of the place's service, and of one that everybody sees."""
    names = t.service, Thing("own").service
    alerts = [{"service": name, "title": "by hand"} for name in names]
    return HttpBody(data=json.dumps({"alerts": alerts}).encode(), content_type="application/json")


def _address() -> str:
    """Returns an e-mail address that nobody has."""
    return f"{next(NAMES).replace(' ', '.')}@example.com"


def _webhook(t: Thing, **more: Any) -> webhook_pb2.Webhook:
    told = {"name": t.word, "url": "https://hooks.invalid/", "teams": t.teams}
    return webhook_pb2.Webhook(**told | more, events=["notification.scheduled"])


def _override(t: Thing) -> schedule_pb2.Shift:
    return schedule_pb2.Shift(
        user=User(id=t.person), start=LATER, end=Timestamp(seconds=LATER.seconds + 60)
    )


def _manual(t: Thing) -> alert_pb2.ManualAlert:
    return alert_pb2.ManualAlert(
        summary="by hand", alert_source=alert_source_pb2.AlertSource(id=t.source)
    )


def _subject(t: Thing) -> escalation_pb2.Subject:
    return escalation_pb2.Subject(kind="deploy", id=t.place, title="waits")


ESCALATION = "tocsin.escalation.v1."
ALERTS = "tocsin.alertstate.v1.AlertService."


async def furnish(house: House) -> None:
    """Puts one of everything into every place, and makes a caller of every role."""
    await _make_teams_and_callers(house)
    for place in PLACES:
        thing = Thing(place, team=house.teams.get(place, 0), person=1)
        house.things[place] = thing
        thing.policy = await _id(house, ESCALATION + "PolicyService.CreateEscalationPolicy", thing)
        await _call(house, POLICIES + "UpdateEscalationPolicy", thing)  # it gets a routing key
        thing.schedule = await _id(house, ESCALATION + "ScheduleService.CreateSchedule", thing)
        thing.override = await _id(house, SCHEDULES + "AddOverride", thing)
        thing.feed = await _id(house, FEEDS + "CreateCalendarFeed", thing)
        thing.hours = await _id(house, ESCALATION + "SupportHoursService.CreateSupportHours", thing)
        thing.run = await _id(house, ESCALATION + "EscalationService.StartEscalation", thing)
        made = await _call(house, ESCALATION + "TokenService.CreateToken", thing)
        thing.token = made.id
        await house.spread()
        thing.source = await _id(house, SOURCES + "CreateAlertSource", thing)
        service = sources.CreateAlertSourceRequest(alert_source=_service(thing))
        await house.call(method(SOURCES + "CreateAlertSource"), service)
        await house.spread()
        made = await house.call(
            method(WEBHOOKS + "CreateWebhook"),
            webhooks.CreateWebhookRequest(webhook=_webhook(thing)),
        )
        thing.webhook = made.id
        thing.alert = await _id(house, ALERTS + "CreateAlert", thing)
        await house.dbs["notification"].write(_page, thing)
        told_of = await house.dbs["notification"].read(
            deliveries.newest, thing.webhook, (), Page(offset=0, limit=1)
        )
        thing.delivery = told_of[0].id


def _page(connection: Connection, thing: Thing) -> None:
    """Has somebody told of a place's subject, as if its escalation had come to that."""
    event = PageRequested(
        escalation_key=f"deploy:{thing.place}:1", subject=_subject(thing), level=1, user_ids=[1]
    )
    event.request_time.GetCurrentTime()
    paged = consumer.reactions(WAYS)[PageRequested.DESCRIPTOR.full_name]
    paged(connection, datetime.now(UTC), event.SerializeToString())


async def _make_teams_and_callers(house: House) -> None:
    create_user = method(ESCALATION + "UserService.CreateUser")
    people: dict[str, int] = {}
    for role in Role:
        told = User(first_name=role, last_name="L", email=f"{role}@example.com", role=role)
        made = await house.call(create_user, users.CreateUserRequest(user=told))
        people[role] = made.id
    found = User(first_name="A", last_name="B", email="found@example.com")
    await house.call(create_user, users.CreateUserRequest(user=found))
    members = [
        TeamMember(user=User(id=people[role]), role="STAKEHOLDER" if role == "GUEST" else role)
        for role in Role
        if role is not Role.ADMIN
    ]
    for place in PLACES[1:]:
        team = Team(
            name=place,
            visibility="PRIVATE" if place == "private" else "PUBLIC",
            members=members if place == "own" else [],
        )
        request = teams.CreateTeamRequest(team=team)
        made = await house.call(method(ESCALATION + "TeamService.CreateTeam"), request)
        house.teams[place] = made.id
    scopes = sorted(set(SCOPES) - {"admin"})
    wanted: dict[str, ApiToken] = {
        role: new_token(scopes=sorted(SCOPES_OF[role]), user_id=people[role]) for role in Role
    }
    wanted["machine"] = new_token(scopes=scopes)
    own = Team(id=house.teams["own"])
    wanted["bound"] = new_token(scopes=scopes, team=own)
    wanted["bound admin"] = new_token(scopes=list(SCOPES), team=own)
    for name, token in wanted.items():
        asked = tokens.CreateTokenRequest(token=token)
        made = await house.call(method(ESCALATION + "TokenService.CreateToken"), asked)
        house.callers[name] = made.token


async def _call(house: House, name: str, thing: Thing) -> Any:
    return await house.call(method(name), ENTRIES[name].request(thing))


async def _id(house: House, name: str, thing: Thing) -> int:
    made: int = (await _call(house, name, thing)).id
    return made


def _fresh(create: str, kind: str) -> Fresh:
    """Makes another of what a method is about to end."""

    async def fresh(house: House, thing: Thing) -> Thing:
        made = replace(thing)
        setattr(made, kind, await _id(house, create, thing))
        return made

    return fresh


async def _fresh_team(house: House, thing: Thing) -> Thing:
    """Makes a team like the place's, without what belongs to it; nobody's are the callers' own."""
    if not thing.team:
        return thing
    known = await house.call(
        method(ESCALATION + "TeamService.GetTeam"), teams.GetTeamRequest(id=thing.team)
    )
    known.name = next(NAMES)
    create = method(ESCALATION + "TeamService.CreateTeam")
    made = await house.call(create, teams.CreateTeamRequest(team=known))
    await house.spread()
    return replace(thing, team=made.id)


async def _with_responder(house: House, thing: Thing) -> Thing:
    """Makes an alert that somebody responds to."""
    thing = replace(thing, alert=await _id(house, ALERTS + "CreateAlert", thing))
    await _call(house, ALERTS + "AddResponder", thing)
    return thing


def _alert(
    name: str, request: Callable[[Thing], Any], fresh: Fresh | None = None
) -> tuple[str, Entry]:
    return ALERTS + name, Entry(request, fresh=fresh)


def _has(kind: str, field_name: str) -> Callable[[Any, Thing], bool]:
    def shows(reply: Any, thing: Thing) -> bool:
        return getattr(thing, kind) in {each.id for each in getattr(reply, field_name)}

    return shows


def _result(reply: Any, thing: Thing) -> bool:
    return [each.code for each in reply.results] != ["NOT_FOUND"]


CONFIGURATION = "tocsin.configuration.v1.ConfigurationService."
SOURCES = "tocsin.ingest.v1.AlertSourceService."
TTYOPS_ALERTS = "tocsin.alertstate.v1.TtyopsService."
NOTIFICATIONS = "tocsin.notification.v1."
WEBHOOKS = NOTIFICATIONS + "WebhookService."
POLICIES, SCHEDULES = ESCALATION + "PolicyService.", ESCALATION + "ScheduleService."
FEEDS = ESCALATION + "CalendarFeedService."
HOURS, TEAMS = ESCALATION + "SupportHoursService.", ESCALATION + "TeamService."
RUNS, TOKENS, USERS = (
    ESCALATION + n for n in ("EscalationService.", "TokenService.", "UserService.")
)
AUDITS: dict[str, Any] = {
    "alertstate": alert_audit,
    "escalation": escalation_audit,
    "ingest": source_audit,
    "notification": contact_audit,
}
NO_TEAM = frozenset({"nobodys"})
OTHER_TEAM = NO_TEAM | {"bound", "bound admin"}  # whose team is one that is not made afresh
MACHINES = ("machine", "bound", "bound admin")
NOT_BOUND = {"bound admin": "denied"}
NOT_OTHERS = {role: "denied" for role in (Role.USER, *MACHINES)}
NOT_THEIRS = {role: "hidden" for role in (*Role, *MACHINES) if role is not Role.ADMIN}
NO_PERSON = {role: "hidden" for role in MACHINES}
NOT_YOURSELF = {role: "denied" for role in (Role.RESPONDER, Role.USER, *MACHINES)}

ENTRIES: dict[str, Entry] = {
    CONFIGURATION + "ExportConfiguration": Entry(
        lambda t: configuration.ExportConfigurationRequest(),
        lambda reply, t: t.word in {policy.name for policy in reply.escalation_policies},
    ),
    CONFIGURATION + "ApplyConfiguration": Entry(
        lambda t: configuration.ApplyConfigurationRequest(configuration=_configuration(t)),
        # A team that the caller does not see has no name to them: nothing can be told of it.
        not_for=frozenset({"private", "bound", "bound admin"}),
    ),
    **{
        f"tocsin.{name}.v1.AuditService.ListAuditEntries": Entry(
            lambda t, asks=asks: asks.ListAuditEntriesRequest(),  # type: ignore[misc] # one each
            otherwise=NOT_BOUND,
        )
        for name, asks in AUDITS.items()
    },
    ALERTS + "ListAlerts": Entry(lambda t: alerts.ListAlertsRequest(), _has("alert", "alerts")),
    "tocsin.alertstate.v1.IncidentIoService.ListHttpAlerts": Entry(
        lambda t: incident_io.ListHttpAlertsRequest(
            alert_source_one_of=[ulids.ulid(ulids.SOURCE, t.source)]
        ),
        lambda reply, t: bool(reply.alerts),
    ),
    ALERTS + "CountAlerts": Entry(
        lambda t: alerts.CountAlertsRequest(sources=[t.source]), lambda reply, t: reply.count > 0
    ),
    ALERTS + "BulkAcceptAlerts": Entry(
        lambda t: alerts.BulkAcceptAlertsRequest(ids=[t.alert]), _result
    ),
    ALERTS + "BulkResolveAlerts": Entry(
        lambda t: alerts.BulkResolveAlertsRequest(ids=[t.alert]), _result
    ),
    "tocsin.alertstate.v1.AlertWatchService.WatchAlerts": Entry(
        lambda t: watch.WatchAlertsRequest()
    ),
    "tocsin.alertstate.v1.AlertWatchService.StreamAlerts": Entry(
        lambda t: watch.StreamAlertsRequest()
    ),
    **dict(
        [
            _alert("GetAlert", lambda t: alerts.GetAlertRequest(id=t.alert)),
            _alert("AcceptAlert", lambda t: alerts.AcceptAlertRequest(id=t.alert)),
            _alert("ResolveAlert", lambda t: alerts.ResolveAlertRequest(id=t.alert)),
            _alert("CreateAlert", lambda t: alerts.CreateAlertRequest(alert=_manual(t))),
            _alert("EscalateAlert", lambda t: alerts.EscalateAlertRequest(id=t.alert)),
            _alert("ListComments", lambda t: alerts.ListCommentsRequest(id=t.alert)),
            _alert("ListLogEntries", lambda t: alerts.ListLogEntriesRequest(id=t.alert)),
            _alert(
                "ListSuggestedResponders",
                lambda t: alerts.ListSuggestedRespondersRequest(id=t.alert),
            ),
            _alert("AddResponder", lambda t: alerts.AddResponderRequest(id=t.alert, user=1)),
            _alert(
                "RemoveResponder",
                lambda t: alerts.RemoveResponderRequest(id=t.alert, user_id=1),
                _with_responder,
            ),
            _alert("AssignAlert", lambda t: alerts.AssignAlertRequest(id=t.alert, user=1)),
            _alert(
                "SetAlertPriority",
                lambda t: alerts.SetAlertPriorityRequest(id=t.alert, priority="LOW"),
            ),
            _alert("SnoozeAlert", lambda t: alerts.SnoozeAlertRequest(id=t.alert, until=LATER)),
            _alert(
                "CommentAlert",
                lambda t: alerts.CommentAlertRequest(
                    id=t.alert, comment=alert_pb2.Comment(content="seen")
                ),
            ),
        ]
    ),
    TTYOPS_ALERTS + "ListTtyopsAlerts": Entry(
        lambda t: ttyops_alerts.ListTtyopsAlertsRequest(), _has("ttyops_alert", "alerts")
    ),
    TTYOPS_ALERTS + "AcknowledgeTtyopsAlert": Entry(
        lambda t: ttyops_alerts.AcknowledgeTtyopsAlertRequest(id=t.ttyops_alert)
    ),
    TTYOPS_ALERTS + "ResolveTtyopsAlert": Entry(
        lambda t: ttyops_alerts.ResolveTtyopsAlertRequest(id=t.ttyops_alert)
    ),
    TTYOPS_ALERTS + "AssignTtyopsAlert": Entry(
        lambda t: ttyops_alerts.AssignTtyopsAlertRequest(
            id=t.ttyops_alert, account_id=short_ids.short_id(short_ids.MEMBER, t.person)
        )
    ),
    "tocsin.escalation.v1.TtyopsService.ListTtyopsMembers": Entry(
        lambda t: ttyops_people.ListTtyopsMembersRequest()
    ),
    "tocsin.escalation.v1.TtyopsService.ListTtyopsSchedules": Entry(
        lambda t: ttyops_people.ListTtyopsSchedulesRequest(),
        lambda reply, t: t.word in {each.name for each in reply.schedules},
    ),
    "tocsin.ingest.v1.TtyopsService.PostTtyopsAlerts": Entry(
        lambda t: ttyops_events.PostTtyopsAlertsRequest(body=_ttyops_batch(t)),
        lambda reply, t: not reply.refused,
    ),
    "tocsin.ingest.v1.TtyopsService.ListTtyopsServices": Entry(
        lambda t: ttyops_events.ListTtyopsServicesRequest(),
        lambda reply, t: t.service in {each.name for each in reply.services},
    ),
    SOURCES + "CreateAlertSource": Entry(
        lambda t: sources.CreateAlertSourceRequest(alert_source=_source(t))
    ),
    SOURCES + "GetAlertSource": Entry(lambda t: sources.GetAlertSourceRequest(id=str(t.source))),
    SOURCES + "GetAlertSourceByName": Entry(
        lambda t: sources.GetAlertSourceByNameRequest(name=t.word)
    ),
    SOURCES + "UpdateAlertSource": Entry(
        lambda t: sources.UpdateAlertSourceRequest(id=t.source, alert_source=_source(t))
    ),
    SOURCES + "RotateIntegrationKey": Entry(
        lambda t: sources.RotateIntegrationKeyRequest(id=t.source)
    ),
    SOURCES + "DeleteAlertSource": Entry(
        lambda t: sources.DeleteAlertSourceRequest(id=t.source),
        fresh=_fresh(SOURCES + "CreateAlertSource", "source"),
    ),
    SOURCES + "ListAlertSources": Entry(
        lambda t: sources.ListAlertSourcesRequest(), _has("source", "alert_sources")
    ),
    POLICIES + "CreateEscalationPolicy": Entry(
        lambda t: policies.CreateEscalationPolicyRequest(escalation_policy=_policy(t))
    ),
    "tocsin.configuration.v1.ComparisonService.CompareConfigurations": Entry(
        lambda t: comparisons.CompareConfigurationsRequest(
            before={"escalation_policies": [_unlike_all()]}, prune=True
        ),
        lambda reply, t: (
            t.policy in {each.escalation_policy.id for each in reply.escalation_policies}
        ),
    ),
    ESCALATION + "LintService.Lint": Entry(
        lambda t: lint.LintRequest(),
        lambda reply, t: ("schedule", str(t.schedule)) in {(f.kind, f.id) for f in reply.findings},
    ),
    ESCALATION + "SimulationService.SimulateEscalation": Entry(
        lambda t: simulations.SimulateEscalationRequest(escalation_policy_id=t.policy)
    ),
    POLICIES + "GetEscalationPolicy": Entry(
        lambda t: policies.GetEscalationPolicyRequest(id=t.policy)
    ),
    POLICIES + "GetEscalationPolicyByName": Entry(
        lambda t: policies.GetEscalationPolicyByNameRequest(name=t.word)
    ),
    POLICIES + "ResolveRoutingKey": Entry(
        lambda t: policies.ResolveRoutingKeyRequest(routing_key=t.word),
    ),
    POLICIES + "UpdateEscalationPolicy": Entry(
        lambda t: policies.UpdateEscalationPolicyRequest(
            id=t.policy, escalation_policy=_policy(t, routing_key=t.word)
        )
    ),
    POLICIES + "UpdateEscalationLevel": Entry(
        lambda t: policies.UpdateEscalationLevelRequest(
            id=t.policy, level=0, escalation_rule=_policy(t).escalation_rules[0]
        )
    ),
    POLICIES + "DeleteEscalationPolicy": Entry(
        lambda t: policies.DeleteEscalationPolicyRequest(id=t.policy),
        fresh=_fresh(POLICIES + "CreateEscalationPolicy", "policy"),
    ),
    POLICIES + "ListEscalationPolicies": Entry(
        lambda t: policies.ListEscalationPoliciesRequest(), _has("policy", "escalation_policies")
    ),
    SCHEDULES + "CreateSchedule": Entry(
        lambda t: schedules.CreateScheduleRequest(schedule=_schedule(t))
    ),
    SCHEDULES + "GetSchedule": Entry(lambda t: schedules.GetScheduleRequest(id=t.schedule)),
    SCHEDULES + "GetScheduleByName": Entry(
        lambda t: schedules.GetScheduleByNameRequest(name=t.word)
    ),
    SCHEDULES + "UpdateSchedule": Entry(
        lambda t: schedules.UpdateScheduleRequest(id=t.schedule, schedule=_schedule(t))
    ),
    SCHEDULES + "DeleteSchedule": Entry(
        lambda t: schedules.DeleteScheduleRequest(id=t.schedule),
        fresh=_fresh(SCHEDULES + "CreateSchedule", "schedule"),
    ),
    SCHEDULES + "ListSchedules": Entry(
        lambda t: schedules.ListSchedulesRequest(), _has("schedule", "schedules")
    ),
    SCHEDULES + "ListShifts": Entry(lambda t: schedules.ListShiftsRequest(id=t.schedule)),
    SCHEDULES + "ListOverrides": Entry(lambda t: schedules.ListOverridesRequest(id=t.schedule)),
    SCHEDULES + "AddOverride": Entry(
        lambda t: schedules.AddOverrideRequest(id=t.schedule, shift=_override(t))
    ),
    SCHEDULES + "UpdateOverride": Entry(
        lambda t: schedules.UpdateOverrideRequest(
            id=t.schedule, override_id=t.override, shift=_override(t)
        )
    ),
    SCHEDULES + "DeleteOverride": Entry(
        lambda t: schedules.DeleteOverrideRequest(id=t.schedule, override_id=t.override),
        fresh=_fresh(SCHEDULES + "AddOverride", "override"),
    ),
    FEEDS + "CreateCalendarFeed": Entry(
        lambda t: feeds.CreateCalendarFeedRequest(id=t.schedule, feed={})
    ),
    FEEDS + "ListCalendarFeeds": Entry(lambda t: feeds.ListCalendarFeedsRequest(id=t.schedule)),
    FEEDS + "DeleteCalendarFeed": Entry(
        lambda t: feeds.DeleteCalendarFeedRequest(id=t.schedule, feed_id=t.feed),
        fresh=_fresh(FEEDS + "CreateCalendarFeed", "feed"),
    ),
    SCHEDULES + "GetUserOnCall": Entry(lambda t: schedules.GetUserOnCallRequest(id=t.schedule)),
    ESCALATION + "OnCallService.ListOnCalls": Entry(
        lambda t: on_calls.ListOnCallsRequest(),
        lambda reply, t: t.policy in {each.escalation_policy.id for each in reply.on_calls},
    ),
    ESCALATION + "OnCallService.GetOnCall": Entry(
        lambda t: on_calls.GetOnCallRequest(policy=t.policy)
    ),
    ESCALATION + "OnCallService.ListShiftsOfSchedules": Entry(
        lambda t: on_calls.ListShiftsOfSchedulesRequest(schedules=[t.schedule])
    ),
    ESCALATION + "EscalationWatchService.WatchEscalations": Entry(
        lambda t: run_watch.WatchEscalationsRequest()
    ),
    ESCALATION + "EscalationWatchService.StreamEscalations": Entry(
        lambda t: run_watch.StreamEscalationsRequest()
    ),
    HOURS + "CreateSupportHours": Entry(
        lambda t: hours.CreateSupportHoursRequest(support_hours=_hours(t))
    ),
    HOURS + "GetSupportHours": Entry(lambda t: hours.GetSupportHoursRequest(id=t.hours)),
    HOURS + "GetSupportHoursByName": Entry(
        lambda t: hours.GetSupportHoursByNameRequest(name=t.word)
    ),
    HOURS + "UpdateSupportHours": Entry(
        lambda t: hours.UpdateSupportHoursRequest(id=t.hours, support_hours=_hours(t))
    ),
    HOURS + "DeleteSupportHours": Entry(
        lambda t: hours.DeleteSupportHoursRequest(id=t.hours),
        fresh=_fresh(HOURS + "CreateSupportHours", "hours"),
    ),
    HOURS + "ListSupportHours": Entry(
        lambda t: hours.ListSupportHoursRequest(), _has("hours", "support_hours")
    ),
    RUNS + "StartEscalation": Entry(
        lambda t: runs.StartEscalationRequest(subject=_subject(t), escalation_policy_id=t.policy)
    ),
    RUNS + "GetEscalation": Entry(lambda t: runs.GetEscalationRequest(id=t.run)),
    RUNS + "ListEscalations": Entry(
        lambda t: runs.ListEscalationsRequest(kind="deploy", subject_id=t.place),
        _has("run", "escalations"),
    ),
    RUNS + "AcknowledgeEscalation": Entry(lambda t: runs.AcknowledgeEscalationRequest(id=t.run)),
    RUNS + "StopEscalation": Entry(lambda t: runs.StopEscalationRequest(id=t.run)),
    RUNS + "CreateTestPage": Entry(
        lambda t: runs.CreateTestPageRequest(id=t.person),
        fresh=_fresh(ESCALATION + "UserService.CreateUser", "person"),
        otherwise=NOT_YOURSELF,
    ),
    TEAMS + "GetTeam": Entry(lambda t: teams.GetTeamRequest(id=t.team), not_for=NO_TEAM),
    TEAMS + "GetTeamByName": Entry(
        lambda t: teams.GetTeamByNameRequest(name=t.place), not_for=NO_TEAM
    ),
    TEAMS + "ListTeams": Entry(
        lambda t: teams.ListTeamsRequest(), _has("team", "teams"), not_for=NO_TEAM
    ),
    TEAMS + "UpdateTeam": Entry(
        lambda t: teams.UpdateTeamRequest(id=t.team, team=Team(name=f"renamed {t.team}")),
        fresh=_fresh_team,
        not_for=OTHER_TEAM,
    ),
    TEAMS + "DeleteTeam": Entry(
        lambda t: teams.DeleteTeamRequest(id=t.team), fresh=_fresh_team, not_for=OTHER_TEAM
    ),
    TEAMS + "CreateTeam": Entry(
        lambda t: teams.CreateTeamRequest(team=Team(name=next(NAMES))),
        otherwise={"bound": "denied", "bound admin": "denied"},
    ),
    TOKENS + "CreateToken": Entry(
        lambda t: tokens.CreateTokenRequest(token=new_token(scopes=["oncall:read"])),
        otherwise=NOT_OTHERS,
    ),
    TOKENS + "GetToken": Entry(lambda t: tokens.GetTokenRequest(id=t.token), otherwise=NOT_THEIRS),
    TOKENS + "RotateToken": Entry(
        lambda t: tokens.RotateTokenRequest(id=t.token), otherwise=NOT_THEIRS
    ),
    TOKENS + "RevokeToken": Entry(
        lambda t: tokens.RevokeTokenRequest(id=t.token),
        fresh=_fresh(TOKENS + "CreateToken", "token"),
        otherwise=NOT_THEIRS,
    ),
    TOKENS + "ListTokens": Entry(lambda t: tokens.ListTokensRequest()),
    USERS + "CreateUser": Entry(
        lambda t: users.CreateUserRequest(
            user=User(first_name="A", last_name="B", email=_address())
        ),
        otherwise=NOT_BOUND,
    ),
    USERS + "GetUser": Entry(lambda t: users.GetUserRequest(id=t.person)),
    USERS + "GetCurrentUser": Entry(
        lambda t: users.GetCurrentUserRequest(),
        otherwise=NO_PERSON,
    ),
    USERS + "UpdateCurrentUser": Entry(
        lambda t: users.UpdateCurrentUserRequest(
            user=User(first_name="A", last_name="B", email=_address())
        ),
        otherwise=NO_PERSON,
    ),
    USERS + "UpdateUser": Entry(
        lambda t: users.UpdateUserRequest(
            id=t.person, user=User(first_name="A", last_name="B", email="a@x", role="GUEST")
        ),
        otherwise=NOT_BOUND,
    ),
    USERS + "DeleteUser": Entry(
        lambda t: users.DeleteUserRequest(id=t.person),
        fresh=_fresh(USERS + "CreateUser", "person"),
        otherwise=NOT_BOUND,
    ),
    USERS + "SearchUserByEmail": Entry(
        lambda t: users.SearchUserByEmailRequest(email="found@example.com"),
    ),
    USERS + "ListUsers": Entry(lambda t: users.ListUsersRequest()),
    NOTIFICATIONS + "ContactService.CreateContact": Entry(
        lambda t: contacts.CreateContactRequest(
            user_id=t.person, contact=contact_pb2.Contact(method="EMAIL", target=_address())
        ),
        otherwise=NOT_YOURSELF,
    ),
    NOTIFICATIONS + "ContactService.ListContacts": Entry(
        lambda t: contacts.ListContactsRequest(user_id=t.person)
    ),
    NOTIFICATIONS + "ContactService.DeleteContact": Entry(
        lambda t: contacts.DeleteContactRequest(user_id=t.person, id=t.contact),
        fresh=_fresh(NOTIFICATIONS + "ContactService.CreateContact", "contact"),
        otherwise=NOT_YOURSELF,
    ),
    **authorisation_contacts.entries(Entry, NOT_YOURSELF),
    WEBHOOKS + "CreateWebhook": Entry(
        lambda t: webhooks.CreateWebhookRequest(webhook=_webhook(t, name=next(NAMES)))
    ),
    WEBHOOKS + "GetWebhook": Entry(lambda t: webhooks.GetWebhookRequest(id=t.webhook)),
    WEBHOOKS + "GetWebhookByName": Entry(lambda t: webhooks.GetWebhookByNameRequest(name=t.word)),
    WEBHOOKS + "UpdateWebhook": Entry(
        lambda t: webhooks.UpdateWebhookRequest(id=t.webhook, webhook=_webhook(t))
    ),
    WEBHOOKS + "RotateWebhookSecret": Entry(
        lambda t: webhooks.RotateWebhookSecretRequest(id=t.webhook)
    ),
    WEBHOOKS + "DeleteWebhook": Entry(
        lambda t: webhooks.DeleteWebhookRequest(id=t.webhook),
        fresh=_fresh(WEBHOOKS + "CreateWebhook", "webhook"),
    ),
    WEBHOOKS + "ListWebhooks": Entry(
        lambda t: webhooks.ListWebhooksRequest(), _has("webhook", "webhooks")
    ),
    NOTIFICATIONS + "ProviderService.ListProviders": Entry(
        lambda t: providers.ListProvidersRequest()
    ),
    WEBHOOKS + "ListWebhookDeliveries": Entry(
        lambda t: webhooks.ListWebhookDeliveriesRequest(id=t.webhook)
    ),
    WEBHOOKS + "RetryWebhookDelivery": Entry(
        lambda t: webhooks.RetryWebhookDeliveryRequest(id=t.webhook, delivery_id=t.delivery)
    ),
    WEBHOOKS + "PingWebhook": Entry(lambda t: webhooks.PingWebhookRequest(id=t.webhook)),
    NOTIFICATIONS + "NotificationService.ListAlertNotifications": Entry(
        lambda t: notifications.ListAlertNotificationsRequest(id=t.alert)
    ),
    NOTIFICATIONS + "NotificationService.ListSubjectNotifications": Entry(
        lambda t: notifications.ListSubjectNotificationsRequest(kind="deploy", subject_id=t.place),
        lambda reply, t: bool(reply.notifications),
    ),
}
