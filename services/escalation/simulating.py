"""Simulates an escalation: with what is at rest, at any moment, by the functions that page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from services.chassis.errors import InvalidRequest
from services.chassis.patience import Patience
from services.escalation import plans, world
from services.escalation.domain import simulation
from services.escalation.domain.duty import Duty
from services.escalation.domain.fallbacks import following
from services.escalation.domain.policies import Plan, Policy
from services.escalation.domain.runs import Priority, Run, Subject
from services.escalation.domain.simulation import Acceptance, Timeline
from services.escalation.store import policies
from services.escalation.world import World

#: How far ahead a simulation looks.
AHEAD = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is simulated."""

    policy: Policy
    priority: Priority
    start: datetime
    acceptance: Acceptance | None = None
    most: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What happens, and the world in which it does."""

    timeline: Timeline
    world: World
    policies: Mapping[int, Policy]  # that are followed


def simulate(connection: Connection, question: Question, patience: Patience) -> Answer:
    """Returns what would happen, by what is at rest, if this were the next to begin.

    Raises InvalidRequest if it takes longer than there is patience.
    """
    policy, find = question.policy, partial(policies.find, connection)
    plan = plans.next_turn(connection, plans.plan(connection, policy))
    followed = {each.id: each for each in (policy, *following(policy, find))}
    end = question.start + AHEAD
    by = question.acceptance.by.user_id if question.acceptance else 0
    owners = {team for each in followed.values() for team in each.teams}
    others = world.Others(users=[by], teams=owners)
    around = world.around(connection, plan.all_levels, question.start, end, others)
    return Answer(_timeline(plan, question, around, patience), around, followed)


def _timeline(plan: Plan, question: Question, around: World, patience: Patience) -> Timeline:
    def present(run: Run, at: datetime) -> tuple[Duty, Collection[int]]:
        if patience.over:
            told = "there is too much to simulate: ask for fewer results"
            raise InvalidRequest(told, field="maxResults")
        duty = around.duty(run.levels, at)
        return duty, around.reachable(run.levels, duty)

    return simulation.simulate(
        imagined(question.priority),
        plan,
        question.start,
        question.start + AHEAD,
        present,
        acceptance=question.acceptance,
        most=question.most,
    )


def imagined(priority: Priority) -> Subject:
    """Returns something that somebody could be paged about."""
    return Subject(kind="simulation", id="0", title="Simulation", priority=priority)
