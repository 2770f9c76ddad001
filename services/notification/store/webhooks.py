"""Webhooks at rest."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.chassis.principal import Principal
from services.chassis.team_context import Teams
from services.chassis.teams import seen_rows
from services.chassis.texts import folded, is_line
from services.notification.domain.values import Hook
from services.notification.domain.webhooks import Standing, Subscription, Webhook
from services.notification.store import deliveries
from services.notification.store.tables import WebhookRow, WebhookTeamRow

WEBHOOK = WebhookRow.__table__
WEBHOOK_TEAM = WebhookTeamRow.__table__


def add(connection: Connection, webhook: Webhook, *, sealed_url: bytes, secret: bytes) -> None:
    """Adds a webhook, with its sealed URL and secret."""
    hidden = {"sealed_url": sealed_url, "sealed_secret": secret}
    row = {"id": webhook.id, "created_at": webhook.created_at, **_columns(webhook), **hidden}
    connection.execute(insert(WEBHOOK).values(row))
    _add_teams(connection, webhook)


def replace(connection: Connection, webhook: Webhook, *, sealed_url: bytes | None) -> None:
    """Puts a webhook in the place of the one with its id; it keeps its URL if that is None."""
    values = _columns(webhook) | ({} if sealed_url is None else {"sealed_url": sealed_url})
    connection.execute(update(WEBHOOK).where(WEBHOOK.c.id == webhook.id).values(values))
    _remove_teams(connection, webhook.id)
    _add_teams(connection, webhook)


def replace_secret(
    connection: Connection, webhook_id: int, sealed: bytes, *, now: datetime, until: datetime
) -> None:
    """Gives a webhook a new secret; the old one signs as well until a time."""
    values = {
        "former_secret": WEBHOOK.c.sealed_secret,
        "former_until": until,
        "sealed_secret": sealed,
        "updated_at": now,
    }
    connection.execute(update(WEBHOOK).where(WEBHOOK.c.id == webhook_id).values(values))


def remove(connection: Connection, webhook_id: int) -> None:
    """Forgets a webhook."""
    deliveries.remove_all(connection, webhook_id)
    _remove_teams(connection, webhook_id)
    connection.execute(delete(WEBHOOK).where(WEBHOOK.c.id == webhook_id))


def get(connection: Connection, webhook_id: int) -> Webhook:
    """Returns a webhook. Raises NotFound."""
    found = _where(connection, WEBHOOK.c.id == webhook_id)
    if not found:
        raise NotFound(f"there is no webhook {webhook_id}")
    return found[0]


def of_name(connection: Connection, name: str) -> Webhook | None:
    """Returns the webhook with a name, without case, if there is one."""
    if not is_line(name):
        return None  # nobody's; and some of these a database cannot read
    return next(iter(_where(connection, WEBHOOK.c.name_folded == folded(name))), None)


def of_team(connection: Connection, team_id: int) -> list[Webhook]:
    """Returns the webhooks that belong to a team, oldest first."""
    return _where(connection, _belongs_to([team_id]))


def oldest(connection: Connection, page: Page, teams: Teams, reader: Principal) -> list[Webhook]:
    """Returns one page of webhooks, oldest first; those that the reader sees.

    Of some teams, if they are said.
    """
    seen = seen_rows(reader, WEBHOOK.c.id, WEBHOOK_TEAM.c.webhook_id, WEBHOOK_TEAM)
    query = select(WEBHOOK).where(seen).order_by(WEBHOOK.c.id)
    if teams is not None:
        query = query.where(_belongs_to(teams))
    return _webhooks(connection, connection.execute(query.offset(page.offset).limit(page.limit)))


def sealed_url(connection: Connection, webhook_id: int) -> bytes:
    """Returns the sealed URL of a webhook that is there."""
    known = select(WEBHOOK.c.sealed_url).where(WEBHOOK.c.id == webhook_id)
    sealed: bytes = connection.execute(known).scalar_one()
    return sealed


def hooks(connection: Connection, ids: Iterable[int], now: datetime) -> dict[int, Hook]:
    """Returns webhooks as they are called now, by id; those that are there."""
    wanted = sorted(set(ids))
    rows = connection.execute(select(WEBHOOK).where(WEBHOOK.c.id.in_(wanted))) if wanted else ()
    return {row.id: _hook(row, now) for row in rows}


def teams(connection: Connection, webhook_id: int) -> tuple[int, ...]:
    """Returns the teams that a webhook belongs to."""
    return tuple(_teams(connection, [webhook_id])[webhook_id])


def subscriptions(connection: Connection) -> list[Subscription]:
    """Returns the webhooks that are told of events."""
    query = select(WEBHOOK.c.id, WEBHOOK.c.events).where(WEBHOOK.c.events != "")
    rows = connection.execute(query.order_by(WEBHOOK.c.id)).all()
    teams = _teams(connection, [row.id for row in rows])
    return [
        Subscription(row.id, frozenset(row.events.split()), tuple(teams[row.id])) for row in rows
    ]


def standings(connection: Connection, ids: Collection[int]) -> dict[int, Standing]:
    """Returns how webhooks took what they were told of, by id; those that are there."""
    waiting = deliveries.waiting(connection, ids)
    rows = connection.execute(select(WEBHOOK).where(WEBHOOK.c.id.in_(sorted(ids))))
    return {
        row.id: Standing(
            row.last_success_at, row.last_failure_at, row.last_failure, waiting.get(row.id, 0)
        )
        for row in rows
    }


def _teams(connection: Connection, webhook_ids: Collection[int]) -> dict[int, list[int]]:
    teams: dict[int, list[int]] = {id_: [] for id_ in webhook_ids}
    linked = select(WEBHOOK_TEAM).where(WEBHOOK_TEAM.c.webhook_id.in_(teams))
    for link in connection.execute(linked.order_by(WEBHOOK_TEAM.c.team_id)) if teams else ():
        teams[link.webhook_id].append(link.team_id)
    return teams


def _hook(row: Row[Any], now: datetime) -> Hook:
    former = row.former_until is not None and row.former_until > now
    secrets = (row.sealed_secret, row.former_secret) if former else (row.sealed_secret,)
    return Hook(row.id, row.name, row.sealed_url, secrets)


def _where(connection: Connection, are_meant: ColumnElement[bool]) -> list[Webhook]:
    query = select(WEBHOOK).where(are_meant).order_by(WEBHOOK.c.id)
    return _webhooks(connection, connection.execute(query))


def _belongs_to(teams: Iterable[int]) -> ColumnElement[bool]:
    theirs = select(WEBHOOK_TEAM.c.webhook_id).where(WEBHOOK_TEAM.c.team_id.in_(sorted(teams)))
    return WEBHOOK.c.id.in_(theirs)


def _add_teams(connection: Connection, webhook: Webhook) -> None:
    links = [{"webhook_id": webhook.id, "team_id": team_id} for team_id in webhook.team_ids]
    if links:
        connection.execute(insert(WEBHOOK_TEAM), links)


def _remove_teams(connection: Connection, webhook_id: int) -> None:
    connection.execute(delete(WEBHOOK_TEAM).where(WEBHOOK_TEAM.c.webhook_id == webhook_id))


def _columns(webhook: Webhook) -> dict[str, Any]:
    return {
        "name": webhook.name,
        "name_folded": folded(webhook.name),
        "origin": webhook.origin,
        "events": " ".join(webhook.events),
        "updated_at": webhook.updated_at,
    }


def _webhooks(connection: Connection, rows: Iterable[Row[Any]]) -> list[Webhook]:
    rows = list(rows)
    teams = _teams(connection, [row.id for row in rows])
    return [
        Webhook(
            id=row.id,
            name=row.name,
            origin=row.origin,
            team_ids=tuple(teams[row.id]),
            events=tuple(row.events.split()),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
