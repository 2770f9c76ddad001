"""Runs, and what happens to them, as protobuf messages."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from services.chassis.errors import InvalidRequest
from services.chassis.shortening import Part, Some, Text, fitting
from services.escalation.domain import runs
from services.escalation.domain.reasons import Reason, Turn
from services.escalation.domain.runs import (
    Actor,
    Begun,
    Called,
    Effect,
    Ended,
    Exhausted,
    FellBack,
    Link,
    Paged,
    Priority,
    Run,
    Skipped,
    State,
    Subject,
)
from tocsin.edge.v1 import actor_pb2, content_pb2
from tocsin.escalation.v1 import escalation_pb2
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested

PRIORITIES = {
    escalation_pb2.Subject.PRIORITY_UNSPECIFIED: Priority.HIGH,
    escalation_pb2.Subject.HIGH: Priority.HIGH,
    escalation_pb2.Subject.LOW: Priority.LOW,
}
#: Higher than any level of a policy.
CALLS_FROM = 1000
#: What of a subject still fits into every message about it.
MOST_SUBJECT_BYTES = 128 * 1024


def escalation(run: Run) -> escalation_pb2.Escalation:
    """Renders a run."""
    stage, next_level = run.stage, run.next_level
    return escalation_pb2.Escalation(
        id=run.id,
        key=run.subject.key,
        subject=_subject(run.subject),
        escalation_policy_id=run.plan.policy_id,
        state=run.state.name,
        level=run.level,
        cycle=run.cycle,
        next_step_time=run.due if next_level else None,
        paged_user_ids=run.paged,
        start_time=run.start_time,
        end_time=run.end_time,
        ended_by=actor(run.ended_by) if run.ended_by else None,
        version=run.version,
        escalation_policy_version=run.plan.version,
        followed_policy_id=stage.policy_id,
        followed_policy_version=stage.version,
        round=run.round,
        next_level=next_level,
        accept_expire_time=run.accept_expires,
        continued_id=run.continued_id,
    )


def listed(runs: Iterable[Run]) -> Sequence[escalation_pb2.Escalation]:
    """Renders runs for a list, the largest of their texts shortened if it is too much."""
    return fitting([escalation(run) for run in runs], _parts)


def _parts(run: escalation_pb2.Escalation) -> Iterator[Part]:
    mark = f"[shortened: /api/escalations/{run.id} has the whole]"
    yield Text(run.subject, "title", mark)
    yield Text(run.subject, "details", mark)
    yield Some(run.subject.links)


def page(paged: Paged) -> PageRequested:
    """Renders the wish that people and webhooks are told."""
    run = paged.run
    return PageRequested(
        escalation_key=run.subject.key,
        subject=_subject(run.subject),
        cycle=run.cycle,
        level=run.level,
        level_count=len(run.stage.levels),
        user_ids=paged.users,
        request_time=paged.at,
        next_step_time=run.next_step_time,
        accept_time=run.accept_time,
        webhook_ids=paged.webhooks,
        escalation_id=run.id,
    )


def call(called: Called) -> PageRequested:
    """Renders the wish that people are told because somebody said so.

    A page is named by its run, cycle, level and person, so each call has a level that no
    policy has; without a number of levels it is shown as none. One of a run that ended has
    a key of its own: that somebody took the subject must not silence it.
    """
    run = called.run
    apart = f"{run.subject.key}:call:{called.number}"
    return PageRequested(
        escalation_key=run.subject.key if run.pending else apart,
        subject=_subject(run.subject),
        cycle=run.cycle,
        level=CALLS_FROM + called.number,
        level_count=0,
        user_ids=called.users,
        request_time=called.at,
        accept_time=run.accept_time,
        escalation_id=run.id,
    )


def changed(effect: Effect, by: Actor) -> EscalationChanged:
    """Renders what happened to a run."""
    match effect:
        case Begun():
            cause = EscalationChanged.BEGUN
        case Called():
            cause = EscalationChanged.CALLED
        case Paged():
            cause = EscalationChanged.STEPPED
        case Skipped():
            cause = EscalationChanged.LEVEL_SKIPPED
        case FellBack():
            cause = EscalationChanged.FALLEN_BACK
        case Ended() | Exhausted():
            cause = EscalationChanged.ENDED
    return EscalationChanged(
        escalation=escalation(effect.run),
        cause=cause,
        actor=actor(by),
        reached_nobody=isinstance(effect, Exhausted) and effect.reached_nobody,
        called_user_ids=effect.users if isinstance(effect, Called) else (),
        call_number=effect.number if isinstance(effect, Called) else 0,
        reasons=map(_reason, effect.reasons) if isinstance(effect, Paged | Skipped) else (),
        turn=_turn(effect.turn) if isinstance(effect, Paged) and effect.turn else None,
        state_before=effect.before.name if isinstance(effect, Ended) else None,
        subject_end_time=_subject_end_time(effect) if isinstance(effect, Ended) else None,
        subject_over=isinstance(effect, Ended) and effect.over,
    )


def _subject_end_time(ended: Ended) -> datetime | None:
    return ended.subject_end_time or ended.run.end_time


def _reason(reason: Reason) -> EscalationChanged.Reason:
    return EscalationChanged.Reason(
        kind=reason.why.name,
        user_id=reason.user,
        schedule_id=reason.schedule,
        team_id=reason.team,
    )


def _turn(turn: Turn) -> EscalationChanged.Turn:
    return EscalationChanged.Turn(
        user_id=turn.user, place=turn.place, count=turn.count, passed_user_ids=turn.passed
    )


def new_subject(told: escalation_pb2.Subject) -> Subject:
    """Reads a subject that a program wants somebody paged about. Raises InvalidRequest."""
    if told.ByteSize() > MOST_SUBJECT_BYTES:
        raise InvalidRequest(f"subject must have {MOST_SUBJECT_BYTES} bytes at most")
    return runs.checked(
        Subject(
            kind=told.kind,
            id=told.id,
            episode=told.episode or 1,
            title=told.title,
            details=told.details,
            links=tuple(link_value(link) for link in told.links),
            priority=priority(told.priority, "subject.priority"),
        )
    )


def priority(told: int, field: str) -> Priority:
    """Reads how loudly to tell. Raises InvalidRequest naming the field."""
    known: dict[int, Priority] = dict(PRIORITIES.items())
    if told not in known:
        raise InvalidRequest(f"{field} must be HIGH or LOW", field=field)
    return known[told]


def states(told: Iterable[int]) -> frozenset[State]:
    """Reads states that are asked for. Raises InvalidRequest."""
    known = {escalation_pb2.Escalation.State.Value(state.name): state for state in State}
    wanted = set(told)
    if not wanted <= known.keys():
        raise InvalidRequest(f"states must be {', '.join(State)}", field="states")
    return frozenset(known[state] for state in wanted)


def link_value(told: content_pb2.Link) -> Link:
    """Reads a link."""
    return Link(told.href, told.text if told.HasField("text") else None)


def actor(actor: Actor) -> actor_pb2.Actor:
    """Renders who caused something."""
    return actor_pb2.Actor(kind=actor.kind, id=actor.id, user_id=actor.user_id, name=actor.name)


def actor_value(told: actor_pb2.Actor) -> Actor:
    """Reads who caused something; of a newer version's kind, that it was somebody."""
    known = actor_pb2.Actor.Kind.values()
    kind = actor_pb2.Actor.Kind.Name(told.kind) if told.kind in known else "KIND_UNSPECIFIED"
    return Actor(kind, told.id, told.user_id, told.name)


def _subject(subject: Subject) -> escalation_pb2.Subject:
    return escalation_pb2.Subject(
        kind=subject.kind,
        id=subject.id,
        episode=subject.episode,
        title=subject.title,
        details=subject.details,
        links=[content_pb2.Link(href=link.href, text=link.text) for link in subject.links],
        priority=subject.priority.name,
    )
