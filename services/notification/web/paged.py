"""Who was paged about a subject, how that went, and along which levels."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.people import called
from services.notification import wire
from services.notification.changes import USER
from services.notification.domain.answers import episode
from services.notification.domain.values import Intent, Kind, Notification, Share, State
from services.notification.store import notifications, standings
from services.notification.web.standing import Next
from services.notification.web.words import Words
from tocsin.alertstate.v1.alert_pb2 import Alert, Responder
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.user_pb2 import User

#: A list for people: a subject that paged more shows the newest.
MOST = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A message to somebody."""

    who: str
    way: str
    how: str  # it went, in a word
    at: datetime
    state: State
    error: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the policy that is followed."""

    number: int
    who: Sequence[str]
    paged_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """What Notification knows of how people are paged about a subject."""

    told: Sequence[Notification]
    names: Mapping[int, str]  # of those who were told, by their ids
    newest: Intent | None
    levels: Mapping[int, datetime]


def of_subject(connection: Connection, kind: str, id_: str, run: str = "") -> Run:
    """Returns how people are paged about a subject: in one run, or in its newest one."""
    every = [n for n in notifications.about(connection, kind, id_) if n.kind is Kind.PAGE]
    run = run or _newest_run(every, kind, id_)
    told = [n for n in every if n.escalation_key == run or n.escalation_key.startswith(f"{run}:")]
    told = told[-MOST:]
    users = facts.many(connection, USER, {n.user_id for n in told}, User)
    names = {n.user_id: wire.user_name(users.get(str(n.user_id)), n.user_id) for n in told}
    newest = standings.newest_levels(connection, [run]).get(run)
    return Run(told, names, newest, notifications.levels(connection, run))


def rows(run: Run, words: Words, alert: Alert | None = None) -> list[Row]:
    """Returns who was told what, as a page shows it; whoever took the alert is said to."""
    took = _accepted(alert)
    return [_row(each, run, words, took) for each in run.told]


def levels(
    run: Run,
    next_: Next | None,
    rules: Sequence[EscalationRule] = (),
    on_call: Mapping[int, Sequence[str]] | None = None,
) -> list[Level]:
    """Returns the levels that are followed, as far as anybody knows them.

    Whom a level means is, by what is known: who is on call now (`on_call`, by level), who is
    next, whom its rule names, or who was told.
    """
    count = len(rules) or (run.newest.level_count if run.newest else 0)
    found = []
    for number in range(1, count + 1):
        coming = next_ if next_ is not None and next_.level == number else None
        who = (on_call or {}).get(number) or (coming.names if coming else ())
        who = who or _named(rules, number) or _told(run, number)
        at = coming.at if coming else None
        found.append(Level(number, who, run.levels.get(number), at))
    return found


def _newest_run(told: Iterable[Notification], kind: str, id_: str) -> str:
    episodes = (episode(each.escalation_key, kind, id_) for each in told)
    return f"{kind}:{id_}:{max(episodes, default=0)}"


def _row(told: Notification, run: Run, words: Words, took: Collection[int]) -> Row:
    way = words(f"by.{told.method}") if words.has(f"by.{told.method}") else told.method
    went, at, state = _went(told)
    how = words(f"told.{went}") if words.has(f"told.{went}") else went
    if told.webhook_id:
        return Row(words("webhook"), way, how, at, state, told.error)
    if told.user_id in took:
        how = f"{how}, {words('told.answered')}"
    return Row(run.names[told.user_id], way, how, at, state, told.error)


def _went(told: Notification) -> tuple[str, datetime, State]:
    """Returns how and when a message went, itself or by what told of it, and its state."""
    if told.read_at is not None:
        return "READ", told.read_at, State.SENT
    if told.delivered_at is not None:
        return "DELIVERED", told.delivered_at, State.SENT
    if told.is_told:
        return "SENT", told.at, State.SENT
    state = State.PENDING if told.share is Share.CARRIED else told.state
    return state.value, told.at, state


def _accepted(alert: Alert | None) -> set[int]:
    responders = alert.responders if alert is not None else ()
    return {each.user.id for each in responders if each.status == Responder.ACCEPTED}


def _named(rules: Sequence[EscalationRule], number: int) -> list[str]:
    """Returns whom a level names: people, schedules, teams and webhooks."""
    if number > len(rules):
        return []
    rule = rules[number - 1]
    people = [called(user) for user in rule.users]
    names = [each.name for each in rule.schedules] + [each.name for each in rule.teams]
    names += [each.name for each in rule.webhooks]
    return [*people, *filter(None, names)]


def _told(run: Run, number: int) -> list[str]:
    names = (run.names[n.user_id] for n in run.told if n.level == number and n.user_id)
    return list(dict.fromkeys(names))
