"""What webhooks refer to, and what refers to them: records of Escalation's, copied here."""

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.authentication import TEAM
from services.chassis.errors import InvalidRequest
from services.chassis.places import place
from services.chassis.principal import Principal
from services.chassis.teams import sees_team
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.notification.v1.webhook_pb2 import Webhook

M = TypeVar("M", bound=Message)

POLICY = "policy"
WEBHOOK = "webhook"


class Owner(Protocol):
    """Escalation, asked for what is not here yet."""

    async def ask(self, kind: str, id_: object, message: type[M]) -> M | None:
        """Returns a record, and keeps it here. Raises Unavailable."""

    async def refresh(self) -> None:
        """Makes what is here as new as what is there. Raises Unavailable."""


async def check(
    owner: Owner, team_ids: Iterable[int], kept: Collection[int], reader: Principal
) -> None:
    """Raises InvalidRequest if there is no such team for the reader.

    One that the record belongs to already may stay, whoever sees it. Raises Unavailable if
    nobody can tell now.
    """
    for team_id in team_ids:
        team = await owner.ask(TEAM, team_id, Team)
        if team is None or not (team_id in kept or _sees(reader, team)):
            _refuse(team_id)


def check_again(connection: Connection, team_ids: Collection[int]) -> None:
    """Raises InvalidRequest if a team has gone since it was asked for."""
    known = teams(connection, team_ids)
    for team_id in team_ids:
        if str(team_id) not in known:
            _refuse(team_id)


def teams(connection: Connection, team_ids: Iterable[int]) -> dict[str, Team]:
    """Returns those teams that are there, by id."""
    return facts.many(connection, TEAM, team_ids, Team)


def all_private(connection: Connection, team_ids: Collection[int]) -> bool:
    """Tells whether a record belongs to private teams only, which others do not see."""
    known = facts.ever(connection, TEAM, Team, team_ids)
    private = {team.id for team in known if team.visibility == Team.PRIVATE}
    return bool(team_ids) and private.issuperset(team_ids)


def webhook_called(connection: Connection, webhook_id: int) -> str:
    """Returns how a webhook is told of where everybody may read it: "webhook 3 (bot)"."""
    name = public_hook_name(connection, webhook_id)
    return f"webhook {webhook_id} ({name})" if name else f"webhook {webhook_id}"


def policies_calling(connection: Connection, webhook_id: int) -> list[str]:
    """Returns where a webhook is in use."""
    return [
        place("escalation policy", policy.id, policy.name)
        for policy in facts.every(connection, POLICY, EscalationPolicy)
        if any(hook.id == webhook_id for rule in policy.escalation_rules for hook in rule.webhooks)
    ]


def _sees(reader: Principal, team: Team) -> bool:
    return sees_team(reader, team.id, private=team.visibility == Team.PRIVATE)


def _refuse(team_id: int) -> None:
    raise InvalidRequest(f"teams names {team_id}, which is not there", field="teams")


def public_hook_name(connection: Connection, webhook_id: int) -> str:
    """Returns what a webhook is, or was, called where everybody may read it; empty for a number.

    What is told here gets into logs of alerts, and their readers need not see the webhook.
    """
    for webhook in facts.ever(connection, WEBHOOK, Webhook, [webhook_id]):
        if not all_private(connection, [team.id for team in webhook.teams]):
            return webhook.name
    return ""
