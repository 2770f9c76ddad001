"""Follows Escalation: who is to be told, which runs ended, who is who.

Events can arrive in any order. An intent is made once, and never for a run that ended; a run
ends once, and what waits for it ends with it.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from services.chassis import authentication, facts
from services.chassis.errors import Unavailable
from services.chassis.inbox import Reaction, ignoring, on
from services.notification import changes, references, telling, webhooks, wire
from services.notification.changes import USER
from services.notification.domain import life
from services.notification.domain.values import (
    Intent,
    Kind,
    Method,
    Notification,
    State,
)
from services.notification.domain.ways import OWN_ADDRESS, Way, muted_reason
from services.notification.ending import end
from services.notification.informing import WishesOf, tell_change
from services.notification.reaching import Reach, reach_of
from services.notification.store import contacts, notifications, preferences
from services.notification.store import webhooks as store
from services.notification.wants import preferences_of
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


def reactions(offered: Collection[Method], wishes: WishesOf | None = None) -> dict[str, Reaction]:
    """Returns what notification does about each event it follows.

    `offered` are the ways by which this deployment tells people, `wishes` what people want to
    be told besides pages; what their rules say, if it is not given.
    """

    wanted = wishes or partial(preferences_of, offered=offered)

    def run_changed(connection: Connection, now: datetime, event: EscalationChanged) -> None:
        escalation_changed(connection, now, event)
        change = wire.change(event, now)
        if change is not None:
            tell_change(connection, now, change, wanted)

    def paged(connection: Connection, now: datetime, event: PageRequested) -> None:
        if notifications.endings(connection, [event.escalation_key]):
            return
        theirs = reach_of(connection, now, event.user_ids)
        for user_id in dict.fromkeys(event.user_ids):
            intent = wire.intent(event, user_id, now)
            if notifications.add_intent(connection, intent):
                _page(connection, now, intent, theirs.get(user_id), offered)
        for webhook_id in dict.fromkeys(event.webhook_ids):
            intent = replace(wire.intent(event, 0, now), webhook_id=webhook_id)
            if notifications.add_intent(connection, intent):
                _call(connection, now, intent)

    return (
        on(PageRequested, paged)
        | on(EscalationChanged, run_changed)
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
        preferences.remove_all(connection, event.user.id)


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
    connection: Connection,
    now: datetime,
    intent: Intent,
    reach: Reach | None,
    offered: Collection[Method],
) -> None:
    """Tells a person by all of their ways, each in its time.

    One who is not known yet will be: the page waits for them in the stream.
    """
    if reach is None:
        raise Unavailable(f"nothing is known of user {intent.user_id} yet")
    ways = reach.ways(intent.priority, now, offered)
    told: Counter[tuple[int, Method]] = Counter()
    for way in ways:
        again = told[way.contact_id, way.method]
        told[way.contact_id, way.method] += 1
        message = _notification(connection, now, intent, way, again)
        if way.held:
            changes.hold(connection, now, message, way.held)
        else:
            changes.schedule(connection, now, message)
    if not ways:
        _tell_nothing(connection, now, intent, reach)


def _tell_nothing(connection: Connection, now: datetime, intent: Intent, reach: Reach) -> None:
    """Writes down that there is no way to a person; who is muted wants none."""
    nowhere = _notification(connection, now, intent, Way(OWN_ADDRESS, Method.EMAIL, ""))
    if reach.muted is not None and reach.muted > now:
        changes.hold(connection, now, nowhere, muted_reason(reach.muted))
        return
    why = life.NO_PROVIDER if reach.contacts else life.NO_CONTACT
    changes.give_up(connection, now, nowhere, why)


def _call(connection: Connection, now: datetime, intent: Intent) -> None:
    """Has a webhook called; by its name of now, or what is left if it is gone."""
    id_ = intent.webhook_id
    hook = store.hooks(connection, [id_], now).get(id_)
    name = hook.name if hook else f"webhook {id_}"
    way = Way(OWN_ADDRESS, Method.WEBHOOK, name)
    key = life.webhook_key(intent.escalation_key, intent.cycle, intent.level, id_)
    told = replace(_notification(connection, now, intent, way), key=key, webhook_id=id_)
    changes.schedule(connection, now, told)


def _notification(
    connection: Connection, now: datetime, intent: Intent, way: Way, again: int = 0
) -> Notification:
    return Notification(
        id=changes.number(connection),
        key=life.page_key(
            intent.escalation_key,
            intent.cycle,
            intent.level,
            intent.user_id,
            way.contact_id,
            way.method,
            again,
        ),
        kind=Kind.PAGE,
        escalation_key=intent.escalation_key,
        cycle=intent.cycle,
        level=intent.level,
        user_id=intent.user_id,
        method=way.method.value,
        target=way.target,
        headline=intent.title,
        subject_kind=intent.subject_kind,
        subject_id=intent.subject_id,
        state=State.PENDING,
        at=now + way.delay,
        expires_at=intent.request_time + way.delay + life.WORTH,
        contact_id=way.contact_id,
    )
