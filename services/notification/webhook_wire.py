"""Webhooks as protobuf messages, and back."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from services.chassis.errors import InvalidRequest
from services.notification.domain import happenings
from services.notification.domain.deliveries import Delivery
from services.notification.domain.values import State
from services.notification.domain.webhooks import Standing, Wanted, checked
from services.notification.domain.webhooks import Webhook as Known
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.notification.v1.webhook_pb2 import Webhook, WebhookDelivery
from tocsin.notification.v1.webhook_service_pb2 import RotateWebhookSecretRequest

LONGEST_OVERLAP_SECONDS = 7 * 24 * 3600
USUAL_OVERLAP_SECONDS = 3600
_STATES = {State.SENT: WebhookDelivery.SENT, State.FAILED: WebhookDelivery.FAILED}
_WAITING = {State.PENDING, State.SENDING, State.RETRY}


def record(webhook: Known) -> Webhook:
    """Renders a webhook as the other services may know it."""
    teams = [Team(id=team_id) for team_id in webhook.team_ids]
    return Webhook(id=webhook.id, name=webhook.name, teams=teams)


def shown(webhook: Known, teams: Mapping[str, Team], url: str, standing: Standing) -> Webhook:
    """Renders a webhook for a caller, with as much of its URL as they are to see."""
    message = record(webhook)
    message.MergeFrom(
        Webhook(
            url=url,
            create_time=webhook.created_at,
            update_time=webhook.updated_at,
            events=webhook.events,
            last_success_time=standing.last_success_at,
            last_failure_time=standing.last_failure_at,
            last_failure=standing.last_failure,
            pending_deliveries=standing.waiting,
        )
    )
    for team in message.teams:
        known = teams.get(str(team.id), team)
        team.name = known.name
        team.visibility = known.visibility or Team.PUBLIC
    return message


def wanted(message: Webhook) -> Wanted:
    """Reads what a webhook shall be. Raises InvalidRequest."""
    team_ids = tuple(sorted({team.id for team in message.teams}))
    url = message.url.strip() or None
    events = happenings.checked(message.events)
    return checked(Wanted(name=message.name.strip(), url=url, team_ids=team_ids, events=events))


def delivery(delivery: Delivery) -> WebhookDelivery:
    """Renders an event on its way."""
    return WebhookDelivery(
        id=delivery.id,
        event_id=delivery.event_id,
        type=delivery.type,
        state=_STATES.get(delivery.state, WebhookDelivery.PENDING),
        attempts=delivery.attempt,
        error=delivery.error,
        create_time=delivery.created_at,
        next_attempt_time=delivery.due_at,
        end_time=delivery.ended_at,
    )


def states(told: Iterable[WebhookDelivery.State]) -> frozenset[State]:
    """Reads in which states deliveries are asked for. Raises InvalidRequest."""
    wanted = set(told)
    if not wanted <= {WebhookDelivery.PENDING, *_STATES.values()}:
        raise InvalidRequest("states must be of PENDING, SENT and FAILED", field="states")
    ended = {state for state, shown in _STATES.items() if shown in wanted}
    return frozenset(ended | (_WAITING if WebhookDelivery.PENDING in wanted else set()))


def overlap(rotation: RotateWebhookSecretRequest.Rotation) -> timedelta:
    """Reads for how long the old secret shall sign, too. Raises InvalidRequest."""
    said = rotation.HasField("overlap_seconds")
    seconds = rotation.overlap_seconds if said else USUAL_OVERLAP_SECONDS
    if not 0 <= seconds <= LONGEST_OVERLAP_SECONDS:
        told = f"overlapSeconds must be 0 to {LONGEST_OVERLAP_SECONDS}"
        raise InvalidRequest(told, field="overlapSeconds")
    return timedelta(seconds=seconds)
