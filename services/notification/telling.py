"""What webhooks are told of: each event becomes a row per webhook that asked for it and sees it.

The row is written in the transaction in which the event becomes known, and is sent by
`services.notification.courier`.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import suite
from services.chassis.database import notify
from services.chassis.savepoints import undone
from services.notification import belonging, deliveries
from services.notification.belonging import Verdict
from services.notification.channels.channel import iso
from services.notification.domain.deliveries import WORTH, Delivery
from services.notification.domain.happenings import asked_for
from services.notification.domain.values import State
from services.notification.domain.webhooks import Subscription
from services.notification.store import deliveries as store
from services.notification.store import webhooks
from services.notification.wire import ALERT
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged

log = logging.getLogger(__name__)

#: What types are called where the causes have other words.
ALERT_WORDS: Mapping[str, str] = {
    "RAISED": "created",
    "AUTO_RESOLVED": "resolved",
}
#: As others hear of a message: not of what lies between.
NOTIFICATION_WORDS: Mapping[State, str] = {
    State.PENDING: "scheduled",
    State.SENT: "sent",
    State.FAILED: "failed",
    State.EXPIRED: "failed",
    State.SUPPRESSED: "suppressed",
}
#: Fields of Alert that have something in them for those only who ask for it.
_ONLY_INCLUDED = ("escalationRules",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event, as webhooks may be told of it."""

    type: str
    id: str  # what tells it from every other
    at: datetime
    message: Message
    about: tuple[str, ...]  # what says whose it is


def alert_changed(connection: Connection, now: datetime, event: AlertChanged) -> None:
    """Tells of a change of an alert."""
    belonging.note_alert(connection, now, event)
    if event.cause not in AlertChanged.Cause.values():
        return  # by a newer version, which says more
    told = AlertChanged.Cause.Name(event.cause)
    happening = Happening(
        type=f"alert.{ALERT_WORDS.get(told, told.lower())}",
        id=f"event:alert:{event.alert.id}:{event.version}",
        at=event.change_time.ToDatetime(UTC) if event.HasField("change_time") else now,
        message=event,
        about=(belonging.of_alert(event.alert.id),),
    )
    tell(connection, now, happening)


def escalation_changed(connection: Connection, now: datetime, event: EscalationChanged) -> None:
    """Tells of a change of a run."""
    run = event.escalation
    if not run.id or event.cause not in EscalationChanged.Cause.values():
        return  # by another version, which says less or more
    belonging.note_run(connection, now, run)
    happening = Happening(
        type=f"escalation.{EscalationChanged.Cause.Name(event.cause).lower()}",
        id=f"event:escalation:{run.id}:{run.version}",
        at=now,
        message=event,
        about=tuple(_about(run.key, run.subject.kind, run.subject.id)),
    )
    _tell_beside(connection, now, happening)


def notification_changed(
    connection: Connection, now: datetime, state: State, event: NotificationChanged
) -> None:
    """Tells of a change of a message to somebody."""
    if state not in NOTIFICATION_WORDS:
        return
    happening = Happening(
        type=f"notification.{NOTIFICATION_WORDS[state]}",
        id=f"event:notification:{event.notification.id}:{event.version}",
        at=now,
        message=event,
        about=tuple(_about(event.escalation_key, event.subject_kind, event.subject_id)),
    )
    _tell_beside(connection, now, happening)


def tell(connection: Connection, now: datetime, happening: Happening) -> None:
    """Makes a delivery for each webhook that asked for the event and may hear of it."""
    asked = {
        each.id: each
        for each in webhooks.subscriptions(connection)
        if asked_for(happening.type, each.events)
    }
    if not asked:
        return
    teams = {id_: each.team_ids for id_, each in asked.items()}
    for id_, verdict in belonging.judge(connection, teams, happening.about).items():
        if verdict is not Verdict.DOES_NOT:  # what nobody knows yet is asked before it is sent
            _add(connection, now, happening, asked[id_])


def _tell_beside(connection: Connection, now: datetime, happening: Happening) -> None:
    """Tells of what happens to pages, which must go their way whatever becomes of this."""
    error = undone(connection, partial(tell, connection, now, happening), by=Exception)
    if error is None:
        return
    log.error("webhooks are not told of %s", happening.id, exc_info=error)
    suite.raise_alert(
        connection,
        now,
        what="webhooks-not-told",
        summary="webhooks were not told of an event",
        details=f"{happening.id} failed with {type(error).__name__}; the log says why.",
        daily=True,
    )


def envelope(type_: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """Returns a WebhookEvent as it is sent."""
    return orjson.dumps({"type": type_, "timestamp": iso(at), "data": data})


def _add(
    connection: Connection, now: datetime, happening: Happening, webhook: Subscription
) -> None:
    delivery = Delivery(
        id=0,
        webhook_id=webhook.id,
        event_id=happening.id,
        type=happening.type,
        about=happening.about,
        body=envelope(happening.type, happening.at, _data(connection, happening, webhook)),
        state=State.PENDING,
        created_at=now,
        due_at=now,
        expires_at=now + WORTH,
    )
    if store.add(connection, delivery):
        deliveries.make_room(connection, now, webhook.id)
        notify(connection, deliveries.TOPIC)


def _data(connection: Connection, happening: Happening, webhook: Subscription) -> Mapping[str, Any]:
    """Returns a message's JSON, without what the webhook does not see."""
    told = MessageToDict(happening.message, always_print_fields_with_no_presence=True)
    if isinstance(happening.message, AlertChanged):
        told.pop("belonging", None)  # which may be private teams
        _shorten(connection, happening.message, webhook, told.get("alert", {}))
    return told


def _shorten(
    connection: Connection, event: AlertChanged, webhook: Subscription, alert: dict[str, Any]
) -> None:
    for name in _ONLY_INCLUDED:
        if not alert.get(name):
            alert.pop(name, None)
    policy_id = event.alert.escalation_policy.id
    if policy_id and not belonging.may_hear_name(connection, webhook.team_ids, policy_id):
        alert["escalationPolicy"] = {"id": policy_id}


def _about(escalation_key: str, kind: str, subject_id: str) -> Iterator[str]:
    """Returns what says whose a run, and what it is about, is."""
    yield belonging.of_run(escalation_key)
    if kind == ALERT and subject_id.isdecimal():
        yield belonging.of_alert(int(subject_id))
