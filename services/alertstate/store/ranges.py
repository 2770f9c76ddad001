"""Ranges of an index, each in a list's order, merged as far down as a page goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    func,
    literal_column,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from services.chassis.paging import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Rows of a table that stand for alerts, by what columns hold in each range."""

    alert_id: Column[int]
    report_time: Column[Any]
    each: Sequence[Mapping[str, object]]
    conditions: Sequence[ColumnElement[bool]] = ()  # that hold in all of them
    overlap: bool = False  # the same alert may be in several

    def rows(self, of: Mapping[str, object], *columns: ColumnElement[Any]) -> Select[Any]:
        """Returns what selects columns of one range."""
        table = self.alert_id.table
        held = [table.c[name] == value for name, value in of.items()]
        return select(*columns).where(*held, *self.conditions)


def newest(
    connection: Connection, ranges: Ranges, page: Page, total: int | None = None
) -> list[int]:
    """Returns the ids of one page of alerts, newest first.

    Comes from the other end if that is known to be nearer, by how many there are in all.
    """
    if total is None or page.offset <= total // 2:
        return _ids(connection, ranges, page, descending=True)
    end = max(total - page.offset, 0)
    start = max(end - page.limit, 0)
    mirrored = Page(offset=start, limit=end - start)
    return _ids(connection, ranges, mirrored, descending=False)[::-1]


def count(connection: Connection, ranges: Ranges) -> int:
    """Returns how many alerts there are."""
    if not ranges.each:
        return 0
    if ranges.overlap:
        every = _merged(connection, ranges, descending=True)
        query = select(func.count()).select_from(every.subquery())
    else:
        each = union_all(*(ranges.rows(each, func.count().label("n")) for each in ranges.each))
        query = select(func.sum(each.subquery().c.n))
    return int(connection.execute(query).scalar_one())


def _ids(connection: Connection, ranges: Ranges, page: Page, *, descending: bool) -> list[int]:
    if not ranges.each:
        return []
    merged = _merged(connection, ranges, descending=descending)
    rows = connection.execute(merged.offset(page.offset).limit(page.limit))
    return [row.number for row in rows]


def _merged(
    connection: Connection, ranges: Ranges, *, descending: bool
) -> CompoundSelect[Any] | Select[Any]:
    """Returns what takes the rows of ranges in turn, no alert twice."""
    number, time = ranges.alert_id.label("number"), ranges.report_time.label("time")
    names: list[ColumnElement[Any]] = [literal_column("time"), literal_column("number")]
    order = [name.desc() if descending else name.asc() for name in names]
    # In order already, each for itself: PostgreSQL would not see it, and sort them all.
    inner = [ranges.rows(each, number, time).order_by(*order).subquery() for each in ranges.each]
    arms = [select(arm.c.number, arm.c.time) for arm in inner]
    if len(arms) == 1:
        return arms[0].order_by(*order)
    if not ranges.overlap:
        return union_all(*arms).order_by(*order)
    if connection.dialect.name == "sqlite":
        return union(*arms).order_by(*order)
    # Of a plain DISTINCT or UNION PostgreSQL makes a hash, which for a million rows takes minutes.
    every = union_all(*arms).subquery()
    columns = every.c.time, every.c.number
    return select(*columns).ext(distinct_on(*columns)).order_by(*order)
