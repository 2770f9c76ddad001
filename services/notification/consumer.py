"""Follows Escalation: who is to be told, which runs ended, who is who.

Events can arrive in any order. An intent is made once, and never for a run that ended; a run
ends once, and what waits for it ends with it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import authentication, facts
from services.chassis.errors import Unavailable
from services.chassis.inbox import Reaction, ignoring, on
from services.notification import changes, references, telling, webhooks, wire
from services.notification.changes import USER
from services.notification.domain import life
from services.notification.domain.values import (
    Contact,
    Intent,
    Kind,
    Method,
    Notification,
    State,
)
from services.notification.domain.ways import OWN_ADDRESS
from services.notification.ending import end
from services.notification.reaching import ways_of
from services.notification.store import contacts, notifications
from services.notification.store import webhooks as store
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.chassis.internal.v1.token_use_pb2 import TokensUsed
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationChanged,
    EscalationPolicyChanged,
    PageRequested,
    ScheduleChanged,
    SupportHoursChanged,
    TeamChanged,
    TokenChanged,
    UserChanged,
)


def reactions(*, mails: bool) -> dict[str, Reaction]:
    """Returns what notification does about each event it follows.

    `mails` tells whether e-mails can be sent to those who have no contact.
    """

    def paged(connection: Connection, now: datetime, event: PageRequested) -> None:
        if notifications.endings(connection, [event.escalation_key]):
            return
        theirs = ways_of(connection, now, event.user_ids, mails=mails)
        for user_id in dict.fromkeys(event.user_ids):
            intent = wire.intent(event, user_id, now)
            if notifications.add_intent(connection, intent):
                _page(connection, now, intent, theirs.get(user_id))
        for webhook_id in dict.fromkeys(event.webhook_ids):
            intent = replace(wire.intent(event, 0, now), webhook_id=webhook_id)
            if notifications.add_intent(connection, intent):
                _call(connection, now, intent)

    return (
        on(PageRequested, paged)
        | on(EscalationChanged, escalation_changed)
        | on(UserChanged, user_changed)
        | on(TokenChanged, token_changed)
        | on(TeamChanged, team_changed)
        | on(EscalationPolicyChanged, policy_changed)
        | ignoring(
            ScheduleChanged,
            SupportHoursChanged,
            SuiteAlertRaised,
            TokensUsed,
        )
    )


def of_alertstate() -> dict[str, Reaction]:
    """Returns what notification does about AlertState's events: webhooks are told of them."""
    return on(AlertChanged, telling.alert_changed) | ignoring(SuiteAlertRaised, TokensUsed)


def escalation_changed(connection: Connection, now: datetime, event: EscalationChanged) -> None:
    """Ends a run that wants nobody any more; webhooks are told of every change."""
    ending = wire.ending(event, now)
    if ending is not None:
        end(connection, now, ending)
    telling.escalation_changed(connection, now, event)


def user_changed(connection: Connection, now: datetime, event: UserChanged) -> None:
    """Copies a person; one who is gone has no contacts."""
    facts.copy(connection, USER, event.user.id, event.user, event)
    if event.deleted:
        contacts.remove_all(connection, event.user.id)


def token_changed(connection: Connection, now: datetime, event: TokenChanged) -> None:
    """Copies a token."""
    facts.copy(connection, authentication.KIND, event.record.token.id, event.record, event)


def team_changed(connection: Connection, now: datetime, event: TeamChanged) -> None:
    """Copies a team; nothing belongs to one that is gone."""
    facts.copy(connection, authentication.TEAM, event.team.id, event.team, event)
    if event.deleted:
        webhooks.leave(connection, now, event.team.id)


def policy_changed(connection: Connection, now: datetime, event: EscalationPolicyChanged) -> None:
    """Copies a policy, which may call webhooks."""
    policy = event.escalation_policy
    facts.copy(connection, references.POLICY, policy.id, policy, event)


def _page(
    connection: Connection, now: datetime, intent: Intent, ways: Sequence[Contact] | None
) -> None:
    """Tells a person by all of their ways.

    One who is not known yet will be: the page waits for them in the stream.
    """
    if ways is None:
        raise Unavailable(f"nothing is known of user {intent.user_id} yet")
    for contact in ways:
        changes.schedule(connection, now, _notification(connection, now, intent, contact))
    if not ways:
        nowhere = Contact(OWN_ADDRESS, intent.user_id, Method.EMAIL, "", now)
        changes.give_up(connection, now, _notification(connection, now, intent, nowhere))


def _call(connection: Connection, now: datetime, intent: Intent) -> None:
    """Has a webhook called; by its name of now, or what is left if it is gone."""
    id_ = intent.webhook_id
    hook = store.hooks(connection, [id_], now).get(id_)
    name = hook.name if hook else f"webhook {id_}"
    way = Contact(OWN_ADDRESS, intent.user_id, Method.WEBHOOK, name, now)
    key = life.webhook_key(intent.escalation_key, intent.cycle, intent.level, id_)
    told = replace(_notification(connection, now, intent, way), key=key, webhook_id=id_)
    changes.schedule(connection, now, told)


def _notification(
    connection: Connection, now: datetime, intent: Intent, contact: Contact
) -> Notification:
    return Notification(
        id=changes.number(connection),
        key=life.page_key(
            intent.escalation_key, intent.cycle, intent.level, intent.user_id, contact.id
        ),
        kind=Kind.PAGE,
        escalation_key=intent.escalation_key,
        cycle=intent.cycle,
        level=intent.level,
        user_id=intent.user_id,
        method=contact.method.value,
        target=contact.target,
        headline=intent.title,
        subject_kind=intent.subject_kind,
        subject_id=intent.subject_id,
        state=State.PENDING,
        at=now,
        expires_at=intent.request_time + life.WORTH,
    )
