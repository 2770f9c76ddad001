"""Simulations as protobuf messages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.escalation.domain.policies import Policy
from services.escalation.domain.reasons import Reason, Why
from services.escalation.domain.runs import (
    Begun,
    Called,
    Effect,
    Ended,
    Exhausted,
    FellBack,
    Paged,
    Priority,
    Skipped,
)
from services.escalation.domain.simulation import Step
from services.escalation.peers import Person
from services.escalation.simulating import Answer, Question
from services.escalation.wire import people, policies
from services.escalation.wire import schedules as schedule_wire
from services.escalation.world import World
from tocsin.escalation.v1 import policy_pb2, schedule_pb2, team_pb2, user_pb2
from tocsin.escalation.v1 import simulation_pb2 as pb
from tocsin.notification.internal.v1.way_service_pb2 import FindWaysResponse

Way = FindWaysResponse.Way
Kind = pb.SimulatedStep.Kind
KINDS: Mapping[type[Effect], Kind] = {
    Begun: Kind.BEGUN,
    Paged: Kind.PAGED,
    Called: Kind.PAGED,
    Skipped: Kind.SKIPPED,
    Ended: Kind.ACCEPTED,
    Exhausted: Kind.EXHAUSTED,
    FellBack: Kind.FALLEN_BACK,
}
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Telling:
    """What it takes to tell of a simulation."""

    question: Question
    answer: Answer
    people: Mapping[int, Person] | None  # how they are told; None where nobody can tell

    def ways(self, user: int) -> Sequence[Way]:
        """Returns by which ways a person is told."""
        known = (self.people or {}).get(user)
        if known is None:
            return ()
        return known.low if self.question.priority is Priority.LOW else known.high


def simulation(telling: Telling, notes: Sequence[str]) -> pb.Simulation:
    """Renders a simulation."""
    question, timeline = telling.question, telling.answer.timeline
    return pb.Simulation(
        escalation_policy=policy(question.policy, telling.answer.world),
        priority=question.priority.name,
        start_time=question.start,
        steps=[_step(step, telling) for step in timeline.steps],
        state=timeline.run.state.name,
        contacts_known=telling.people is not None,
        notes=notes,
    )


def policy(known: Policy, world: World) -> policy_pb2.EscalationPolicy:
    """Renders a policy as it is referred to."""
    return policy_pb2.EscalationPolicy(
        id=known.id,
        name=known.name,
        teams=policies.teams(known.teams, world.labels),
        version=known.version,
    )


def _step(step: Step, telling: Telling) -> pb.SimulatedStep:
    run = step.effect.run
    about_level = isinstance(step.effect, Paged | Skipped)
    goes_on = isinstance(step.effect, Begun | Paged)
    return pb.SimulatedStep(
        time=step.at,
        offset_seconds=(step.at - telling.question.start) // _SECOND,
        kind=KINDS[type(step.effect)],
        level=run.level if about_level else 0,
        cycle=run.cycle,
        pages=_pages(step, telling),
        webhooks=_webhooks(step, telling.answer.world),
        reasons=[_reason(each, step, telling.answer.world) for each in _of_nobody(step)],
        next_time=step.run.due if goes_on else None,
        turn=_turn(step, telling.answer.world),
        escalation_policy=policy(
            telling.answer.policies[run.stage.policy_id], telling.answer.world
        ),
        round=run.round,
        accept_expire_time=run.accept_expires if isinstance(step.effect, Ended) else None,
    )


def _of_nobody(step: Step) -> Sequence[Reason]:
    if isinstance(step.effect, Paged) and step.effect.users:
        return [each for each in step.reasons if each.why is Why.MUTED]
    return step.reasons


def _webhooks(step: Step, world: World) -> list[policy_pb2.WebhookReference]:
    called = step.effect.webhooks if isinstance(step.effect, Paged) else ()
    return policies.webhooks(called, world.webhooks)


def _turn(step: Step, world: World) -> pb.SimulatedTurn | None:
    turn = step.effect.turn if isinstance(step.effect, Paged) else None
    if turn is None:
        return None
    return pb.SimulatedTurn(
        user=person(turn.user, world),
        place=turn.place,
        count=turn.count,
        passed=[person(user, world) for user in turn.passed],
    )


def _pages(step: Step, telling: Telling) -> list[pb.SimulatedPage]:
    world = telling.answer.world
    match step.effect:
        case Paged(users=users) | Called(users=users):
            return [_page(user, step, telling) for user in users]
        case Ended(run=run) if run.ended_by and run.ended_by.user_id:
            return [pb.SimulatedPage(user=person(run.ended_by.user_id, world))]
        case _:
            return []


def _page(user: int, step: Step, telling: Telling) -> pb.SimulatedPage:
    world, ways = telling.answer.world, telling.ways(user)
    return pb.SimulatedPage(
        user=person(user, world),
        reasons=[_reason(each, step, world) for each in step.reasons if each.user == user],
        contacts=[way.contact for way in _each_once(ways)],
        ways=[_way(way) for way in ways],
    )


def _each_once(ways: Iterable[Way]) -> Iterable[Way]:
    return {way.contact.id: way for way in ways}.values()


def _way(way: Way) -> pb.SimulatedWay:
    return pb.SimulatedWay(
        contact=way.contact,
        method=way.method,
        delay_seconds=way.delay.seconds,
        held=way.held,
    )


def person(user: int, world: World) -> user_pb2.User:
    """Renders a person; one who is gone, by id."""
    known = world.people.get(user)
    return user_pb2.User(id=user) if known is None else people.user(known)


def _reason(reason: Reason, step: Step, world: World) -> pb.SimulatedReason:
    told = pb.SimulatedReason(kind=reason.why.name)
    if reason.schedule:
        told.schedule.CopyFrom(schedule(reason.schedule, world))
    if reason.why is Why.ON_CALL:
        shift = world.shift(reason.schedule, reason.user, step.at)
        if shift is not None:
            told.start.FromDatetime(shift.start)
            told.end.FromDatetime(shift.end)
    if reason.why is Why.NOBODY_ON_CALL:
        following = world.rota.following(reason.schedule, step.at)
        if following is not None:
            told.end.FromDatetime(following.start)
    if reason.team:
        told.team.CopyFrom(team(reason.team, world))
    if reason.why is Why.USER_GONE:
        told.user.id = reason.user
    if reason.why is Why.MUTED:
        told.user.CopyFrom(person(reason.user, world))
        told.end.CopyFrom(told.user.muted_until)
    return told


def schedule(id_: int, world: World) -> schedule_pb2.Schedule:
    """Renders a schedule as it is referred to, with its time zone."""
    known = world.rota.schedules.get(id_)
    if known is None:
        return schedule_pb2.Schedule(id=id_)
    return schedule_wire.schedule(known, {}, world.labels, include=())


def team(id_: int, world: World) -> team_pb2.Team:
    """Renders a team as it is referred to."""
    return policies.teams([id_], world.labels)[0]
