"""Finds who else is told of the same, by the names that everybody may read."""

from collections.abc import Collection

from sqlalchemy import Connection

from services.chassis import facts
from services.notification import changes, references, wire
from services.notification.store import notifications
from services.notification.store.notifications import IntentKey
from tocsin.escalation.v1.user_pb2 import User


def others(connection: Connection, keys: Collection[IntentKey]) -> dict[IntentKey, tuple[str, ...]]:
    """Returns, of each intent, who else is told of its level."""
    levels = notifications.same_level(connection, keys)
    names = _names(connection, {key for level in levels.values() for key in level})
    return {key: tuple(names[other] for other in levels[key[:3]] if other != key) for key in keys}


def _names(connection: Connection, keys: Collection[IntentKey]) -> dict[IntentKey, str]:
    users = facts.many(connection, changes.USER, {key[3] for key in keys} - {0}, User)
    hooks = {
        id_: references.public_hook_name(connection, id_) for id_ in {key[4] for key in keys} - {0}
    }
    return {
        key: (hooks[key[4]] or f"webhook {key[4]}")
        if key[4]
        else wire.user_name(users.get(str(key[3])), key[3])
        for key in keys
    }
