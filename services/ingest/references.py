"""What sources refer to: records of Escalation's, of which copies are kept here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NoReturn, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.facts import Follower
from services.chassis.principal import Principal
from services.chassis.teams import may_name, sees_team
from services.ingest.domain.sources import Source, refuse
from services.ingest.store import alerts
from services.ingest.store import sources as store
from services.ingest.wire.sources import Surroundings
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team

M = TypeVar("M", bound=Message)

POLICY, TEAM, SUPPORT_HOURS = "policy", "team", "support_hours"
#: The kinds of record that ingest follows.
FOLLOWED = ("token", "user", POLICY, TEAM, SUPPORT_HOURS)

#: How long a source shows that it reached its limit.
LIMIT_SHOWN = timedelta(hours=48)


class References:
    """Knows whether there is what a source refers to."""

    def __init__(self, escalation: Follower) -> None:
        self._escalation = escalation

    async def check(self, source: Source, known: Source | None, reader: Principal) -> None:
        """Raises InvalidRequest, naming the field, if a source refers to what is not there.

        What the reader does not see is not there, unless the source that is known refers to it
        already: who changes a source need not know whose that is.

        Raises Unavailable if nobody can tell now.
        """
        policy = await self._found(POLICY, source.policy_id, EscalationPolicy)
        kept = known is not None and known.policy_id == source.policy_id
        if policy is None or not (kept or may_name(reader, _ids(policy.teams))):
            _refuse("escalationPolicy", source.policy_id)
        if source.support_hours_id is not None:
            hours = await self._found(SUPPORT_HOURS, source.support_hours_id, SupportHours)
            kept = known is not None and known.support_hours_id == source.support_hours_id
            if hours is None or not (kept or may_name(reader, _ids(hours.teams))):
                _refuse("supportHours", source.support_hours_id)
        for team_id in source.team_ids:
            team = await self._found(TEAM, team_id, Team)
            kept = known is not None and team_id in known.team_ids
            if team is None or not (kept or _sees(reader, team)):
                _refuse("teams", team_id)

    async def _found(self, kind: str, id_: int, message: type[M]) -> M | None:
        return await self._escalation.ask(kind, id_, message)


def _ids(teams: Iterable[Team]) -> list[int]:
    return [team.id for team in teams]


def _sees(reader: Principal, team: Team) -> bool:
    return sees_team(reader, team.id, private=team.visibility == Team.PRIVATE)


def _refuse(field: str, id_: int) -> NoReturn:
    refuse(field, f"names {id_}, which is not there")


def surroundings(connection: Connection, now: datetime, sources: Sequence[Source]) -> Surroundings:
    """Returns what is shown with sources."""
    ids = [source.id for source in sources]
    team_ids = {team_id for source in sources for team_id in source.team_ids}
    hours_ids = {source.support_hours_id for source in sources if source.support_hours_id}
    policy_ids = {source.policy_id for source in sources}
    return Surroundings(
        policies=facts.many(connection, POLICY, policy_ids, EscalationPolicy),
        teams=facts.many(connection, TEAM, team_ids, Team),
        support_hours=facts.many(connection, SUPPORT_HOURS, hours_ids, SupportHours),
        alerts=alerts.of_sources(connection, ids),
        limits_reached=store.limits_reached(connection, ids, now - LIMIT_SHOWN),
    )
