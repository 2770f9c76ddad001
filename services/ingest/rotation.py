"""Gives a source a new integration key, beside which the old one works for a while."""

from datetime import timedelta

from sqlalchemy import Connection

from services.chassis import audit
from services.chassis.principal import caller
from services.chassis.teams import refuse_unchangeable
from services.ingest import keyring
from services.ingest.domain.sources import Source, check_changeable, refuse
from services.ingest.sources import Means, key_context
from services.ingest.store import former_keys
from services.ingest.store import sources as store
from tocsin.ingest.v1.alert_source_service_pb2 import RotateIntegrationKeyRequest

LONGEST_OVERLAP_SECONDS = 7 * 24 * 3600
USUAL_OVERLAP_SECONDS = 3600


def rotate(connection: Connection, means: Means, source_id: int, overlap: timedelta) -> Source:
    """Gives a source a new key. Raises NotFound, Forbidden, WrongState."""
    check_changeable(source_id)
    source = store.get(connection, source_id, lock=True)
    refuse_unchangeable(caller(), source.team_ids, f"alert source {source_id}")
    now, key = means.clock.now(connection), keyring.new_key()
    sealed = means.sealer.seal(key, key_context(source_id))
    former_keys.replace(connection, source_id, keyring.sha256(key), sealed, now + overlap)
    actor = caller().actor()
    audit.record(connection, now, actor, "alert_source.rotate_key", f"alert_source:{source_id}")
    return source


def overlap(rotation: RotateIntegrationKeyRequest.Rotation) -> timedelta:
    """Reads for how long the old key shall work. Raises InvalidRequest."""
    said = rotation.HasField("overlap_seconds")
    seconds = rotation.overlap_seconds if said else USUAL_OVERLAP_SECONDS
    if not 0 <= seconds <= LONGEST_OVERLAP_SECONDS:
        refuse("overlapSeconds", f"must be 0 to {LONGEST_OVERLAP_SECONDS}")
    return timedelta(seconds=seconds)
