"""Answers every service's AuditService: one implementation for all."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import orjson
from google.protobuf.json_format import ParseDict
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Connection, Row, Select, select

from services.chassis.audit import AUDIT
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.chassis.moments import moment
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.edge.v1.audit_pb2 import AuditEntry

DEFAULT_PAGE = 100
LARGEST_PAGE = 500


class Asked(Protocol):
    """The request, which is alike in all services."""

    @property
    def before_id(self) -> int:
        """Only entries before this one; 0 for all."""

    @property
    def max_results(self) -> int:
        """The most to list."""

    @property
    def actor(self) -> str:
        """Only what this party did."""

    @property
    def user_id(self) -> int:
        """Only what this person did."""

    @property
    def action(self) -> str:
        """Only this action, or all of a kind that ends in a dot."""

    @property
    def target(self) -> str:
        """Only what was done to this."""

    @property
    def until(self) -> Timestamp:
        """Only before this time."""

    def HasField(self, field_name: str, /) -> bool:  # noqa: N802 # protobuf's word
        """Tells whether a field was sent."""


class AuditServicer:
    """The gRPC face of the entries of one service."""

    def __init__(self, database: Database, response: Callable[..., Any]) -> None:
        self._database = database
        self._response = response

    async def ListAuditEntries(  # noqa: N802 # the contract's name
        self, request: Asked, context: Context
    ) -> Any:
        """See the protos."""
        entries = await self._database.read(newest, request)
        return self._response(entries=entries)


def newest(connection: Connection, asked: Asked) -> list[AuditEntry]:
    """Returns one page of entries, newest first. Raises InvalidRequest naming the field."""
    limit = asked.max_results if asked.HasField("max_results") else DEFAULT_PAGE
    if not 0 <= limit <= LARGEST_PAGE:
        raise InvalidRequest(f"max-results must be 0 to {LARGEST_PAGE}", field="max-results")
    query = _narrowed(select(AUDIT), asked).order_by(AUDIT.c.id.desc()).limit(limit)
    return _entries(connection.execute(query).all())


def _narrowed(query: Select[Any], asked: Asked) -> Select[Any]:
    if asked.before_id:
        query = query.where(AUDIT.c.id < asked.before_id)
    if asked.actor:
        query = query.where(AUDIT.c.actor_id == _word(asked.actor, "actor"))
    if asked.user_id:
        query = query.where(AUDIT.c.user_id == asked.user_id)
    if asked.action.endswith("."):
        kind = _word(asked.action, "action")
        query = query.where(AUDIT.c.action.startswith(kind, autoescape=True))
    elif asked.action:
        query = query.where(AUDIT.c.action == _word(asked.action, "action"))
    if asked.target:
        query = query.where(AUDIT.c.target == _word(asked.target, "target"))
    if asked.HasField("from"):
        query = query.where(AUDIT.c.at >= moment(getattr(asked, "from"), "from"))
    if asked.HasField("until"):
        query = query.where(AUDIT.c.at < moment(asked.until, "until"))
    return query


def _word(text: str, field: str) -> str:
    if "\x00" in text:
        raise InvalidRequest(f"{field} must not have control characters", field=field)
    return text


def _entries(rows: Sequence[Row[Any]]) -> list[AuditEntry]:
    return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> AuditEntry:
    entry = AuditEntry(
        id=row.id,
        time=row.at,
        actor=Actor(kind=row.actor_kind, id=row.actor_id, user_id=row.user_id, name=row.actor_name),
        action=row.action,
        target=row.target,
        peer=row.peer,
        request_id=row.request_id,
    )
    if row.before is not None:
        ParseDict(orjson.loads(row.before), entry.before)
    if row.after is not None:
        ParseDict(orjson.loads(row.after), entry.after)
    return entry
