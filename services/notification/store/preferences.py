"""How people want to be told, at rest: their rules and their quiet hours."""

from collections.abc import Collection

from sqlalchemy import Connection, Row, delete, insert, select, update

from services.chassis.errors import NotFound
from services.chassis.sql import upsert
from services.notification.domain.preferences import Preference, Topic
from services.notification.domain.quiet import QuietHours
from services.notification.domain.values import Method
from services.notification.store.tables import PreferenceRow, QuietHoursRow

PREFERENCE = PreferenceRow.__table__
QUIET = QuietHoursRow.__table__


def add(connection: Connection, rule: Preference) -> None:
    """Adds a rule."""
    connection.execute(insert(PREFERENCE).values(_columns(rule)))


def save(connection: Connection, rule: Preference) -> None:
    """Writes a rule back."""
    connection.execute(update(PREFERENCE).where(PREFERENCE.c.id == rule.id).values(_columns(rule)))


def get(connection: Connection, user_id: int, topic: Topic, id_: int) -> Preference:
    """Returns a rule of a person. Raises NotFound."""
    known = select(PREFERENCE).where(
        PREFERENCE.c.id == id_, PREFERENCE.c.user_id == user_id, PREFERENCE.c.topic == topic.value
    )
    row = connection.execute(known).one_or_none()
    if row is None:
        raise NotFound(f"user {user_id} has no notification preference {id_}")
    return _rule(row)


def of_users(connection: Connection, user_ids: Collection[int]) -> list[Preference]:
    """Returns the rules of some people, in the order in which they act."""
    theirs = select(PREFERENCE).where(PREFERENCE.c.user_id.in_(user_ids))
    rows = connection.execute(theirs.order_by(PREFERENCE.c.minutes, PREFERENCE.c.id))
    return [_rule(row) for row in rows]


def every(connection: Connection) -> list[Preference]:
    """Returns all rules, in the order in which they act."""
    query = select(PREFERENCE).order_by(PREFERENCE.c.minutes, PREFERENCE.c.id)
    return [_rule(row) for row in connection.execute(query)]


def remove(connection: Connection, rule_id: int) -> None:
    """Removes a rule."""
    connection.execute(delete(PREFERENCE).where(PREFERENCE.c.id == rule_id))


def remove_naming(connection: Connection, contact_id: int) -> list[int]:
    """Removes the rules that name a contact, and returns their ids."""
    naming = delete(PREFERENCE).where(PREFERENCE.c.contact_id == contact_id)
    return sorted(connection.execute(naming.returning(PREFERENCE.c.id)).scalars())


def remove_all(connection: Connection, user_id: int) -> None:
    """Removes all rules and the quiet hours of a person who is gone."""
    connection.execute(delete(PREFERENCE).where(PREFERENCE.c.user_id == user_id))
    connection.execute(delete(QUIET).where(QUIET.c.user_id == user_id))


def quiet_hours(connection: Connection, user_ids: Collection[int]) -> dict[int, QuietHours]:
    """Returns the quiet hours of those people who have some."""
    theirs = select(QUIET).where(QUIET.c.user_id.in_(user_ids))
    return {row.user_id: _quiet(row) for row in connection.execute(theirs)}


def every_quiet_hours(connection: Connection) -> dict[int, QuietHours]:
    """Returns all quiet hours, by person."""
    return {row.user_id: _quiet(row) for row in connection.execute(select(QUIET))}


def put_quiet_hours(connection: Connection, user_id: int, hours: QuietHours) -> None:
    """Gives a person quiet hours."""
    values = {
        "timezone": hours.timezone,
        "start": hours.start,
        "end": hours.end,
        "days": list(hours.days),
        "drops": hours.drops,
    }
    row = upsert(connection, QUIET).values(user_id=user_id, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=values))


def remove_quiet_hours(connection: Connection, user_id: int) -> bool:
    """Removes a person's quiet hours; tells whether there were any."""
    return bool(connection.execute(delete(QUIET).where(QUIET.c.user_id == user_id)).rowcount)


def _columns(rule: Preference) -> dict[str, object]:
    return {
        "id": rule.id,
        "user_id": rule.user_id,
        "topic": rule.topic.value,
        "method": rule.method.value,
        "contact_id": rule.contact_id,
        "type": rule.type,
        "minutes": rule.minutes,
    }


def _rule(row: Row[tuple[object, ...]]) -> Preference:
    values = dict(row._mapping)
    return Preference(**values | {"topic": Topic(row.topic), "method": Method(row.method)})


def _quiet(row: Row[tuple[object, ...]]) -> QuietHours:
    return QuietHours(
        timezone=row.timezone,
        start=row.start,
        end=row.end,
        days=tuple(row.days),
        drops=row.drops,
    )
