"""What records are called in a document: people by their e-mail addresses, all else by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from services.escalation.documents.records import Records
from services.escalation.domain.checks import folded
from services.escalation.domain.policies import BUILT_IN
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, PolicyReference, WebhookReference
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

USER, TEAM, SCHEDULE = "user", "team", "schedule"
HOURS, POLICY, SOURCE, WEBHOOK = "support hours", "escalation policy", "alert source", "webhook"

#: What a document says of something else, or of a record itself.
Named: TypeAlias = (
    User
    | Team
    | Schedule
    | SupportHours
    | EscalationPolicy
    | PolicyReference
    | WebhookReference
    | AlertSource
)
KINDS: Mapping[type[Named], str] = {
    User: USER,
    Team: TEAM,
    Schedule: SCHEDULE,
    SupportHours: HOURS,
    EscalationPolicy: POLICY,
    PolicyReference: POLICY,
    WebhookReference: WEBHOOK,
    AlertSource: SOURCE,
}


@dataclass(slots=True)
class Names:
    """Which records there are, and what each is called."""

    ids: dict[str, dict[str, list[int]]] = field(default_factory=dict)  # by kind and folded name
    titles: dict[str, dict[int, str]] = field(default_factory=dict)  # by kind

    def add(self, kind: str, name: str, id_: int) -> None:
        """Takes up a record; one that is there already is there once."""
        known = self.ids.setdefault(kind, {}).setdefault(folded(name), [])
        if id_ not in known:
            known.append(id_)
        self.titles.setdefault(kind, {})[id_] = name

    def title(self, kind: str, id_: int) -> str:
        """Returns what a record is called; empty if that would name another one, too."""
        name = self.titles.get(kind, {}).get(id_, "")
        return name if len(self.find(kind, name)) == 1 else ""

    def several(self) -> list[tuple[str, str, list[int]]]:
        """Returns the kinds and names that several records have, and their ids."""
        return [
            (kind, self.titles[kind][ids[0]], ids)
            for kind, by_name in self.ids.items()
            for ids in by_name.values()
            if len(ids) > 1
        ]

    def find(self, kind: str, name: str) -> list[int]:
        """Returns the records of a kind that have a name, oldest first."""
        return self.ids.get(kind, {}).get(folded(name), [])


def called(record: Named) -> str:
    """Returns what a record is called; empty if it does not say."""
    return (record.email if isinstance(record, User) else record.name).strip()


def title(record: Named) -> str:
    """Returns what a record is recognised by: of an alert source, its type, too."""
    name = called(record)
    return f"{name} ({record.integration_type})" if isinstance(record, AlertSource) else name


def names(*found: Records) -> Names:
    """Returns what records are called; of those that were and will be, what they will be.

    The built-in policy gives way to another one with its name.
    """
    known = Names()
    for records in found:
        _take(known, records)
    return known


def _take(known: Names, records: Records) -> None:
    _add(known, USER, ((id_, user.email) for id_, user in records.users.items()))
    _add(known, TEAM, ((id_, each.name) for id_, each in records.teams.items()))
    _add(known, SCHEDULE, ((id_, each.name) for id_, each in records.schedules.items()))
    _add(known, WEBHOOK, records.webhooks.items())
    _add(known, HOURS, ((id_, each.name) for id_, each in records.support_hours.items()))
    policies = [(id_, each.name) for id_, each in records.policies.items()]
    _add(known, POLICY, (pair for pair in policies if pair[0] != BUILT_IN))
    for id_, name in policies:
        if id_ == BUILT_IN and not known.find(POLICY, name):
            known.add(POLICY, name, id_)


def _add(known: Names, kind: str, pairs: Iterable[tuple[int, str]]) -> None:
    for id_, name in sorted(pairs):
        known.add(kind, name, id_)
