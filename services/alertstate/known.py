"""What is known here of other services' records, for the alerts that name them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import Connection

from services.alertstate.domain.alerts import Alert
from services.chassis import authentication, facts
from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.people import called
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

SOURCE = "source"
POLICY = "policy"
USER = "user"
SCHEDULE = "schedule"
TEAM = authentication.TEAM
_MESSAGES: Mapping[str, type[EscalationPolicy | Schedule | Team]] = {
    POLICY: EscalationPolicy,
    SCHEDULE: Schedule,
    TEAM: Team,
}


@dataclass(frozen=True, slots=True)
class Known:
    """Records by their id; whatever is missing is shown by its id alone."""

    sources: dict[str, AlertSource] = field(default_factory=dict)
    policies: dict[str, EscalationPolicy] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)


def about(connection: Connection, alerts: Collection[Alert]) -> Known:
    """Returns what is known of the sources, policies and people of alerts."""
    source_ids = {alert.source_id for alert in alerts}
    found = beside(connection, source_ids, {alert.content.policy_id for alert in alerts})
    return replace(found, users=users(connection, alerts))


def beside(connection: Connection, source_ids: set[int], policy_ids: set[int]) -> Known:
    """Returns what is known of sources and policies, and of the sources' policies."""
    found = sources(connection, source_ids - {0})
    named = policy_ids | {source.escalation_policy.id for source in found.values()}
    return Known(found, facts.many(connection, POLICY, named - {0}, EscalationPolicy))


def sources(connection: Connection, ids: Iterable[int]) -> dict[str, AlertSource]:
    """Returns what is known of sources."""
    return facts.many(connection, SOURCE, ids, AlertSource)


def users(connection: Connection, alerts: Iterable[Alert]) -> dict[str, User]:
    """Returns what is known of the responders of alerts."""
    ids = {each.user_id for alert in alerts for each in alert.responders}
    return facts.many(connection, USER, ids, User) if ids else {}


def policies_by_routing_key(connection: Connection) -> dict[str, int]:
    """Returns the ids of all policies that events can name, by how they do."""
    found = facts.every(connection, POLICY, EscalationPolicy)
    return {policy.routing_key: policy.id for policy in found if policy.HasField("routing_key")}


def every_policy(connection: Connection) -> dict[str, EscalationPolicy]:
    """Returns all policies."""
    found = facts.every(connection, POLICY, EscalationPolicy)
    return {str(policy.id): policy for policy in found}


def every_user(connection: Connection) -> list[User]:
    """Returns all people."""
    return facts.every(connection, USER, User)


def every_schedule(connection: Connection) -> list[Schedule]:
    """Returns all schedules."""
    return facts.every(connection, SCHEDULE, Schedule)


def user_name(connection: Connection, user_id: int) -> str:
    """Returns what to call a person."""
    return user_names(connection, [user_id])[user_id]


def user_names(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Returns what to call people."""
    found = facts.many(connection, USER, ids, User) if ids else {}
    return {id_: called(found.get(str(id_)) or User(id=id_)) for id_ in ids}


def public_names(connection: Connection, kind: str, ids: Collection[int]) -> dict[int, str]:
    """Returns what to call schedules, teams or policies where everybody may read it.

    What only members of private teams see goes by its number, as what is not known does.
    """
    found = facts.many(connection, kind, ids, _MESSAGES[kind]) if ids else {}
    return {id_: _public_name(found.get(str(id_))) or str(id_) for id_ in ids}


def accept_expiries(connection: Connection, policy_ids: Iterable[int]) -> dict[int, timedelta]:
    """Returns how long an accept lasts under those policies under which it ends."""
    found = facts.many(connection, POLICY, policy_ids, EscalationPolicy)
    return {
        policy.id: timedelta(minutes=policy.accept_expiry_min)
        for policy in found.values()
        if policy.HasField("accept_expiry_min")
    }


def meant(connection: Connection, who: str) -> int:
    """Returns the one person meant by an id, an e-mail address or its part before the @.

    0 for an empty text; an id is taken at its word. Raises NotFound if nobody is meant, and
    InvalidRequest if several people are.
    """
    said = who.strip().lower()
    if not said or _is_id(said):
        return int(said or 0)
    found = named(connection, [said])
    if len(found) > 1:
        raise InvalidRequest(f"{who} may be several people: say the whole address", field="user-id")
    if not found:
        raise NotFound(f"there is no user {who}")
    return found[0]


def named(connection: Connection, words: Iterable[str]) -> tuple[int, ...]:
    """Returns the people meant by ids, e-mail addresses or their parts before the @."""
    wanted = {word.strip().lower() for word in words}
    ids = {int(word) for word in wanted if _is_id(word)}
    for user in every_user(connection) if wanted else ():
        email = user.email.lower()
        if email in wanted or email.partition("@")[0] in wanted:
            ids.add(user.id)
    return tuple(sorted(ids))


def _public_name(record: EscalationPolicy | Schedule | Team | None) -> str:
    if record is None:
        return ""
    teams = [record] if isinstance(record, Team) else record.teams
    hidden = bool(teams) and all(team.visibility == Team.PRIVATE for team in teams)
    return "" if hidden else record.name


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10
