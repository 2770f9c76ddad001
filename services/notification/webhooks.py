"""Changes of webhooks, each with the fact and the event by which the others learn of it.

What is secret about a webhook is in neither.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import audit, counters, facts, outbox
from services.chassis.clock import Clock
from services.chassis.errors import AlreadyExists, InvalidRequest, Unavailable
from services.chassis.places import refuse_if_used
from services.chassis.principal import SYSTEM, caller
from services.chassis.sealing import Sealer
from services.chassis.sql import take_turns
from services.chassis.teams import refuse_unchangeable
from services.notification import references, signing, targets, webhook_wire
from services.notification.domain.webhooks import Wanted, Webhook
from services.notification.store import webhooks as store
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.notification.v1.notification_events_pb2 import WebhookChanged

KIND = references.WEBHOOK
#: Whoever changes webhooks, or notes that a team of theirs is gone.
TURN = "notification webhooks"


@dataclass(frozen=True, slots=True)
class Means:
    """What every change of a webhook takes beside the webhook."""

    clock: Clock
    sealer: Sealer


def create(connection: Connection, means: Means, wanted: Wanted) -> tuple[Webhook, str]:
    """Makes a webhook and returns it with its secret. Raises InvalidRequest, AlreadyExists."""
    if wanted.url is None:
        raise InvalidRequest("url is required", field="url")
    take_turns(connection, TURN)
    _check(connection, wanted, None)
    now, secret = means.clock.now(connection), signing.new_secret()
    webhook = Webhook(
        id=counters.allocate(connection, KIND),
        name=wanted.name,
        origin=targets.origin(wanted.url),
        team_ids=wanted.team_ids,
        events=wanted.events,
        created_at=now,
        updated_at=now,
    )
    store.add(
        connection,
        webhook,
        sealed_url=means.sealer.seal(wanted.url, url_context(webhook.id)),
        secret=means.sealer.seal(secret, secret_context(webhook.id)),
    )
    _publish(connection, now, webhook)
    _audit(connection, now, caller().actor(), "create", webhook.id)
    return webhook, secret


def change(connection: Connection, means: Means, webhook_id: int, wanted: Wanted) -> Webhook:
    """Puts what is wanted in a webhook's place, and returns it.

    Raises NotFound, Forbidden, InvalidRequest, AlreadyExists.
    """
    take_turns(connection, TURN)
    known = changeable(connection, webhook_id)
    _check(connection, wanted, known)
    url = None if wanted.url == opened_url(connection, means, webhook_id) else wanted.url
    now = means.clock.now(connection)
    changed = replace(
        known,
        name=wanted.name,
        origin=known.origin if url is None else targets.origin(url),
        team_ids=wanted.team_ids,
        events=wanted.events,
    )
    if changed == known and url is None:
        return known
    sealed = None if url is None else means.sealer.seal(url, url_context(webhook_id))
    action = "update" if url is None else "update_url"
    return _put(connection, now, changed, caller().actor(), action, sealed_url=sealed)


def rotate(
    connection: Connection, means: Means, webhook_id: int, overlap: timedelta
) -> tuple[Webhook, str]:
    """Gives a webhook a new secret and returns it with that. Raises NotFound, Forbidden."""
    take_turns(connection, TURN)
    known = changeable(connection, webhook_id)
    now, secret = means.clock.now(connection), signing.new_secret()
    sealed = means.sealer.seal(secret, secret_context(webhook_id))
    store.replace_secret(connection, webhook_id, sealed, now=now, until=now + overlap)
    _audit(connection, now, caller().actor(), "rotate_secret", webhook_id)
    return replace(known, updated_at=now), secret


def remove(connection: Connection, means: Means, webhook_id: int) -> None:
    """Deletes a webhook. Raises NotFound, Forbidden, WrongState while policies call it."""
    take_turns(connection, TURN)
    known = changeable(connection, webhook_id)
    places = references.policies_calling(connection, webhook_id)
    refuse_if_used(f"webhook {webhook_id}", places)
    now = means.clock.now(connection)
    store.remove(connection, webhook_id)
    _publish(connection, now, known, deleted=True)
    _audit(connection, now, caller().actor(), "delete", webhook_id)


def leave(connection: Connection, now: datetime, team_id: int) -> None:
    """Takes a team that is gone out of the webhooks that belong to it.

    Escalation deletes none that a webhook is known to belong to, but may hear of it too late.
    """
    take_turns(connection, TURN)
    for known in store.of_team(connection, team_id):
        left = tuple(each for each in known.team_ids if each != team_id)
        _put(connection, now, replace(known, team_ids=left), SYSTEM.actor(), "update")


def changeable(connection: Connection, webhook_id: int) -> Webhook:
    """Returns a webhook that the caller may change. Raises NotFound, Forbidden."""
    known = store.get(connection, webhook_id)
    refuse_unchangeable(caller(), known.team_ids, f"webhook {webhook_id}")
    return known


def opened_url(connection: Connection, means: Means, webhook_id: int) -> str | None:
    """Returns the URL of a webhook that is there; None if it cannot be opened any more."""
    try:
        return means.sealer.open(store.sealed_url(connection, webhook_id), url_context(webhook_id))
    except Unavailable:
        return None


def url_context(webhook_id: int) -> str:
    """Returns the place that a webhook's URL is sealed for."""
    return f"webhook:{webhook_id}:url"


def secret_context(webhook_id: int) -> str:
    """Returns the place that a webhook's secrets are sealed for."""
    return f"webhook:{webhook_id}:secret"


def _check(connection: Connection, wanted: Wanted, known: Webhook | None) -> None:
    references.check_again(connection, wanted.team_ids)
    other = store.of_name(connection, wanted.name)
    if other is not None and (known is None or other.id != known.id):
        raise AlreadyExists(f"another webhook is called {wanted.name}", field="name")


def _put(
    connection: Connection,
    now: datetime,
    webhook: Webhook,
    actor: Actor,
    action: str,
    *,
    sealed_url: bytes | None = None,
) -> Webhook:
    changed = replace(webhook, updated_at=now)
    store.replace(connection, changed, sealed_url=sealed_url)
    _publish(connection, now, changed)
    _audit(connection, now, actor, action, webhook.id)
    return changed


def _publish(
    connection: Connection, now: datetime, webhook: Webhook, *, deleted: bool = False
) -> None:
    record = webhook_wire.record(webhook)
    version = facts.publish(connection, KIND, webhook.id, record, deleted=deleted)
    changed = WebhookChanged(webhook=record, version=version, deleted=deleted)
    outbox.put(connection, now, changed, key=f"{KIND}:{webhook.id}:{version}")


def _audit(
    connection: Connection, now: datetime, actor: Actor, action: str, webhook_id: int
) -> None:
    audit.record(connection, now, actor, f"{KIND}.{action}", f"{KIND}:{webhook_id}")
