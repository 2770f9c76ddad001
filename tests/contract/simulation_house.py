"""Escalation with a clock that stands still until it is set, and random people to page."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, func, select

from services.chassis.clock import Clock
from services.chassis.database import database
from services.chassis.migrations import migrate
from services.chassis.tables import TimerRow
from services.chassis.timers import Timers
from services.escalation import first_start, timer
from services.escalation.peers import AWAY, Person, Told, Ways
from services.escalation.servicer.schedules import ScheduleServicer
from services.escalation.servicer.simulation import SimulationServicer
from services.escalation.webhooks import webhook_changed
from tests.contract.blocking import ADA, Answer, Calls
from tests.contract.escalation_config_house import make_team
from tests.contract.escalation_house import OK, House, new_policy
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1 import simulation_service_pb2 as calls
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationRule, PolicyReference, WebhookReference
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer, Shift
from tocsin.escalation.v1.simulation_pb2 import SimulatedStep, Simulation
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.internal.v1.way_service_pb2 import FindWaysResponse
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.notification_events_pb2 import WebhookChanged
from tocsin.notification.v1.webhook_pb2 import Webhook

TIMER = TimerRow.__table__
HOUR = timedelta(hours=1)
#: The last Sunday of October, before the clocks of Europe change.
START = datetime(2026, 10, 24, 12, tzinfo=UTC)

#: A page: when, in which round, on which level, whom, and which webhooks.
Page = tuple[datetime, int, int, tuple[int, ...], tuple[int, ...]]


class StillClock(Clock):
    """Shows what it was set to."""

    def __init__(self, at: datetime = START) -> None:
        super().__init__()
        self.at = at

    def now(self, connection: Connection) -> datetime:
        return self.at

    def wall(self) -> datetime:
        return self.at


class Known(Ways):
    """Notification, as far as it is asked how people would be told."""

    def __init__(self, url: str, **contacts: list[Contact] | Person) -> None:
        super().__init__(None)
        people = {
            int(id_[1:]): theirs if isinstance(theirs, Person) else told_by(theirs)
            for id_, theirs in contacts.items()
        }
        self._told = Told(people, url)

    async def of(self, user_ids: Any, at: Any = None) -> Told:
        return self._told


def told_by(contacts: list[Contact]) -> Person:
    """Returns somebody who is told at once by all of their contacts, whatever it is about."""
    ways = [FindWaysResponse.Way(contact=each, method=each.method) for each in contacts]
    return Person(contacts=contacts, high=ways, low=ways)


@dataclass
class Theatre:
    """A house whose future is asked for, and then played."""

    house: House
    clock: StillClock
    ways: Ways = AWAY
    users: list[int] = field(default_factory=list)
    teams: list[int] = field(default_factory=list)
    schedules: list[int] = field(default_factory=list)
    policies: list[int] = field(default_factory=list)
    webhooks: list[int] = field(default_factory=list)

    async def simulate(self, caller: Any = ADA, **request: Any) -> Answer:
        service = calls.DESCRIPTOR.services_by_name["SimulationService"]
        servicer = SimulationServicer(self.house.db, self.clock, self.ways)
        asked = calls.SimulateEscalationRequest(**request)
        return await Calls(service, servicer, caller)("SimulateEscalation", asked)

    async def simulated(self, **request: Any) -> Simulation:
        answer = await self.simulate(**request)
        assert answer.code == OK, answer.details
        simulation: Simulation = answer.reply
        return simulation

    async def schedule(self, told: Schedule) -> int:
        service = schedule_calls.DESCRIPTOR.services_by_name["ScheduleService"]
        made = await Calls(service, ScheduleServicer(self.house.db, self.clock))(
            "CreateSchedule", schedule_calls.CreateScheduleRequest(schedule=told)
        )
        assert made.code == OK, made.details
        schedule_id: int = made.reply.id
        return schedule_id

    async def hear_of_webhook(self, id_: int, *, deleted: bool = False) -> None:
        """Has Escalation hear of a webhook of Notification's."""
        webhook = Webhook(id=id_, name=f"Bot {id_}")
        version = 1 + deleted
        event = WebhookChanged(webhook=webhook, version=version, deleted=deleted)
        await self.house.db.write(
            lambda connection: webhook_changed(connection, self.clock.now(connection), event)
        )

    async def policy(self, *rules: EscalationRule, **fields: Any) -> int:
        made = await self.house.policies("CreateEscalationPolicy", new_policy(*rules, **fields))
        assert made.code == OK, made.details
        policy_id: int = made.reply.id
        return policy_id

    async def start(self, policy_id: int, name: str, priority: str = "HIGH") -> Escalation:
        subject = Subject(kind="deploy", id=name, title="x", priority=priority)
        begun = await self.house.start(subject, policy_id)
        assert begun.code == OK, begun.details
        run: Escalation = begun.reply
        return run

    async def play(self, until: datetime) -> None:
        """Takes every step up to a time, each when it is due."""
        timers = Timers(self.house.db, self.clock, timer.DUE)
        earliest = select(func.min(TIMER.c.due_at))
        while True:
            due = await self.house.db.read(lambda c: c.execute(earliest).scalar_one())
            if due is None or due > until:
                break
            self.clock.at = max(self.clock.at, due)
            while await timers.step():
                pass
        self.clock.at = until

    async def pages(self, name: str) -> list[Page]:
        """Returns what a subject's run asked Notification for."""
        told = await self.house.told(PageRequested)
        return [
            (
                each.request_time.ToDatetime(UTC),
                each.cycle,
                each.level,
                tuple(each.user_ids),
                tuple(each.webhook_ids),
            )
            for each in told
            if each.subject.id == name
        ]


def pages_of(simulation: Simulation) -> list[Page]:
    """Returns the pages of a timeline."""
    return [
        (
            step.time.ToDatetime(UTC),
            step.cycle,
            step.level,
            tuple(page.user.id for page in step.pages),
            tuple(webhook.id for webhook in step.webhooks),
        )
        for step in simulation.steps
        if step.kind == SimulatedStep.PAGED
    ]


@asynccontextmanager
async def theatre(folder: Path) -> AsyncIterator[Theatre]:
    """Offers a house on an empty database, in which time stands still."""
    url = f"sqlite:///{folder}/escalation.db"
    migrate(url, "escalation")
    clock = StillClock()
    async with database(url, "escalation") as opened:
        await opened.write(first_start.prepare, clock, "")
        yield Theatre(House(opened, clock), clock)


async def people_at_random(stage: Theatre, random: Random) -> None:
    """Makes people, teams and schedules, most of which leave gaps."""
    if not stage.users:
        for name in ("Ada", "Bob", "Eve", "Joe", "Kim"):
            stage.users.append(await stage.house.person(name))
        for id_ in (5, 6, 7):
            await stage.hear_of_webhook(id_)
            stage.webhooks.append(id_)
    stage.teams.append(
        await make_team(stage.house, f"Team {random.random()}", *_some(stage.users, random))
    )
    for _ in range(2):
        told = _layers(stage, random) if random.random() < 0.7 else _shifts(stage, random)
        stage.schedules.append(await stage.schedule(told))


async def policy_at_random(stage: Theatre, random: Random) -> int:
    """Makes a policy over them."""
    rules = [_rule(stage, random) for _ in range(random.randint(1, 4))]
    repeating, frequency = random.random() < 0.5, random.randint(1, 3)
    fields: dict[str, Any] = {"repeating": repeating, "frequency": frequency}
    if stage.policies and random.random() < 0.4:
        fields["fallback"] = PolicyReference(id=random.choice(stage.policies[-3:]))
    made = await stage.policy(*rules, **fields, delay_min=random.choice((0, 0, 5)))
    stage.policies.append(made)
    return made


def _rule(stage: Theatre, random: Random) -> EscalationRule:
    rule = EscalationRule(escalation_timeout_seconds=random.choice((0, 60, 900, 3600, 7 * 3600)))
    if random.random() < 0.3:
        rule.distribution = EscalationRule.ROUND_ROBIN
    kind = random.choice(("users", "schedules", "schedules", "teams", "webhooks", "all"))
    if kind == "webhooks":  # nobody takes turns with them
        rule.ClearField("distribution")
    if kind in ("webhooks", "all"):
        called = _some(stage.webhooks, random, 1)
        rule.webhooks.extend(WebhookReference(id=each) for each in called)
    if kind in ("users", "all"):
        rule.users.extend(User(id=each) for each in _some(stage.users, random, 1))
    if kind in ("schedules", "all"):
        rule.schedules.extend(Schedule(id=each) for each in _some(stage.schedules, random, 1))
    if kind in ("teams", "all"):
        rule.teams.extend(Team(id=each) for each in _some(stage.teams, random, 1))
    return rule


def _layers(stage: Theatre, random: Random) -> Schedule:
    zone = random.choice(("Europe/Berlin", "America/New_York", "Asia/Tokyo"))
    layers = []
    for number in range(random.randint(1, 2)):
        start = START - random.randint(-8, 40) * HOUR
        end = start + random.randint(30, 90) * HOUR if random.random() < 0.4 else None
        layers.append(
            ScheduleLayer(
                name=f"layer {number}",
                starts_on=f"{start:%Y-%m-%dT%H:00}",
                ends_on=None if end is None else f"{end:%Y-%m-%dT%H:00}",
                users=[User(id=each) for each in _some(stage.users, random, 1)],
                rotation=random.choice(("PT1H", "PT7H", "PT12H", "P1D")),
            )
        )
    return Schedule(name="layers", timezone=zone, type="RECURRING", schedule_layers=layers)


def _shifts(stage: Theatre, random: Random) -> Schedule:
    at, later = START - 2 * HOUR, START + 1200 * HOUR
    shifts = [Shift(user=User(id=stage.users[0]), start=later, end=later + HOUR)]
    for _ in range(random.randint(1, 6)):
        start = at + random.randint(0, 4) * HOUR
        at = start + random.randint(1, 6) * HOUR
        shifts.append(Shift(user=User(id=random.choice(stage.users)), start=start, end=at))
    return Schedule(name="shifts", timezone="UTC", type="STATIC", shifts=shifts)


def _some(known: Sequence[int], random: Random, least: int = 1) -> list[int]:
    return random.sample(known, random.randint(least, min(3, len(known))))
