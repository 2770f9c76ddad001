"""Who sees, answers and changes what belongs to teams: the one place that decides.

A thing belongs to no team, to one or to several.

    seen      of no team: by everybody. Of teams: by everybody if one of them is public, else
              by their members.
    answered  (alerts, escalations) by whoever sees it, unless all that they are in its teams
              is a STAKEHOLDER: who sees an alert may help.
    changed   (configuration) of no team: by everybody. Of teams: by who is a USER or an ADMIN
              in one of them.

Who holds the scope "admin", or acts for a person who is an ADMIN, is in every team. A token
that is bound to a team touches what belongs to that team and nothing else, whoever it acts
for. All this comes after the scope, which says what may be done at all.

A record that is seen may refer to teams, policies, schedules, support hours and webhooks that
its reader does not see: of those, it tells the id alone (`hide_unseen`).
"""

from collections.abc import Collection, Iterable, Iterator

from google.protobuf.message import Message
from sqlalchemy import ColumnElement, Table, exists, or_, true

from services.chassis.errors import Forbidden, NotFound
from services.chassis.principal import ADMIN, INTERNAL, Principal
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, WebhookReference
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User


def in_every_team(principal: Principal) -> bool:
    """Tells whether somebody sees and changes everything, whoever it belongs to."""
    return not principal.team and _everywhere(principal)


def hides_nothing(principal: Principal) -> bool:
    """Tells whether somebody sees everything that there is."""
    return not principal.team and (not principal.hidden or _everywhere(principal))


def sees_team(principal: Principal, team_id: int, *, private: bool) -> bool:
    """Tells whether somebody sees a team itself: its name, and who is in it."""
    if principal.team:
        return principal.team == team_id
    return not private or team_id in principal.teams or _everywhere(principal)


def sees(principal: Principal, teams: Collection[int]) -> bool:
    """Tells whether somebody sees what belongs to those teams."""
    if principal.team:
        return principal.team in teams
    return not teams or _everywhere(principal) or any(t not in principal.hidden for t in teams)


def may_name(principal: Principal, teams: Collection[int]) -> bool:
    """Tells whether somebody may refer to what belongs to those teams.

    What is everybody's may be referred to with a token that is bound to a team, too.
    """
    return not teams or sees(principal, teams)


def answers(principal: Principal, teams: Collection[int]) -> bool:
    """Tells whether somebody may answer what belongs to those teams."""
    if not sees(principal, teams):
        return False
    if _everywhere(principal):
        return True
    places = principal.teams.intersection(teams)
    return not places or bool(places - principal.watches)


def changes(principal: Principal, teams: Collection[int]) -> bool:
    """Tells whether somebody may change what belongs to those teams."""
    if not sees(principal, teams):
        return False
    return not teams or _everywhere(principal) or bool(principal.changes.intersection(teams))


def refuse_unseen(principal: Principal, teams: Collection[int], what: str) -> None:
    """Raises NotFound unless somebody sees `what`, for example "policy 7"."""
    if not sees(principal, teams):
        raise NotFound(f"there is no {what}")


def refuse_unanswered(principal: Principal, teams: Collection[int], what: str) -> None:
    """Raises NotFound unless somebody sees `what`, and Forbidden unless they may answer it."""
    refuse_unseen(principal, teams, what)
    if not answers(principal, teams):
        raise Forbidden(f"stakeholders only look at {what}", reason="TEAM_MEMBERS_ONLY")


def refuse_unchangeable(principal: Principal, teams: Collection[int], what: str) -> None:
    """Raises NotFound unless somebody sees `what`, and Forbidden unless they may change it."""
    refuse_unseen(principal, teams, what)
    if not changes(principal, teams):
        raise Forbidden(
            f"only members of its teams change {what}, as USER or ADMIN",
            reason="TEAM_MEMBERS_ONLY",
        )


def refuse_giving(principal: Principal, teams: Collection[int]) -> None:
    """Raises Forbidden unless somebody may let a thing belong to those teams."""
    if not changes(principal, teams):
        raise Forbidden(
            "what you make or change must belong to a team whose configuration you may change",
            reason="TEAM_MEMBERS_ONLY",
            field="teams",
        )


def seen_rows(
    principal: Principal, record_id: ColumnElement[int], link_id: ColumnElement[int], link: Table
) -> ColumnElement[bool]:
    """Returns what is true of the records that somebody sees.

    `link` says which record (`link_id`) belongs to which team (its column `team_id`).
    """
    theirs = exists().where(link_id == record_id)
    if principal.team:
        return theirs.where(link.c.team_id == principal.team)
    if hides_nothing(principal):
        return true()
    return or_(~theirs, theirs.where(link.c.team_id.not_in(sorted(principal.hidden))))


def hide_unseen(principal: Principal, records: Iterable[Message]) -> None:
    """Takes out of records what they refer to, however deep, and somebody does not see.

    Its id stays, and that a team is private.
    """
    for record in records:
        _hide(principal, record)


def _hide(principal: Principal, message: Message) -> None:
    if isinstance(message, Team):
        private = message.visibility == Team.PRIVATE
        if private and not sees_team(principal, message.id, private=private):
            message.ClearField("name")
    elif isinstance(message, EscalationPolicy | Schedule | SupportHours) and not may_name(
        principal, [team.id for team in message.teams]
    ):
        _tell_id_alone(message)
    elif isinstance(message, WebhookReference):
        if not may_name(principal, message.team_ids):
            _tell_id_alone(message)
    elif not isinstance(message, User):  # people are the most, and refer to nothing
        for each in _within(message):
            _hide(principal, each)


def _tell_id_alone(message: EscalationPolicy | Schedule | SupportHours | WebhookReference) -> None:
    id_ = message.id
    message.Clear()
    message.id = id_


def _within(message: Message) -> Iterator[Message]:
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        yield from [value] if isinstance(value, Message) else value


def _everywhere(principal: Principal) -> bool:
    return principal.is_admin or principal.may(ADMIN) or principal.may(INTERNAL)
