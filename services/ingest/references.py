"""What sources refer to: records of Escalation's, of which copies are kept here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn, TypeAlias, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts, suite
from services.chassis.following import Follower
from services.chassis.principal import SYSTEM, Principal, caller
from services.chassis.sql import take_turns
from services.chassis.teams import may_name, refuse_giving, sees_team
from services.ingest import sources
from services.ingest.domain.sources import SUITE_SOURCE_ID, Source, check_source, refuse
from services.ingest.sources import TURN, Means
from services.ingest.store import alerts
from services.ingest.store import sources as store
from services.ingest.wire import sources as wire
from services.ingest.wire.sources import Surroundings
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

M = TypeVar("M", bound=Message)

POLICY, TEAM, SUPPORT_HOURS = "policy", "team", "support_hours"
#: The kinds of record that ingest follows.
FOLLOWED = ("token", "user", POLICY, TEAM, SUPPORT_HOURS)

#: Records that will be there, by kind.
Coming: TypeAlias = Mapping[str, Collection[int]]
NOTHING: Coming = {POLICY: (), TEAM: (), SUPPORT_HOURS: ()}

#: How long a source shows that it reached its limit.
LIMIT_SHOWN = timedelta(hours=48)


class References:
    """Knows whether there is what a source refers to."""

    def __init__(self, escalation: Follower) -> None:
        self._escalation = escalation

    async def wanted(
        self, message: AlertSource, known: Source | None, coming: Coming = NOTHING
    ) -> Source:
        """Returns the source that the caller wants in the place of one that is known, if any.

        Raises InvalidRequest and Forbidden, naming the field, and Unavailable.
        """
        source = wire.wanted_source(message)
        check_source(source)
        refuse_giving(caller(), source.team_ids)
        await self.check(source, known, caller(), coming)
        return source

    async def check(
        self, source: Source, known: Source | None, reader: Principal, coming: Coming = NOTHING
    ) -> None:
        """Raises InvalidRequest, naming the field, if a source refers to what is not there.

        What the reader does not see is not there, unless the source that is known refers to it
        already: who changes a source need not know whose that is.

        What is coming, by kind, need not be there yet, and is the asker's to answer for.
        What is there is kept here afterwards, for `check_again`. Raises Unavailable if nobody
        can tell now.
        """
        if source.policy_id not in coming[POLICY]:
            policy = await self._found(POLICY, source.policy_id, EscalationPolicy)
            kept = known is not None and known.policy_id == source.policy_id
            if policy is None or not (kept or may_name(reader, _ids(policy.teams))):
                _refuse("escalationPolicy", source.policy_id)
        hours_id = source.support_hours_id
        if hours_id is not None and hours_id not in coming[SUPPORT_HOURS]:
            hours = await self._found(SUPPORT_HOURS, hours_id, SupportHours)
            kept = known is not None and known.support_hours_id == hours_id
            if hours is None or not (kept or may_name(reader, _ids(hours.teams))):
                _refuse("supportHours", hours_id)
        for team_id in set(source.team_ids).difference(coming[TEAM]):
            team = await self._found(TEAM, team_id, Team)
            kept = known is not None and team_id in known.team_ids
            if team is None or not (kept or _sees(reader, team)):
                _refuse("teams", team_id)

    async def _found(self, kind: str, id_: int, message: type[M]) -> M | None:
        return await self._escalation.ask(kind, id_, message)


def check_again(connection: Connection, now: datetime, source: Source) -> None:
    """Raises InvalidRequest, naming the field, if a source must not refer to what it does.

    It may have gone since it was asked for; from now on nothing goes unnoticed until the
    transaction ends.
    """
    take_turns(connection, TURN)
    around = surroundings(connection, now, [source])
    if str(source.policy_id) not in around.policies:
        _refuse("escalationPolicy", source.policy_id)
    if source.support_hours_id and str(source.support_hours_id) not in around.support_hours:
        _refuse("supportHours", source.support_hours_id)
    for team_id in source.team_ids:
        if str(team_id) not in around.teams:
            _refuse("teams", team_id)


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
    known = store.get(connection, wanted.id, lock=True)
    sources.put(connection, means, known, wanted, SYSTEM.actor())


def _tell_of(connection: Connection, now: datetime, source: Source) -> None:
    suite.raise_alert(
        connection,
        now,
        what=f"policy-gone:{source.id}",
        summary=f"Alert source {source.name} follows an escalation policy that was deleted",
        details=f"The alerts of alert source {source.id} reach nobody until it is given another"
        f" policy than {source.policy_id}.",
    )


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
