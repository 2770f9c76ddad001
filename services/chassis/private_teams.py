"""Keeps private teams from callers who may not see them.

A record that belongs to a private team is shown to everybody, with the team's id alone. Who may
not see a team may leave it in a record, but not write it into one: to them there is none.
"""

from collections.abc import Collection, Iterable, Iterator

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.principal import ADMIN, caller
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User


def sees_all(connection: Connection) -> bool:
    """Tells whether the caller is an ADMIN, or a token that may do everything."""
    if caller().may(ADMIN):
        return True
    user = facts.get(connection, "user", caller().user_id, User)
    return user is not None and user.role == User.ADMIN


def hide(connection: Connection, records: Iterable[Message]) -> None:
    """Takes the names of private teams that the caller may not see out of records."""
    for team in _hidden(connection, (team for record in records for team in _teams(record))):
        team.ClearField("name")


def nameable(
    connection: Connection, named: Iterable[int], kept: Collection[int] = ()
) -> frozenset[int]:
    """Returns the teams that the caller may write into a record, out of those that it names.

    They are those that exist and that the caller may see; of those that the record names
    already, the `kept`, all that exist.
    """
    teams = facts.many(connection, "team", named, Team).values()
    hidden = {team.id for team in _hidden(connection, teams)} - set(kept)
    return frozenset(team.id for team in teams) - hidden


def _hidden(connection: Connection, teams: Iterable[Team]) -> list[Team]:
    """Returns those teams that the caller may not see."""
    foreign = [
        team for team in teams if team.visibility == Team.PRIVATE and team.id not in caller().teams
    ]
    return [] if not foreign or sees_all(connection) else foreign


def _teams(message: Message) -> Iterator[Team]:
    """Yields the teams that a record refers to, however deep."""
    if isinstance(message, Team):
        yield message
    if isinstance(message, Team | User):  # people are the most, and refer to nothing
        return
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        for each in [value] if isinstance(value, Message) else value:
            yield from _teams(each)
