"""Records of a service's own as others know them, and copies of other services': newer wins.

The owner of a record publishes it (`publish`) into its own fact table and as an event, in the
transaction of the change. Whoever needs a copy applies the events (`copy`), and keeps it
whole by `services.chassis.following`.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection, Row, Select, func, select

from services.chassis import audit
from services.chassis.context import Context
from services.chassis.database import Database, notify
from services.chassis.errors import NotFound
from services.chassis.sql import upsert
from services.chassis.tables import FactRow
from tocsin.chassis.internal.v1 import fact_service_pb2 as pb
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc as rpc

M = TypeVar("M", bound=Message)

PAGE_SIZE = 500

FACT = FactRow.__table__


def publish(
    connection: Connection, kind: str, id_: object, record: Message, *, deleted: bool = False
) -> int:
    """Records an owner's change of its own record and returns the record's new version."""
    return publish_all(connection, kind, {str(id_): record}, deleted=deleted)[str(id_)]


def publish_all(
    connection: Connection, kind: str, records: Mapping[str, Message], *, deleted: bool = False
) -> dict[str, int]:
    """Records an owner's changes of its own records, by id, and returns their new versions.

    It takes two statements, however many they are.
    """
    columns = FACT.c.id, FACT.c.version, FACT.c.deleted, FACT.c.payload
    query = select(*columns).where(FACT.c.kind == kind, FACT.c.id.in_(records))
    known = {row.id: row for row in connection.execute(query)}
    versions = {id_: known[id_].version + 1 if id_ in known else 1 for id_ in records}
    for id_, record in records.items():
        was = id_ in known and not known[id_].deleted
        before = type(record).FromString(known[id_].payload) if was else None
        audit.note(kind, id_, before, None if deleted else record)
    _apply(
        connection,
        [
            _values(kind, id_, versions[id_], record.SerializeToString(), deleted=deleted)
            for id_, record in records.items()
        ],
    )
    return versions


def topic(kind: str) -> str:
    """Returns what is said (`services.chassis.database.notify`) after a change of such a record."""
    return f"fact:{kind}"


def apply(
    connection: Connection, kind: str, id_: str, version: int, payload: bytes, *, deleted: bool
) -> None:
    """Takes over a record, unless the one that is here is as new."""
    _apply(connection, [_values(kind, id_, version, payload, deleted=deleted)])


class Change(Protocol):
    """An event by which an owner tells of its record."""

    @property
    def version(self) -> int:
        """The record's version."""

    @property
    def deleted(self) -> bool:
        """Whether the record is gone."""


def copy(connection: Connection, kind: str, id_: object, record: Message, change: Change) -> None:
    """Takes over a record that an event brought."""
    payload = record.SerializeToString()
    apply(connection, kind, str(id_), change.version, payload, deleted=change.deleted)


def get(connection: Connection, kind: str, id_: object, message: type[M]) -> M | None:
    """Returns a record, or None if there is none or it is gone."""
    return many(connection, kind, [id_], message).get(str(id_))


def many(
    connection: Connection, kind: str, ids: Iterable[object], message: type[M]
) -> dict[str, M]:
    """Returns the records that are there, by id."""
    wanted = sorted({str(id_) for id_ in ids})
    rows = connection.execute(
        select(FACT.c.id, FACT.c.payload).where(
            FACT.c.kind == kind, FACT.c.id.in_(wanted), ~FACT.c.deleted
        )
    )
    return {row.id: message.FromString(row.payload) for row in rows}


def gone(connection: Connection, kind: str, ids: Iterable[object]) -> frozenset[str]:
    """Returns which records were there and are no more, by id."""
    wanted = sorted({str(id_) for id_ in ids})
    rows = select(FACT.c.id).where(FACT.c.kind == kind, FACT.c.id.in_(wanted), FACT.c.deleted)
    return frozenset(connection.execute(rows).scalars()) if wanted else frozenset()


def versions(connection: Connection, kind: str, ids: Iterable[object]) -> dict[str, int]:
    """Returns the versions of the records that are there, or were, by id."""
    wanted = sorted({str(id_) for id_ in ids})
    known = select(FACT.c.id, FACT.c.version).where(FACT.c.kind == kind, FACT.c.id.in_(wanted))
    return {row.id: row.version for row in connection.execute(known)}


def every(connection: Connection, kind: str, message: type[M]) -> list[M]:
    """Returns all records of a kind that are there."""
    return _all(
        connection, select(FACT.c.payload).where(FACT.c.kind == kind, ~FACT.c.deleted), message
    )


def ever(
    connection: Connection, kind: str, message: type[M], ids: Iterable[object] | None = None
) -> list[M]:
    """Returns all records of a kind that there are or were; those as they were in the end.

    Of some ids alone, if they are said.
    """
    query = select(FACT.c.payload).where(FACT.c.kind == kind)
    if ids is not None:
        query = query.where(FACT.c.id.in_(sorted({str(id_) for id_ in ids})))
    return _all(connection, query, message)


def _all(connection: Connection, query: Select[Any], message: type[M]) -> list[M]:
    rows = connection.execute(query.order_by(FACT.c.id))
    return [message.FromString(row.payload) for row in rows]


class FactServicer(rpc.FactServiceServicer):
    """Hands out the facts that this service owns."""

    def __init__(self, database: Database, kinds: Sequence[str]) -> None:
        self._database = database
        self._kinds = frozenset(kinds)

    async def Snapshot(  # the stub's type of a stream is the generator itself
        self, request: pb.SnapshotRequest, context: Context
    ) -> AsyncIterator[pb.Fact]:
        """See the proto."""
        for kind in sorted(self._kinds & set(request.kinds)):
            after = ""
            while rows := await self._database.read(_page, kind, after):
                for row in rows:
                    yield _fact(row)
                after = rows[-1].id

    async def Digest(self, request: pb.DigestRequest, context: Context) -> pb.DigestResponse:
        """See the proto."""
        kinds = sorted(self._kinds & set(request.kinds))
        count, versions = await self._database.read(digest, kinds)
        return pb.DigestResponse(count=count, version_sum=versions)

    async def GetFact(self, request: pb.GetFactRequest, context: Context) -> pb.Fact:
        """See the proto."""
        row = await self._database.read(_row, request.kind, request.id)
        if row is None or request.kind not in self._kinds:
            raise NotFound(f"there is no {request.kind} {request.id}")
        return _fact(row)


def _apply(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    row = upsert(connection, FACT)
    told = {name: row.excluded[name] for name in ("version", "deleted", "payload")}
    newer = row.on_conflict_do_update(
        index_elements=["kind", "id"], set_=told, where=FACT.c.version < row.excluded.version
    )
    if rows:
        connection.execute(newer, rows)
    for kind in {str(each["kind"]) for each in rows}:
        notify(connection, topic(kind))


def _values(
    kind: str, id_: str, version: int, payload: bytes, *, deleted: bool
) -> dict[str, object]:
    values = {"version": version, "deleted": deleted, "payload": payload}
    return {"kind": kind, "id": id_, **values}


def _row(connection: Connection, kind: str, id_: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(FACT).where(FACT.c.kind == kind, FACT.c.id == id_)
    ).one_or_none()


def _page(connection: Connection, kind: str, after: str) -> Sequence[Row[tuple[object, ...]]]:
    following = select(FACT).where(FACT.c.kind == kind, FACT.c.id > after)
    return connection.execute(following.order_by(FACT.c.id).limit(PAGE_SIZE)).all()


def digest(connection: Connection, kinds: Sequence[str]) -> tuple[int, int]:
    """Returns how many records of some kinds there are and were, and the sum of their versions."""
    sums = select(func.count(), func.coalesce(func.sum(FACT.c.version), 0))
    count, versions = connection.execute(sums.where(FACT.c.kind.in_(kinds))).one()
    return int(count), int(versions)


def _fact(row: Row[tuple[object, ...]]) -> pb.Fact:
    return pb.Fact(**row._mapping)
