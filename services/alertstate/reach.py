"""Which alerts somebody reaches: by the teams of their source, or because they were called.

An alert belongs to the teams that its source had when it was raised; one without a source to
those of its policy. Whoever is a responder sees and answers it all the same: a person who was
paged must be able to accept.
"""

from sqlalchemy import Column, ColumnElement, Connection, exists, or_, select

from services.alertstate.store.tables import ALERT, ALERT_TEAM, RESPONDER
from services.chassis import teams
from services.chassis.errors import NotFound
from services.chassis.principal import Principal, caller


def seen(reader: Principal, alert_id: Column[int] = ALERT.c.id) -> ColumnElement[bool]:
    """Returns what is true of the alerts that somebody sees, among rows that name alerts."""
    rows = teams.seen_rows(reader, alert_id, ALERT_TEAM.c.alert_id, ALERT_TEAM)
    if teams.hides_nothing(reader) or reader.team or not reader.user_id:
        return rows
    theirs = RESPONDER.alias()
    called = exists().where(
        theirs.c.alert_id == alert_id, theirs.c.user_id == reader.user_id, ~theirs.c.removed
    )
    return or_(rows, called)


def refuse_unseen(connection: Connection, alert_id: int) -> None:
    """Raises NotFound if the caller does not see an alert."""
    if teams.hides_nothing(caller()):
        return
    query = select(ALERT.c.id).where(ALERT.c.id == alert_id, seen(caller()))
    if connection.execute(query).one_or_none() is None:
        raise NotFound(f"there is no alert {alert_id}")


def refuse_unanswered(connection: Connection, alert_id: int) -> None:
    """Raises NotFound if the caller does not see an alert, Forbidden if they only look on."""
    refuse_unseen(connection, alert_id)
    if not caller().watches or _is_called(connection, alert_id):
        return
    of = select(ALERT_TEAM.c.team_id).where(ALERT_TEAM.c.alert_id == alert_id)
    belongs_to = connection.execute(of).scalars().all()
    teams.refuse_unanswered(caller(), belongs_to, f"alert {alert_id}")


def _is_called(connection: Connection, alert_id: int) -> bool:
    query = select(RESPONDER.c.user_id).where(
        RESPONDER.c.alert_id == alert_id,
        RESPONDER.c.user_id == caller().user_id,
        ~RESPONDER.c.removed,
    )
    return not caller().team and connection.execute(query).one_or_none() is not None
