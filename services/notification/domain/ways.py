"""By which ways a person is told: the one place that decides, for pages and for simulations.

    muted        nothing is sent, on purpose: each way says so.
    HIGH         the person's rules for it; none that can be used: everything at once, and on
                 the phone by SMS at once and by VOICE after 2 minutes.
    LOW          the person's rules for it; none that can be used: everything but the phone;
                 by the phone if there is nothing else. In quiet hours it waits for their end,
                 or is not sent if the person said so.

A contact can be used if this deployment has something that reaches it, and if it is verified.
Who has none is told at the address of their record, and who has no such address either by what
is not verified: a page too many is better than none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services.notification.domain.preferences import Preference, Topic
from services.notification.domain.quiet import QuietHours
from services.notification.domain.values import WAYS, Contact, Method, reached_by

#: Stands for the e-mail address of the person's record, which is nobody's stored contact.
OWN_ADDRESS = 0
HIGH, LOW = "HIGH", "LOW"
#: How long a call waits for an answer to the text message.
BEFORE_CALL = timedelta(minutes=2)
AT_ONCE = timedelta()


@dataclass(frozen=True, slots=True)
class Way:
    """One way by which a person is told."""

    contact_id: int
    method: Method
    target: str  # as everybody may see it
    delay: timedelta = AT_ONCE
    held: str = ""  # why nothing is sent after all; empty if it is


def ways(
    contacts: Sequence[Contact],
    preferences: Sequence[Preference],
    priority: str,
    *,
    quiet: QuietHours | None,
    muted: datetime | None,
    own_address: Contact | None,
    now: datetime,
    offered: Collection[Method] = WAYS,
) -> tuple[Way, ...]:
    """Returns the ways by which a page goes to a person, the first one first.

    Nothing if they cannot be told. `muted` is until when they are, if it is after now, and
    `offered` are the ways that this deployment has.
    """
    able = usable(contacts, own_address, offered)
    found = _chosen(able, preferences, priority, offered) or _usual(able, priority, offered)
    found.sort(key=lambda way: way.delay)
    if muted is not None and muted > now:
        return tuple(replace(way, held=muted_reason(muted)) for way in found)
    if priority == LOW and quiet is not None:
        return tuple(_hushed(way, quiet, now) for way in found)
    return tuple(found)


def usable(
    contacts: Sequence[Contact], own_address: Contact | None, offered: Collection[Method]
) -> list[Contact]:
    """Returns those contacts by which a person is told, as things stand."""
    offers = [each for each in contacts if any(way in offered for way in reached_by(each.method))]
    verified = [each for each in offers if each.verified]
    own = [own_address] if own_address is not None and Method.EMAIL in offered else []
    return verified or own or offers


def muted_reason(until: datetime) -> str:
    """Returns why a muted person is not told."""
    return f"muted until {_time(until)}"


def _chosen(
    able: Sequence[Contact],
    preferences: Sequence[Preference],
    priority: str,
    offered: Collection[Method],
) -> list[Way]:
    """Returns what a person's rules say, each contact once a way and moment.

    Rules that lead nowhere hand over, as ways that fail do: what comes first comes when the
    first rule says.
    """
    rules = [
        rule
        for rule in preferences
        if rule.topic is Topic.ALERT and rule.type == f"{priority}_PRIORITY"
    ]
    found = [
        Way(contact.id, rule.method, contact.target, timedelta(minutes=rule.minutes))
        for rule in rules
        for contact in able
        if rule.method in offered and rule.means(contact)
    ]
    first = timedelta(minutes=min((rule.minutes for rule in rules), default=0))
    soonest = min((way.delay for way in found), default=first)
    hurried = (replace(way, delay=first) if way.delay == soonest else way for way in found)
    return list(dict.fromkeys(hurried))


def _usual(able: Sequence[Contact], priority: str, offered: Collection[Method]) -> list[Way]:
    """Returns what is usual for who has no rule that can be used."""
    if priority == LOW:
        able = [each for each in able if each.method is not Method.PHONE] or able
    found = []
    for contact in able:
        methods = [each for each in reached_by(contact.method) if each in offered]
        if priority == LOW:
            methods = methods[:1]
        for number, method in enumerate(methods):
            found.append(Way(contact.id, method, contact.target, number * BEFORE_CALL))
    return found


def _hushed(way: Way, quiet: QuietHours, now: datetime) -> Way:
    end = quiet.until(now + way.delay)
    if end is None:
        return way
    if quiet.drops:
        return replace(way, held=f"quiet hours until {_time(end)}")
    return replace(way, delay=end - now)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
