"""Draws a simulated escalation: what happens, by time, and why."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp
from rich.text import Text

from services.chassis.people import called
from services.cli.text import visible
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.simulation_pb2 import (
    SimulatedPage,
    SimulatedReason,
    SimulatedStep,
    SimulatedTurn,
    SimulatedWay,
    Simulation,
)
from tocsin.notification.v1.contact_pb2 import Contact

WIDTH = 9  # of the column that says how long after the beginning
COLOURS = {
    SimulatedStep.PAGED: "bold red",
    SimulatedStep.SKIPPED: "yellow",
    SimulatedStep.ACCEPTED: "green",
    SimulatedStep.EXHAUSTED: "bold yellow",
}
#: What stands at the line: in Unicode, and where that cannot be printed.
MARKS = {
    SimulatedStep.BEGUN: "┬+",
    SimulatedStep.PAGED: "●*",
    SimulatedStep.SKIPPED: "○o",
    SimulatedStep.ACCEPTED: "✓=",
    SimulatedStep.EXHAUSTED: "✕x",
    SimulatedStep.FALLEN_BACK: "↳>",
}
OTHER, LINE = "·.", "│|"
UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


class Timeline:
    """One simulation, on the clock of a time zone."""

    def __init__(self, simulation: Simulation, zone: tzinfo | None, *, utf8: bool) -> None:
        """Takes None for this machine's time zone."""
        self._simulation = simulation
        self._zone = zone
        self._form = 0 if utf8 else 1

    def lines(self) -> Iterator[Text]:
        """Yields the lines, the first of which says what is simulated."""
        told = self._simulation
        policy = visible(told.escalation_policy.name or f"policy {told.escalation_policy.id}")
        priority = Subject.Priority.Name(told.priority)
        start = moment(told.start_time)
        yield Text.assemble((policy, "bold"), f", {priority}, from {self._long(start)}")
        yield Text()
        day = ""
        for step in told.steps:
            at = moment(step.time).astimezone(self._zone)
            if f"{at:%x}" != day:
                day = f"{at:%x}"
                yield Text(f"{'':{WIDTH}} {at:%a %Y-%m-%d}", style="dim")
            yield from self._step(step, at)
        if told.state == Escalation.RUNNING:
            yield self._row("", "", Text(OTHER[self._form] * 3 + " and so on"))
        for note in ("", *told.notes) if told.notes else ():
            yield Text(visible(note), style="dim")

    def _step(self, step: SimulatedStep, at: datetime) -> Iterator[Text]:
        mark = MARKS.get(step.kind, OTHER)[self._form]
        what = Text.assemble((f"{mark} ", COLOURS.get(step.kind, "")), _what(step))
        if step.HasField("next_time"):
            waits = moment(step.next_time) - moment(step.time)
            if waits:
                what.append(f", waits {period(waits)}", style="dim")
        yield self._row(f"+{period(timedelta(seconds=step.offset_seconds))}", _clock(at), what)
        for page in step.pages:
            yield self._below(self._page(page, step))
        for webhook in step.webhooks:
            yield self._below(Text(visible(f"webhook {webhook.name or webhook.id}")))
        if step.HasField("turn"):
            yield self._below(Text(_turn(step.turn), style="dim"))
        if step.HasField("accept_expire_time"):
            expires = f"paged anew {self._long(moment(step.accept_expire_time))}, if not resolved"
            yield self._below(Text(expires, style="dim"))
        for reason in step.reasons:
            yield self._below(Text(self._why(reason)))

    def _row(self, offset: str, clock: str, what: Text) -> Text:
        return Text.assemble((f"{offset:>{WIDTH}} ", "dim"), f"{clock:<13} ", what)

    def _below(self, what: Text) -> Text:
        return self._row("", "", Text.assemble((LINE[self._form], "dim"), "   ", what))

    def _page(self, page: SimulatedPage, step: SimulatedStep) -> Text:
        text = Text(visible(called(page.user)))
        why = ", ".join(map(self._why, page.reasons))
        text.append(f"  {why}" if why else "", style="dim")
        if step.kind == SimulatedStep.PAGED and self._simulation.contacts_known:
            ways = ", ".join(map(_way, page.ways))
            arrow = ("→", "->")[self._form]
            text.append(
                f"  {arrow} {ways}" if ways else f"  {arrow} nothing: no contact",
                style="" if ways else "bold red",
            )
        return text

    def _why(self, reason: SimulatedReason) -> str:
        """Says why somebody is meant, or nobody."""
        schedule = visible(reason.schedule.name or f"schedule {reason.schedule.id}")
        team = visible(reason.team.name or f"team {reason.team.id}")
        until = self._until(reason)
        words = {
            SimulatedReason.NAMED: "named",
            SimulatedReason.ON_CALL: f"on call in {schedule}{until}",
            SimulatedReason.MEMBER: f"in {team}",
            SimulatedReason.ADMIN: "an ADMIN",
            SimulatedReason.NOBODY_ON_CALL: f"nobody is on call in {schedule}{until}",
            SimulatedReason.TEAM_EMPTY: f"nobody is in {team}",
            SimulatedReason.USER_GONE: f"user {reason.user.id} is gone",
            SimulatedReason.SCHEDULE_GONE: f"schedule {reason.schedule.id} is gone",
            SimulatedReason.NO_ADMIN: "there is no ADMIN",
            SimulatedReason.MUTED: f"{visible(called(reason.user))} is muted{until}",
        }
        return words.get(reason.kind, "for a reason that is newer than this program")

    def _until(self, reason: SimulatedReason) -> str:
        """Says until when, on the reader's clock; on the schedule's, too, if that differs."""
        if not reason.HasField("end"):
            return ""
        end = moment(reason.end)
        here = self._long(end)
        if not reason.schedule.timezone:
            return f" until {here}"
        there = end.astimezone(ZoneInfo(reason.schedule.timezone))
        differs = there.utcoffset() != end.astimezone(self._zone).utcoffset()
        return f" until {here}" + (f" ({there:%a %H:%M %Z})" if differs else "")

    def _long(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%a %Y-%m-%d %H:%M %Z}"


def moment(told: Timestamp) -> datetime:
    """Returns a point in time."""
    return told.ToDatetime(UTC)


def period(length: timedelta) -> str:
    """Returns how long something is, in the two largest units that say it."""
    left, parts = int(length.total_seconds()), []
    for unit, seconds in UNITS:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts[:3]) or "0"


def _clock(at: datetime) -> str:
    seconds = f":{at:%S}" if at.second else ""
    return f"{at:%H:%M}{seconds} {at:%Z}"


def _what(step: SimulatedStep) -> str:
    again = f", round {step.round}" if step.round > 1 else ""
    words: dict[Any, str] = {
        SimulatedStep.BEGUN: "begins",
        SimulatedStep.PAGED: f"level {step.level}{again}",
        SimulatedStep.SKIPPED: f"level {step.level}{again} is passed over",
        SimulatedStep.ACCEPTED: "is accepted" if step.pages else "somebody accepts",
        SimulatedStep.EXHAUSTED: "is exhausted: nobody is left to page",
        SimulatedStep.FALLEN_BACK: f"goes on along {_policy(step.escalation_policy)}",
    }
    return words.get(step.kind, "something that is newer than this program")


def _policy(policy: EscalationPolicy) -> str:
    return visible(policy.name or f"policy {policy.id}")


def _turn(turn: SimulatedTurn) -> str:
    passed = f", after {', '.join(map(called, turn.passed))}, who cannot be paged"
    whose = f"their turn, {turn.place} of {turn.count}, if it began now"
    return visible(f"{whose}{passed if turn.passed else ''}")


def _way(way: SimulatedWay) -> str:
    known = way.method in Contact.Method.values()
    method = Contact.Method.Name(way.method) if known else str(way.method)
    delay = f" after {period(timedelta(seconds=way.delay_seconds))}" if way.delay_seconds else ""
    held = f" (not sent: {way.held})" if way.held else ""
    called = way.contact.name or way.contact.target
    return visible(f"{method} {called}".strip() + delay + held)
