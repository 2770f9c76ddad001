"""The sources as a part of the whole configuration: changed together, or not at all."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from services.chassis import counters, facts
from services.chassis.errors import Conflict
from services.chassis.principal import caller
from services.chassis.sql import take_turns
from services.chassis.teams import sees
from services.ingest import references, sources
from services.ingest.domain.sources import SUITE_SOURCE_ID, Source
from services.ingest.sources import COUNTER, KIND, Means
from services.ingest.store import sources as store
from services.ingest.wire import sources as wire
from tocsin.ingest.internal.v1 import configuration_service_pb2 as pb
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged


@dataclass(frozen=True, slots=True)
class Change:
    """Sources as they shall be; those with the id 0 are made."""

    digest: str
    last_id: int
    wanted: Sequence[Source]
    deleted: Sequence[int]


def export(connection: Connection, means: Means) -> pb.ExportSourcesResponse:
    """Returns the sources that the caller sees, without the built-in one."""
    records = [
        wire.record(source, means.public_url)
        for source in store.every(connection)
        if source.id != SUITE_SOURCE_ID and sees(caller(), source.team_ids)
    ]
    sum_ = hashlib.sha256()
    for record in records:
        sum_.update(record.SerializeToString(deterministic=True))
    return pb.ExportSourcesResponse(
        alert_sources=records,
        digest=sum_.hexdigest(),
        last_id=counters.last(connection, COUNTER),
    )


def apply(
    connection: Connection, means: Means, change: Change, *, rehearsed: bool
) -> list[AlertSourceChanged]:
    """Makes a change and returns what is told of it.

    What sources refer to is looked up again, unless this is rehearsed: then it may be yet to
    come. Raises Conflict, NotFound, Forbidden, WrongState, InvalidRequest.
    """
    take_turns(connection, sources.TURN)  # what is compared stays so until it is changed
    if export(connection, means).digest != change.digest:
        raise Conflict("the alert sources changed meanwhile")
    making = any(not wanted.id for wanted in change.wanted)
    if making and counters.last(connection, COUNTER) != change.last_id:
        raise Conflict("alert sources were made meanwhile")  # `revert` knows its own by their ids
    actor = caller().actor()
    known = {source.id: source for source in store.every(connection)}
    changed = []
    for wanted in change.wanted:
        if wanted.id:
            now = sources.change(connection, means, wanted.id, wanted, actor)
        else:
            now = sources.create(connection, means, wanted, actor)
        if not rehearsed:
            references.check_again(connection, means.clock.now(connection), now)
        if known.get(now.id) != now:
            changed.append(now)
    for source_id in change.deleted:
        sources.remove(connection, means, source_id, actor, for_good=False)
    gone = [known[source_id] for source_id in change.deleted]
    return [*_told(connection, means, changed), *_told(connection, means, gone, deleted=True)]


def revert(connection: Connection, means: Means, request: pb.RevertSourcesRequest) -> None:
    """Makes sources what they were before a change, if it was made.

    What somebody else changed since then is left alone.
    """
    take_turns(connection, sources.TURN)
    actor = caller().actor()
    there = {source.id: source for source in store.every(connection)}
    were = {each.id: replace(wire.wanted_source(each), id=each.id) for each in request.sources}
    left = _left(request)
    for id_, source in left.items():
        if not _is_as(there.get(id_), source):
            continue
        if id_ in were:
            sources.put(connection, means, there[id_], were[id_], actor)
        else:
            sources.remove(connection, means, id_, actor)
    deleted = were.keys() - there.keys() - left.keys()
    for id_ in store.sealed_keys(connection, deleted):  # others delete sources with their keys
        sources.restore(connection, means, were[id_], actor)


def _left(request: pb.RevertSourcesRequest) -> dict[int, Source]:
    """Returns the sources as a change left them that was made, by id."""
    ids = itertools.count(request.last_id + 1)
    wanted = [replace(wire.wanted_source(each), id=each.id or next(ids)) for each in request.asked]
    return {source.id: source for source in wanted}


def _is_as(now: Source | None, left: Source) -> bool:
    return now is not None and replace(now, version=left.version) == left


def _told(
    connection: Connection, means: Means, found: Sequence[Source], *, deleted: bool = False
) -> list[AlertSourceChanged]:
    versions = facts.versions(connection, KIND, (source.id for source in found))
    return [
        AlertSourceChanged(
            alert_source=wire.record(source, means.public_url),
            version=versions[str(source.id)],
            deleted=deleted,
        )
        for source in found
    ]
