"""Webhooks, as far as escalation knows Notification's records of them."""

from collections.abc import Iterable

from sqlalchemy import Connection

from services.chassis import facts
from tocsin.notification.v1.webhook_pb2 import Webhook

KIND = "webhook"


def known(connection: Connection, ids: Iterable[int]) -> dict[int, Webhook]:
    """Returns those webhooks that are known, by id."""
    found = facts.many(connection, KIND, ids, Webhook)
    return {int(id_): webhook for id_, webhook in found.items()}


def gone(connection: Connection, ids: Iterable[int]) -> frozenset[int]:
    """Returns those webhooks that were known and are no more."""
    return frozenset(map(int, facts.gone(connection, KIND, ids)))


def every(connection: Connection) -> list[Webhook]:
    """Returns all webhooks that are known, by id."""
    return sorted(facts.every(connection, KIND, Webhook), key=lambda each: each.id)


def of_team(connection: Connection, team_id: int) -> list[Webhook]:
    """Returns the webhooks that belong to a team."""
    found = every(connection)
    return [webhook for webhook in found if team_id in {team.id for team in webhook.teams}]
