"""Which records belong to which teams."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Table, select


def only_of(
    record_id: ColumnElement[int],
    link_id: ColumnElement[int],
    link: Table,
    teams: Iterable[int],
) -> ColumnElement[bool]:
    """Returns what is true of the records that belong to one of these teams."""
    return record_id.in_(select(link_id).where(link.c.team_id.in_(sorted(teams))))
