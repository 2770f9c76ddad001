"""Many rows in one statement.

SQLite's driver is fast at one row after the other. PostgreSQL takes the columns as arrays, in
binary: a statement per row, even pipelined, costs both ends several times as much.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Table,
    any_,
    bindparam,
    insert,
    update,
)
from sqlalchemy.dialects import postgresql

Rows = Sequence[Mapping[str, Any]]

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own
#: What tells a row's key from its new values, where both are bound by name.
_KEY = "which_"


def insert_all(connection: Connection, table: Table, rows: Rows) -> None:
    """Adds rows, which all have the same columns."""
    if rows and connection.dialect.name == "postgresql":
        names = tuple(rows[0])
        connection.exec_driver_sql(_insert(table, names), _arrays(table, names, rows))
    elif rows:
        connection.execute(insert(table), rows)


def update_all(connection: Connection, table: Table, rows: Rows) -> None:
    """Changes rows by their primary keys, each to its own values of the same columns."""
    if rows and connection.dialect.name == "postgresql":
        names = tuple(rows[0])
        connection.exec_driver_sql(_update(table, names), _arrays(table, names, rows))
    elif rows:
        keys = table.primary_key.columns.keys()
        changed = update(table).where(*(table.c[key] == bindparam(_KEY + key) for key in keys))
        values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name not in keys}
        bound = [{(_KEY if n in keys else "") + n: v for n, v in row.items()} for row in rows]
        connection.execute(changed.values(values), bound)


def one_of(
    connection: Connection, column: Column[Any], values: Sequence[Any]
) -> ColumnElement[bool]:
    """Returns whether a column has one of very many values."""
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    many: BindParameter[Any] = bindparam(None, list(values), type_=postgresql.ARRAY(column.type))
    return column == any_(many)


@cache
def _insert(table: Table, names: tuple[str, ...]) -> str:
    return (
        f"INSERT INTO {_quoted(table.name)} ({_list(names)}) SELECT * FROM {_given(table, names)}"
    )


@cache
def _update(table: Table, names: tuple[str, ...]) -> str:
    keys = table.primary_key.columns.keys()
    own = _quoted(table.name)
    values = ", ".join(f"{_quoted(n)} = given.{_quoted(n)}" for n in names if n not in keys)
    same = " AND ".join(f"{own}.{_quoted(key)} = given.{_quoted(key)}" for key in keys)
    return f"UPDATE {own} SET {values} FROM {_given(table, names)} WHERE {same}"


def _given(table: Table, names: Sequence[str]) -> str:
    arrays = ", ".join(f"%({name})b::{_type(table.c[name])}[]" for name in names)
    return f"unnest({arrays}) AS given ({_list(names)})"


def _arrays(table: Table, names: Sequence[str], rows: Rows) -> dict[str, list[Any]]:
    return {name: _array(table.c[name], [row[name] for row in rows]) for name in names}


def _array(column: Column[Any], values: list[Any]) -> list[Any]:
    if isinstance(column.type, JSON):
        return [None if value is None else json.dumps(value) for value in values]
    return values


def _type(column: Column[Any]) -> str:
    own = column.type.compile(_DIALECT)
    return f"text[]::{own}" if isinstance(column.type, JSON) else own


def _list(names: Sequence[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return _DIALECT.identifier_preparer.quote(name)
