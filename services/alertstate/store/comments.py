"""What was said about alerts, numbered within each alert."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, insert, select

from services.alertstate.domain.alerts import Alert, Comment
from services.alertstate.store.tables import COMMENT
from services.chassis.paging import Page


def add(connection: Connection, said: Iterable[tuple[Alert, Sequence[Comment]]]) -> None:
    """Writes the newest comments of alerts, which count them already."""
    rows = [
        {
            "alert_id": alert.id,
            "number": number,
            "content": comment.content,
            "creator": comment.creator,
            "user_id": comment.user_id,
            "at": comment.at,
        }
        for alert, comments in said
        for number, comment in enumerate(comments, start=alert.comment_count - len(comments) + 1)
    ]
    if rows:
        connection.execute(insert(COMMENT), rows)


def oldest(connection: Connection, alert_id: int, page: Page) -> list[tuple[int, Comment]]:
    """Returns one page of an alert's comments with their numbers, oldest first."""
    query = select(COMMENT).where(COMMENT.c.alert_id == alert_id).order_by(COMMENT.c.number)
    return [
        (
            row.number,
            Comment(content=row.content, creator=row.creator, user_id=row.user_id, at=row.at),
        )
        for row in connection.execute(query.offset(page.offset).limit(page.limit))
    ]
