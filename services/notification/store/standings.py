"""What it takes to tell how very many runs stand, at rest."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Set

from sqlalchemy import Connection, select

from services.chassis.bulk import one_of
from services.notification.domain.values import Intent
from services.notification.store.notifications import INTENT, NOTIFICATION, read_intent

#: What names a subject: its kind and its id.
SubjectKey = tuple[str, str]


def newest_levels(connection: Connection, runs: Collection[str]) -> Mapping[str, Intent]:
    """Returns an intent of the last level of a policy that runs reached, of those that did."""
    levels = select(INTENT).where(
        one_of(connection, INTENT.c.escalation_key, sorted(set(runs))), INTENT.c.level_count > 0
    )
    rows = connection.execute(levels.order_by(INTENT.c.cycle, INTENT.c.level))
    return {row.escalation_key: read_intent(row) for row in rows}


def runs(connection: Connection, subjects: Collection[SubjectKey]) -> Mapping[SubjectKey, Set[str]]:
    """Returns the escalations that there are notifications of about subjects, by their keys."""
    kinds, ids = {kind for kind, _ in subjects}, {id_ for _, id_ in subjects}
    columns = (
        NOTIFICATION.c.subject_kind,
        NOTIFICATION.c.subject_id,
        NOTIFICATION.c.escalation_key,
    )
    those = select(*columns).where(
        NOTIFICATION.c.subject_kind.in_(sorted(kinds)),
        one_of(connection, NOTIFICATION.c.subject_id, sorted(ids)),
    )
    found: defaultdict[SubjectKey, set[str]] = defaultdict(set)
    for kind, id_, run in connection.execute(those.distinct()):
        found[kind, id_].add(run)
    return found
