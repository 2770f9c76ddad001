"""What people do in a world, drawn from its seed: who is there, what they raise and answer."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from unittest import mock

from sqlalchemy import Connection, insert

from services.alertstate.domain.alerts import Priority
from services.chassis.facts import FACT
from services.escalation.domain.policies import Level, Policy
from services.escalation.domain.teams import Member, Team
from services.escalation.store import policies, teams, users
from services.notification import changes
from services.notification.changes import USER
from services.notification.domain.values import Kind, Method, Notification
from services.notification.store import contacts
from tests.parts.people import person
from tests.simulation import owner as owners
from tests.simulation.faults import HEALED
from tests.simulation.owner import Change, Owner
from tests.simulation.stores import EPOCH
from tocsin.escalation.v1.user_pb2 import User as KnownUser

PEOPLE = (1, 2, 3, 4)
#: How often very many alerts come at once, and how many.
STORM, STORM_ALERTS = 0.1, 8
#: Somebody whom policies name and who is not there any more.
GONE = 99
NO_WAY = 4  # somebody without any contact
MUCH_LATER = 7200.0  # in seconds
#: What contacts there are: a phone is told in two ways, all others in one.
KINDS = (Method.TERMINAL, Method.EMAIL, Method.WEBHOOK, Method.PHONE, Method.PUSH)
TEAM = 7
TEAM_MEMBERS = (1, 3)
POLICIES = (2, 3)
#: Where somebody may answer just then.
PLACES = (
    "before commit escalation",
    "after commit escalation",
    "before ack escalation",
    "before commit notification",
    "after commit notification",
    "before check",
    "after check",
    "before send",
    "after send",
)


def people(connection: Connection) -> None:
    """Writes down who is there, in escalation."""
    for id_ in PEOPLE:
        users.add(connection, person(id_, EPOCH, name=f"u{id_}"))
    members = tuple(map(Member, TEAM_MEMBERS))
    team = Team(id=TEAM, name="T", members=members, created_at=EPOCH, updated_at=EPOCH)
    teams.add(connection, team)


def later(dice: random.Random) -> dict[str, float]:
    """Draws which ways are for later, and by how many seconds, by their targets."""
    targets = [f"{method}-{id_}" for id_ in PEOPLE for method in Method]
    return {target: MUCH_LATER for target in targets if dice.random() < 0.4}


@contextmanager
def preferring(delays: Mapping[str, float]) -> Iterator[None]:
    """Lets pages by some ways be for later, as long as the block runs."""
    right = changes.schedule

    def schedule(connection: Connection, now: datetime, told: Notification) -> None:
        wait = delays.get(told.target, 0.0) if told.kind is Kind.PAGE else 0.0
        right(connection, now, replace(told, at=told.at + timedelta(seconds=wait)))

    with mock.patch.object(changes, "schedule", schedule):
        yield


def ways(connection: Connection, dice: random.Random) -> None:
    """Writes down how they are reached, in notification."""
    for id_ in PEOPLE:
        known = {"kind": USER, "id": str(id_), "version": 1, "deleted": False}
        payload = KnownUser(id=id_).SerializeToString()  # without an address
        connection.execute(insert(FACT).values(**known, payload=payload))
        if id_ == NO_WAY:
            continue
        for method in dice.sample(KINDS, dice.choice((1, 1, 2))):
            contacts.add(connection, id_, method, f"{method}-{id_}", EPOCH)


def policy(id_: int, dice: random.Random) -> Policy:
    """Draws a policy."""
    repeating = dice.random() < 0.3
    return Policy(
        id=id_,
        name="P",
        levels=tuple(_level(dice) for _ in range(dice.choice((1, 2, 2, 3)))),
        repeating=repeating,
        frequency=1,
        delay_min=dice.choice((0, 0, 0, 1)),
    )


def _level(dice: random.Random) -> Level:
    timeout = timedelta(seconds=dice.choice((0, 5, 30, 60, 60, 120)))
    draw = dice.random()
    if draw < 0.15:
        return Level((GONE,), timeout)
    if draw < 0.3:
        return Level((), timeout, teams=(TEAM,))
    return Level(tuple(sorted(dice.sample((*PEOPLE, GONE), dice.choice((1, 1, 1, 2))))), timeout)


@dataclass
class Script:
    """Draws what people do, and when."""

    dice: random.Random
    owner: Owner
    later: Callable[..., object]
    lie_in_wait: Callable[[float, str, Callable[[], None]], None]
    due_of: Callable[[int], float | None]
    edit: Callable[[int], None]

    def write(self) -> None:
        """Draws everything that people will do."""
        if self.dice.random() < STORM:
            self._write_storm()
            return
        for alert_id in range(1, self.dice.choice((1, 1, 2)) + 1):
            begin = HEALED * 0.3 * self.dice.random()
            self.later(begin, self._raise, alert_id)
            for _ in range(self.dice.choice((1, 2, 3, 5))):
                self._plan(alert_id, begin)

    def _write_storm(self) -> None:
        """Draws many alerts within seconds, about which people are told together."""
        begin = HEALED * 0.3 * self.dice.random()
        for alert_id in range(1, STORM_ALERTS + 1):
            at = begin + self.dice.choice((0.5, 20.0)) * self.dice.random()
            self.later(at, self._raise, alert_id)
            if self.dice.random() < 0.7:
                self._plan(alert_id, at)

    def _raise(self, alert_id: int) -> None:
        calls = (self.dice.choice(PEOPLE),) if self.dice.random() < 0.1 else ()
        policy_id = self.dice.choice(POLICIES)
        self.owner.raise_alert(policy_id, self._priority(), calls)
        if self.dice.random() < 0.25:
            self.later(60.0 * self.dice.random(), self.edit, policy_id)

    def _plan(self, alert_id: int, begin: float) -> None:
        """Lets something happen to an alert: some time, as a step is due, or in between."""
        change = self._change()
        at = begin + self.dice.choice((1.0, 60.0, 300.0, 900.0)) * self.dice.random()

        def act() -> None:
            self._change_it(alert_id, change)
            if self.dice.random() < 0.5:  # news that change nothing, and come in any order
                self.later(20.0 * self.dice.random(), self._change_it, alert_id, owners.comment)

        def act_when_due() -> None:
            left = self.due_of(alert_id)
            near = 0.0 if left is None else max(0.0, left + self.dice.uniform(-0.05, 0.1))
            self.later(near, act)

        draw = self.dice.random()
        if draw < 0.4:
            self.later(at, act)
        elif draw < 0.6:
            self.later(at, act_when_due)
        else:
            self.lie_in_wait(at, self.dice.choice(PLACES), act)

    def _change_it(self, alert_id: int, change: Change) -> None:
        if alert_id in self.owner.alerts:
            self.owner.change(alert_id, self.dice.choice(PEOPLE), change)

    def _change(self) -> Change:
        reroute = owners.reroute(self.dice.choice(POLICIES))
        snooze = owners.snooze(self.dice.choice((20.0, 200.0)))
        call = owners.call(self.dice.choice((*PEOPLE, GONE)))
        return self.dice.choices(
            (
                owners.accept,
                owners.resolve,
                owners.anew,
                owners.push,
                owners.comment,
                owners.prioritise(self._priority()),
                reroute,
                snooze,
                call,
            ),
            weights=(7, 3, 3, 4, 1, 2, 2, 2, 2),
        )[0]

    def _priority(self) -> Priority:
        return self.dice.choice((Priority.HIGH, Priority.HIGH, Priority.LOW))


def add_policies(connection: Connection, drawn: list[Policy]) -> None:
    """Writes policies down."""
    for each in drawn:
        policies.add(connection, each)
