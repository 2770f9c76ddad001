"""Puts escalation together and runs it. The only file here that knows every other."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from services.chassis.audit_servicer import AuditServicer
from services.chassis.facts import FactServicer
from services.chassis.service import Served, Service, service
from services.chassis.watching import Bell
from services.escalation import (
    answers,
    consumer,
    first_start,
    recovery,
    sources,
    timer,
    token_uses,
    webhooks,
)
from services.escalation.config import Config
from services.escalation.documents.parts import Contacts, Parts, Sources
from services.escalation.peers import AWAY, Ways
from services.escalation.servicer.calendar_feeds import CalendarFeedServicer
from services.escalation.servicer.comparison import ComparisonServicer
from services.escalation.servicer.configuration import ConfigurationServicer
from services.escalation.servicer.escalations import EscalationServicer
from services.escalation.servicer.lint import LintServicer
from services.escalation.servicer.on_calls import OnCallServicer
from services.escalation.servicer.policies import PolicyServicer
from services.escalation.servicer.runs import RunServicer
from services.escalation.servicer.schedules import ScheduleServicer
from services.escalation.servicer.simulation import SimulationServicer
from services.escalation.servicer.subjects import SubjectServicer
from services.escalation.servicer.support_hours import SupportHoursServicer
from services.escalation.servicer.teams import TeamServicer
from services.escalation.servicer.tokens import TokenServicer
from services.escalation.servicer.ttyops import TtyopsServicer
from services.escalation.servicer.users import UserServicer
from services.escalation.servicer.watches import EscalationWatchServicer
from services.escalation.webhooks import UNASKED, Webhooks
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc, subject_service_pb2_grpc
from tocsin.configuration.v1 import comparison_service_pb2_grpc, configuration_service_pb2_grpc
from tocsin.escalation.internal.v1 import run_service_pb2_grpc
from tocsin.escalation.v1 import (
    audit_service_pb2_grpc,
    calendar_feed_service_pb2_grpc,
    escalation_service_pb2_grpc,
    escalation_watch_service_pb2_grpc,
    lint_service_pb2_grpc,
    on_call_service_pb2_grpc,
    policy_service_pb2_grpc,
    schedule_service_pb2_grpc,
    simulation_service_pb2_grpc,
    support_hours_service_pb2_grpc,
    team_service_pb2_grpc,
    token_service_pb2_grpc,
    ttyops_service_pb2_grpc,
    user_service_pb2_grpc,
)
from tocsin.escalation.v1.audit_service_pb2 import ListAuditEntriesResponse

NAME = "escalation"
READERS = ("notification", "alertstate", "ingest")
FACTS = ("user", "policy", "token", "team", "support_hours", "schedule")


@dataclass(frozen=True, slots=True)
class Others:
    """The other services, as far as they are there."""

    parts: Parts = Parts()  # noqa: RUF009 # it is frozen
    ways: Ways = AWAY
    webhooks: Webhooks = UNASKED


ALONE = Others()


async def run(config: Config) -> None:
    """Runs the service until it is told to stop."""
    async with service(NAME, config, READERS) as base:
        await base.database.write(first_start.prepare, base.clock, config.bootstrap_token)
        base.consume("alertstate", consumer.REACTIONS | token_uses.REACTIONS)
        base.consume("ingest", sources.REACTIONS | token_uses.REACTIONS)
        base.consume("notification", webhooks.REACTIONS | answers.REACTIONS | token_uses.REACTIONS)
        base.note_uses = token_uses.note
        sources.follow(base, config.ingest_address)
        known = webhooks.follow(base, config.notification_address)
        base.act_when_due(timer.DUE)
        if config.recovery_file is not None:
            base.loops.append(recovery.watch(base.database, base.clock, config.recovery_file))
        bell = Bell(base.database)
        base.loops.append(bell.run())
        await base.run(served(base, bell, _others(base, config, known)))


def _others(base: Service, config: Config, known: Webhooks) -> Others:
    ingest, notification = config.ingest_address, config.notification_address
    parts = Parts(
        sources=Sources(base.peer(ingest)) if ingest else None,
        contacts=Contacts(base.peer(notification)) if notification else None,
    )
    return Others(parts, Ways(base.peer(notification)) if notification else AWAY, known)


def served(base: Service, bell: Bell, others: Others = ALONE) -> list[Served]:
    """Returns what the service answers."""
    db, clock = base.database, base.clock
    entries: Any = AuditServicer(db, ListAuditEntriesResponse)
    return [
        (
            "tocsin.escalation.v1.AuditService",
            partial(audit_service_pb2_grpc.add_AuditServiceServicer_to_server, entries),
        ),
        (
            "tocsin.escalation.v1.UserService",
            partial(
                user_service_pb2_grpc.add_UserServiceServicer_to_server, UserServicer(db, clock)
            ),
        ),
        (
            "tocsin.escalation.v1.TeamService",
            partial(
                team_service_pb2_grpc.add_TeamServiceServicer_to_server, TeamServicer(db, clock)
            ),
        ),
        (
            "tocsin.escalation.v1.SupportHoursService",
            partial(
                support_hours_service_pb2_grpc.add_SupportHoursServiceServicer_to_server,
                SupportHoursServicer(db, clock),
            ),
        ),
        (
            "tocsin.escalation.v1.TokenService",
            partial(
                token_service_pb2_grpc.add_TokenServiceServicer_to_server, TokenServicer(db, clock)
            ),
        ),
        (
            "tocsin.escalation.v1.PolicyService",
            partial(
                policy_service_pb2_grpc.add_PolicyServiceServicer_to_server,
                PolicyServicer(db, clock, others.webhooks),
            ),
        ),
        (
            "tocsin.escalation.v1.ScheduleService",
            partial(
                schedule_service_pb2_grpc.add_ScheduleServiceServicer_to_server,
                ScheduleServicer(db, clock),
            ),
        ),
        (
            "tocsin.escalation.v1.CalendarFeedService",
            partial(
                calendar_feed_service_pb2_grpc.add_CalendarFeedServiceServicer_to_server,
                CalendarFeedServicer(db, clock, base.callers, base.config.public_url),
            ),
        ),
        (
            "tocsin.configuration.v1.ConfigurationService",
            partial(
                configuration_service_pb2_grpc.add_ConfigurationServiceServicer_to_server,
                ConfigurationServicer(db, clock, others.parts),
            ),
        ),
        (
            "tocsin.escalation.v1.OnCallService",
            partial(
                on_call_service_pb2_grpc.add_OnCallServiceServicer_to_server,
                OnCallServicer(db, clock),
            ),
        ),
        (
            "tocsin.escalation.internal.v1.RunService",
            partial(run_service_pb2_grpc.add_RunServiceServicer_to_server, RunServicer(db, clock)),
        ),
        (
            "tocsin.escalation.v1.EscalationService",
            partial(
                escalation_service_pb2_grpc.add_EscalationServiceServicer_to_server,
                EscalationServicer(db, clock),
            ),
        ),
        (
            "tocsin.escalation.v1.EscalationWatchService",
            partial(
                escalation_watch_service_pb2_grpc.add_EscalationWatchServiceServicer_to_server,
                EscalationWatchServicer(db, bell),
            ),
        ),
        (
            "tocsin.escalation.v1.TtyopsService",
            partial(
                ttyops_service_pb2_grpc.add_TtyopsServiceServicer_to_server,
                TtyopsServicer(db, clock),
            ),
        ),
        (
            "tocsin.escalation.v1.SimulationService",
            partial(
                simulation_service_pb2_grpc.add_SimulationServiceServicer_to_server,
                SimulationServicer(db, clock, others.ways),
            ),
        ),
        (
            "tocsin.escalation.v1.LintService",
            partial(
                lint_service_pb2_grpc.add_LintServiceServicer_to_server,
                LintServicer(db, clock, others.ways),
            ),
        ),
        (
            "tocsin.configuration.v1.ComparisonService",
            partial(
                comparison_service_pb2_grpc.add_ComparisonServiceServicer_to_server,
                ComparisonServicer(db, clock),
            ),
        ),
        (
            "tocsin.chassis.internal.v1.FactService",
            partial(
                fact_service_pb2_grpc.add_FactServiceServicer_to_server, FactServicer(db, FACTS)
            ),
        ),
        (
            "tocsin.chassis.internal.v1.SubjectService",
            partial(
                subject_service_pb2_grpc.add_SubjectServiceServicer_to_server, SubjectServicer(db)
            ),
        ),
    ]
