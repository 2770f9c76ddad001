"""Keeps copies of Notification's webhooks, which levels of policies call.

Without them Escalation works as well: it starts before Notification, which waits for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts, inbox, suite
from services.chassis.service import Service
from services.escalation import announcing
from services.escalation.domain.policies import MOST_LEVELS, MOST_TARGETS, Policy
from services.escalation.store import policies
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.store.webhooks import KIND
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.notification.v1.notification_events_pb2 import (
    AnswerGiven,
    NotificationChanged,
    WebhookChanged,
)
from tocsin.notification.v1.webhook_pb2 import Webhook

M = TypeVar("M", bound=Message)


class Owner(Protocol):
    """Who can tell of a record that is not here yet."""

    async def ask(self, kind: str, id_: object, message: type[M]) -> M | None:
        """Returns a record, and keeps it here. Raises Unavailable."""


class Webhooks:
    """Knows of webhooks that were made a moment ago, too."""

    def __init__(self, owner: Owner | None) -> None:
        """Takes nobody where there is no Notification: there are no webhooks then."""
        self._owner = owner

    async def learn(self, rules: Sequence[EscalationRule]) -> None:
        """Has the webhooks that levels name in the copies, those that exist.

        Nobody is asked about more than a policy may have: that is refused, whatever exists.
        Raises Unavailable if one is not here and nobody can tell now.
        """
        if self._owner is None:
            return
        named = (hook.id for rule in rules[:MOST_LEVELS] for hook in rule.webhooks[:MOST_TARGETS])
        for id_ in sorted(set(named)):
            await self._owner.ask(KIND, id_, Webhook)


#: Where there is nobody to ask.
UNASKED = Webhooks(None)


def follow(base: Service, notification_address: str) -> Webhooks:
    """Keeps the copies whole, where there is a Notification.

    It follows Escalation, too, and events must find their way to people before it is there:
    nothing here waits for it.
    """
    if not notification_address:
        return UNASKED
    return Webhooks(base.follow(notification_address, [KIND], awaited=False))


def webhook_changed(connection: Connection, now: datetime, changed: WebhookChanged) -> None:
    """Takes over a webhook, and tells of it what policies tell of it.

    Notification deletes none that a policy is known to call, but may hear of the policy too
    late: then those who run Tocsin are told.
    """
    alone(connection, CONFIGURATION)
    webhook = changed.webhook
    facts.copy(connection, KIND, webhook.id, webhook, changed)
    announcing.naming_webhook(connection, now, webhook.id)
    if changed.deleted:
        for policy in policies.paging_webhook(connection, webhook.id):
            _tell_of(connection, now, policy, webhook)


def _tell_of(connection: Connection, now: datetime, policy: Policy, gone: Webhook) -> None:
    suite.raise_alert(
        connection,
        now,
        what=f"webhook-gone:{policy.id}:{gone.id}",
        summary=f"Escalation policy {policy.name} calls a webhook that was deleted",
        details=f"Webhook {gone.id} ({gone.name}) is no more: levels of escalation policy"
        f" {policy.id} call nothing in its place. Take it out of the policy.",
    )


REACTIONS = inbox.on(WebhookChanged, webhook_changed) | inbox.ignoring(
    AnswerGiven, NotificationChanged, SuiteAlertRaised
)
