"""Schedules with gaps, schedules that nobody uses, and hand-overs around changes of the clock."""

from collections.abc import Iterator, Sequence
from functools import partial

from services.calendar.schedules import Schedule
from services.escalation.domain.findings import Check, Finding, Place, Severity, Span
from services.escalation.linting.handovers import odd_handovers
from services.escalation.linting.outlook import Outlook

SCHEDULE = "schedule"


def findings(outlook: Outlook) -> Iterator[Finding]:
    """Yields what is wrong with schedules."""
    yield from outlook.each("schedules", outlook.schedules, partial(_of_schedule, outlook))


def _of_schedule(outlook: Outlook, schedule: Schedule) -> Iterator[Finding]:
    used = outlook.using(schedule.id)
    if not used:
        yield _unused(schedule)
        return
    gaps = outlook.gaps(schedule.id)
    if gaps:
        harmless = not any(outlook.without([p.levels[index]]) for p, index in used)
        yield _gap(schedule, gaps, outlook, harmless=harmless)
    yield from _odd(schedule, outlook)


def _place(schedule: Schedule) -> Place:
    return Place(SCHEDULE, str(schedule.id), schedule.name)


def _unused(schedule: Schedule) -> Finding:
    return Finding(
        severity=Severity.INFO,
        check=Check.UNUSED_SCHEDULE,
        place=_place(schedule),
        message="no escalation policy that you see pages whoever is on call here",
        advice="Add it to a level of an escalation policy, or delete it.",
    )


def _gap(schedule: Schedule, gaps: Sequence[Span], outlook: Outlook, *, harmless: bool) -> Finding:
    always = list(gaps) == [(outlook.start, outlook.end)]
    count = "once" if len(gaps) == 1 else f"{len(gaps)} times"
    besides = "; its levels reach others then" if harmless else ""
    return Finding(
        severity=Severity.INFO if harmless else Severity.WARNING,
        check=Check.GAP,
        place=_place(schedule),
        message=f"nobody is on call {'at all' if always else count}{besides}",
        advice="Add a layer beneath the others, or overrides for these times.",
        times=() if always else gaps,
        timezone=schedule.timezone,
    )


def _odd(schedule: Schedule, outlook: Outlook) -> Iterator[Finding]:
    overrides = outlook.world.rota.overrides[schedule.id]
    for odd in odd_handovers(schedule, outlook.start, outlook.end, overrides):
        yield Finding(
            severity=Severity.INFO,
            check=Check.ODD_HANDOVER,
            place=Place(SCHEDULE, str(schedule.id), schedule.name, odd.field),
            message=odd.message,
            advice="Look at who is on call then; another time of the day avoids it.",
            times=[(odd.start, odd.end)],
            timezone=schedule.timezone,
        )
