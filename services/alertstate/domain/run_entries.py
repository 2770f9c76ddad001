"""What an alert's log tells of its escalation: every decision, with its reason."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from services.alertstate.domain.alerts import Alert, Status
from services.alertstate.domain.entries import Entry, EntryType
from services.alertstate.domain.reports import Because, Happened, Run


def entries(alert: Alert, run: Run, now: datetime) -> tuple[Entry, ...]:
    """Returns what to log of what just happened to an alert's escalation.

    Each entry has an origin of its own: the same may be told twice.
    """
    return tuple(_entries(alert, run, now))


def _entries(alert: Alert, run: Run, now: datetime) -> Iterator[Entry]:
    match run.happened:
        case Happened.BEGUN if run.policy:
            told = {"policy": run.policy, "version": str(run.policy_version)}
            origin = f"begun:{run.episode}"
            yield Entry(EntryType.ROUTED, _begun(alert, run), now, told, origin)
        case Happened.FALLEN_BACK:
            told = {"policy": run.policy, "version": str(run.policy_version)}
            origin = f"fallback:{run.episode}:{run.cycle}"
            yield Entry(EntryType.ESCALATED, "fallen_back", now, told, origin)
        case Happened.STEPPED:
            yield from _reached(run, now)
        case Happened.SKIPPED:
            yield from _passed(run, now)
        case Happened.CALLED if run.called:
            people, origin = {"people": ", ".join(run.called)}, f"call:{run.episode}:{run.call}"
            yield Entry(EntryType.ASSIGNED_BY_SYSTEM, "called", now, people, origin)
        case Happened.ENDED:
            yield from _ended(alert, run, now)


def _begun(alert: Alert, run: Run) -> str:
    """Returns the sentence that tells why it is this policy; a later one's is told before."""
    if run.episode > 1 or not alert.begun_seq:
        return "begun"
    return "begun_routed" if alert.routed_policy_id == run.policy_id else "begun_source"


def _reached(run: Run, now: datetime) -> Iterator[Entry]:
    origin = f"level:{run.episode}:{run.cycle}:{run.level}"
    sentence = "level_again" if run.round > 1 else "level"
    told = {"level": str(run.level)} | ({"round": str(run.round)} if run.round > 1 else {})
    if not run.because:
        yield Entry(EntryType.ESCALATED, sentence, now, told, origin)
    for number, (each, people) in enumerate(_together(run).items()):
        whom = {"people": ", ".join(people), **each.place}
        known_by = f"{origin}:{number}" if number else origin
        yield Entry(EntryType.ESCALATED, f"{sentence}_{each.why}", now, told | whom, known_by)
    if run.turn is not None:
        place = {"place": str(run.turn.place), "count": str(run.turn.count)}
        whose = {"people": run.turn.person, "level": str(run.level)} | place
        if run.turn.passed:
            whose["passed"] = ", ".join(run.turn.passed)
        sentence = "turn_passed" if run.turn.passed else "turn"
        yield Entry(EntryType.ESCALATED, sentence, now, whose, f"{origin}:turn")


def _passed(run: Run, now: datetime) -> Iterator[Entry]:
    origin = f"passed:{run.episode}:{run.cycle}:{run.level}"
    told = {"level": str(run.level)}
    if not run.because:
        yield Entry(EntryType.NOBODY_ON_CALL, "passed", now, told, origin)
    for number, (each, people) in enumerate(_together(run).items()):
        whom = {"people": ", ".join(people)} if people else {}
        known_by = f"{origin}:{number}"
        sentence, told_of = f"passed_{each.why}", told | whom | each.place
        yield Entry(EntryType.NOBODY_ON_CALL, sentence, now, told_of, known_by)


def _ended(alert: Alert, run: Run, now: datetime) -> Iterator[Entry]:
    if run.reached_nobody:
        yield Entry(EntryType.NOBODY_ON_CALL, "nobody", now, {}, f"nobody:{run.episode}")
    elif run.exhausted_at is not None:
        yield Entry(EntryType.ESCALATED, "exhausted", now, {}, f"exhausted:{run.episode}")
    elif run.was_running and run.policy:
        told, origin = {"actor": run.actor}, f"stopped:{run.episode}"
        yield Entry(EntryType.ESCALATED, _stopped(alert, run), now, told, origin)


def _stopped(alert: Alert, run: Run) -> str:
    """Returns the sentence that tells why an escalation stopped."""
    if run.acknowledged:
        return "stopped_accepted"
    if alert.status is Status.RESOLVED:
        return "stopped_resolved"
    if run.episode < alert.episode:
        return "stopped_asleep" if alert.snoozed_until else "stopped_anew"
    return "stopped"


def _together(run: Run) -> Mapping[Because, list[str]]:
    """Returns the people for whom the same reason holds, by the reason without them."""
    found: dict[Because, list[str]] = {}
    for each in run.because:
        found.setdefault(each.of_anybody, []).extend([each.person] if each.person else [])
    return found
