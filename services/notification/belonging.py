"""Whose an event is, and so which webhooks hear of it, by the rules of `services.chassis.teams`."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import Enum, auto

from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.authentication import TEAM
from services.chassis.principal import Principal
from services.chassis.teams import may_name, sees
from services.notification import references
from services.notification.store import belongings
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.team_pb2 import Team

#: What comes after the run's own key in that of a call by hand, once the run has ended.
CALL = ":call:"


class Verdict(Enum):
    """Whether a webhook hears of an event."""

    HEARS = auto()
    DOES_NOT = auto()
    UNKNOWN = auto()  # nobody has said yet whose it is


def of_alert(alert_id: int) -> str:
    """Names an alert, as something that belongs to somebody."""
    return f"alert:{alert_id}"


def of_run(escalation_key: str) -> str:
    """Names a run, as something that belongs to somebody."""
    return f"run:{escalation_key.split(CALL)[0]}"


def note_alert(connection: Connection, now: datetime, event: AlertChanged) -> None:
    """Remembers whose an alert is, if the event says so."""
    if event.HasField("belonging"):
        teams = event.belonging.team_ids
        belongings.note(connection, now, of_alert(event.alert.id), team_ids=teams)


def note_run(connection: Connection, now: datetime, run: Escalation) -> None:
    """Remembers whose a run is: its policy's."""
    belongings.note(connection, now, of_run(run.key), policy_id=run.escalation_policy_id)


def judge(
    connection: Connection, webhooks: Mapping[int, Collection[int]], about: Iterable[str]
) -> dict[int, Verdict]:
    """Decides which webhooks, given with their teams, hear of what is about all of some things."""
    names = set(about)
    known = _teams(connection, names)
    private = _private(connection, {team for teams in known.values() for team in teams})
    return {id_: _verdict(viewers(teams, private), names, known) for id_, teams in webhooks.items()}


def viewers(teams: Collection[int], private: Collection[int]) -> list[Principal]:
    """Returns on whose behalf a webhook hears: of each of its teams, or of none.

    Whoever may change it may say where it goes, and those are the members of all of its teams.
    """
    return [_viewer(team, frozenset(private) - {team}) for team in teams or [0]]


def may_hear_name(connection: Connection, teams: Collection[int], policy_id: int) -> bool:
    """Tells whether a webhook of some teams may hear what a policy is called."""
    for policy in facts.ever(connection, references.POLICY, EscalationPolicy, [policy_id]):
        theirs = [team.id for team in policy.teams]
        private = _private(connection, theirs)
        return all(may_name(viewer, theirs) for viewer in viewers(teams, private))
    return False


def _viewer(team: int, hidden: frozenset[int]) -> Principal:
    return Principal(
        kind="SERVICE", id="", name="", teams=frozenset({team} if team else ()), hidden=hidden
    )


def _verdict(
    viewers: Iterable[Principal], names: Collection[str], known: Mapping[str, Collection[int]]
) -> Verdict:
    if not all(sees(viewer, teams) for viewer in viewers for teams in known.values()):
        return Verdict.DOES_NOT
    return Verdict.HEARS if len(known) == len(names) else Verdict.UNKNOWN


def _teams(connection: Connection, names: Collection[str]) -> dict[str, Collection[int]]:
    """Returns whose those things are of which that is known."""
    rows = belongings.known(connection, names)
    ids = {row.policy_id for row in rows} - {0}
    policies = facts.ever(connection, references.POLICY, EscalationPolicy, ids) if ids else []
    theirs = {policy.id: [team.id for team in policy.teams] for policy in policies}
    found: dict[str, Collection[int]] = {}
    for row in rows:
        if not row.policy_id:
            found[row.name] = row.team_ids
        elif row.policy_id in theirs:
            found[row.name] = theirs[row.policy_id]
    return found


def _private(connection: Connection, team_ids: Collection[int]) -> set[int]:
    """Returns which teams are private; one that nobody knows here counts as such."""
    known = facts.ever(connection, TEAM, Team, team_ids) if team_ids else []
    public = {team.id for team in known if team.visibility != Team.PRIVATE}
    return set(team_ids) - public
