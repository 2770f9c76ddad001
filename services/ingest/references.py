"""What sources refer to: records of Escalation's, of which copies are kept here."""

from collections.abc import Sequence
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.facts import Follower
from services.chassis.principal import Principal
from services.chassis.teams import may_name
from services.ingest import store
from services.ingest.domain.sources import Source, refuse
from services.ingest.wire.sources import Surroundings
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team

M = TypeVar("M", bound=Message)

POLICY, TEAM, SUPPORT_HOURS = "policy", "team", "support_hours"
#: The kinds of record that ingest follows.
FOLLOWED = ("token", "user", POLICY, TEAM, SUPPORT_HOURS)


class References:
    """Knows whether there is what a source refers to."""

    def __init__(self, escalation: Follower) -> None:
        self._escalation = escalation

    async def check(self, source: Source, reader: Principal) -> None:
        """Raises InvalidRequest, naming the field, if a source refers to what is not there.

        What the reader does not see is not there.

        Raises Unavailable if nobody can tell now.
        """
        policy = await self._check(POLICY, source.policy_id, EscalationPolicy, "escalationPolicy")
        if not may_name(reader, [team.id for team in policy.teams]):
            refuse("escalationPolicy", f"names {source.policy_id}, which is not there")
        if source.support_hours_id is not None:
            await self._check(SUPPORT_HOURS, source.support_hours_id, SupportHours, "supportHours")
        for team_id in source.team_ids:
            await self._check(TEAM, team_id, Team, "teams")

    async def _check(self, kind: str, id_: int, message: type[M], field: str) -> M:
        found = await self._escalation.ask(kind, id_, message)
        if found is None:
            refuse(field, f"names {id_}, which is not there")
        return found


def surroundings(connection: Connection, sources: Sequence[Source]) -> Surroundings:
    """Returns what is shown with sources."""
    team_ids = {team_id for source in sources for team_id in source.team_ids}
    hours_ids = {source.support_hours_id for source in sources if source.support_hours_id}
    policy_ids = {source.policy_id for source in sources}
    return Surroundings(
        policies=facts.many(connection, POLICY, policy_ids, EscalationPolicy),
        teams=facts.many(connection, TEAM, team_ids, Team),
        support_hours=facts.many(connection, SUPPORT_HOURS, hours_ids, SupportHours),
        alerts=store.open_alerts(connection, [source.id for source in sources]),
    )
