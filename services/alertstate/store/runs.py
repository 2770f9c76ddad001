"""How far the escalation of an alert is known."""

from sqlalchemy import Connection, and_, or_, update

from services.alertstate.domain.reports import Run
from services.alertstate.store.tables import ALERT


def advance(connection: Connection, alert_id: int, run: Run) -> bool:
    """Notes a report about an alert's escalation; False if it is old or there is no alert.

    Keeps others from changing the alert.
    """
    older = or_(
        ALERT.c.run_episode < run.episode,
        and_(ALERT.c.run_episode == run.episode, ALERT.c.run_version < run.version),
    )
    newer = update(ALERT).where(ALERT.c.id == alert_id, older)
    noted = connection.execute(newer.values(run_episode=run.episode, run_version=run.version))
    return noted.rowcount == 1
