"""What sources refer to: records of Escalation's, of which copies are kept here."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts, private_teams, suite
from services.chassis.facts import Follower
from services.chassis.principal import SYSTEM
from services.chassis.sql import take_turns
from services.ingest import sources
from services.ingest.domain.sources import SUITE_SOURCE_ID, Source, refuse
from services.ingest.sources import Means
from services.ingest.store import alerts
from services.ingest.store import sources as store
from services.ingest.wire.sources import Surroundings
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team

POLICY, TEAM, SUPPORT_HOURS = "policy", "team", "support_hours"
#: Whoever writes what sources refer to, or notes that it is gone.
TURN = "ingest references"
#: The kinds of record that ingest follows.
FOLLOWED = ("token", "user", POLICY, TEAM, SUPPORT_HOURS)


class References:
    """Knows whether there is what a source refers to."""

    def __init__(self, escalation: Follower) -> None:
        self._escalation = escalation

    async def check(self, source: Source) -> None:
        """Raises InvalidRequest, naming the field, if a source refers to what is not there.

        What is there is kept here afterwards, for `check_again`. Raises Unavailable if nobody
        can tell now.
        """
        await self._check(POLICY, source.policy_id, EscalationPolicy, "escalationPolicy")
        if source.support_hours_id is not None:
            await self._check(SUPPORT_HOURS, source.support_hours_id, SupportHours, "supportHours")
        for team_id in source.team_ids:
            await self._check(TEAM, team_id, Team, "teams")

    async def _check(self, kind: str, id_: int, message: type[Message], field: str) -> None:
        if await self._escalation.ask(kind, id_, message) is None:
            _refuse_missing(field, id_)


def check_again(connection: Connection, source: Source, kept_teams: Collection[int] = ()) -> None:
    """Raises InvalidRequest, naming the field, if a source must not refer to what it does.

    It may have gone since it was asked for; from now on nothing goes unnoticed until the
    transaction ends. A team that the caller may not see is none, unless the source has it.
    """
    take_turns(connection, TURN)
    around = surroundings(connection, [source])
    if str(source.policy_id) not in around.policies:
        _refuse_missing("escalationPolicy", source.policy_id)
    if source.support_hours_id and str(source.support_hours_id) not in around.support_hours:
        _refuse_missing("supportHours", source.support_hours_id)
    nameable = private_teams.nameable(connection, source.team_ids, kept_teams)
    for team_id in source.team_ids:
        if team_id not in nameable:
            _refuse_missing("teams", team_id)


def gone(connection: Connection, now: datetime, means: Means, kind: str, id_: int) -> None:
    """Takes what is gone out of the sources that refer to it.

    Escalation deletes nothing that a source is known to refer to, but may hear of the source
    too late. A source must have a policy: of one without, those who run Tocsin are told.
    """
    take_turns(connection, TURN)
    if kind == POLICY:
        for source in store.following(connection, id_):
            if source.id != SUITE_SOURCE_ID:  # no alert about the suite is about its own source
                _tell_of(connection, now, source)
    elif kind == SUPPORT_HOURS:
        for source in store.with_support_hours(connection, id_):
            _change(connection, means, replace(source, support_hours_id=None))
    elif kind == TEAM:
        for source in store.of_team(connection, id_):
            left = tuple(team_id for team_id in source.team_ids if team_id != id_)
            _change(connection, means, replace(source, team_ids=left))


def _change(connection: Connection, means: Means, wanted: Source) -> None:
    sources.change(connection, means, wanted.id, wanted, SYSTEM.actor())


def _tell_of(connection: Connection, now: datetime, source: Source) -> None:
    suite.raise_alert(
        connection,
        now,
        what=f"policy-gone:{source.id}",
        summary=f"Alert source {source.name} follows an escalation policy that was deleted",
        details=f"The alerts of alert source {source.id} reach nobody until it is given another"
        f" policy than {source.policy_id}.",
    )


def _refuse_missing(field: str, id_: int) -> NoReturn:
    refuse(field, f"names {id_}, which is not there")


def surroundings(connection: Connection, sources: Sequence[Source]) -> Surroundings:
    """Returns what is shown with sources."""
    team_ids = {team_id for source in sources for team_id in source.team_ids}
    hours_ids = {source.support_hours_id for source in sources if source.support_hours_id}
    policy_ids = {source.policy_id for source in sources}
    return Surroundings(
        policies=facts.many(connection, POLICY, policy_ids, EscalationPolicy),
        teams=facts.many(connection, TEAM, team_ids, Team),
        support_hours=facts.many(connection, SUPPORT_HOURS, hours_ids, SupportHours),
        alerts=alerts.of_sources(connection, [source.id for source in sources]),
    )
