"""Rules and quiet hours as protobuf messages, and back."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from services.chassis.errors import InvalidRequest
from services.notification import wire
from services.notification.domain import quiet
from services.notification.domain.preferences import Preference, Topic
from services.notification.domain.quiet import QuietHours
from services.notification.domain.values import Contact, Method
from tocsin.notification.v1 import contact_pb2, preference_pb2
from tocsin.notification.v1.preference_pb2 import (
    AlertPreference,
    DutyPreference,
    UpdatePreference,
)

Told: TypeAlias = AlertPreference | DutyPreference | UpdatePreference

TOPICS: Mapping[type[Told], Topic] = {
    AlertPreference: Topic.ALERT,
    DutyPreference: Topic.DUTY,
    UpdatePreference: Topic.UPDATE,
}
_METHODS = {contact_pb2.Contact.Method.Value(each): each for each in Method}
_DAYS = preference_pb2.QuietHours.Day


def alert(rule: Preference, contact: Contact | None) -> AlertPreference:
    """Renders a rule about alerts, with the contact that it names."""
    return AlertPreference(
        id=rule.id,
        method=rule.method.value,
        contact=_contact(contact),
        delay_min=rule.minutes,
        type=rule.type,
    )


def duty(rule: Preference, contact: Contact | None) -> DutyPreference:
    """Renders a rule about shifts, as `alert` does."""
    return DutyPreference(
        id=rule.id,
        method=rule.method.value,
        contact=_contact(contact),
        before_min=rule.minutes,
        type=rule.type,
    )


def update(rule: Preference, contact: Contact | None) -> UpdatePreference:
    """Renders a rule about changes of alerts, as `alert` does."""
    return UpdatePreference(
        id=rule.id, method=rule.method.value, contact=_contact(contact), type=rule.type
    )


#: How the rules of each topic are rendered.
RENDER: Mapping[Topic, Callable[[Preference, Contact | None], Any]] = {
    Topic.ALERT: alert,
    Topic.DUTY: duty,
    Topic.UPDATE: update,
}


def rule(told: Told, user_id: int, id_: int = 0) -> Preference:
    """Reads a rule, which need not make sense yet."""
    method = _METHODS.get(told.method)
    if method is None:
        raise InvalidRequest("method is required", field="method")
    return Preference(
        id=id_,
        user_id=user_id,
        topic=TOPICS[type(told)],
        method=method,
        contact_id=told.contact.id,
        type=_type(told),
        minutes=_minutes(told),
    )


def quiet_hours(hours: QuietHours) -> preference_pb2.QuietHours:
    """Renders quiet hours."""
    return preference_pb2.QuietHours(
        timezone=hours.timezone,
        start=hours.start,
        end=hours.end,
        days=hours.days,
        low_priority="DROP" if hours.drops else "WAIT",
    )


def wanted_quiet_hours(told: preference_pb2.QuietHours) -> QuietHours:
    """Reads quiet hours. Raises InvalidRequest."""
    if any(day not in _DAYS.values() or not day for day in told.days):
        raise InvalidRequest("days must be MONDAY to SUNDAY", field="days")
    if told.low_priority not in preference_pb2.QuietHours.LowPriority.values():
        raise InvalidRequest("lowPriority must be WAIT or DROP", field="lowPriority")
    return quiet.checked(
        QuietHours(
            timezone=told.timezone.strip(),
            start=told.start.strip(),
            end=told.end.strip(),
            days=tuple(_DAYS.Name(day) for day in sorted(set(told.days))),
            drops=told.low_priority == preference_pb2.QuietHours.DROP,
        )
    )


def _contact(contact: Contact | None) -> contact_pb2.Contact | None:
    return None if contact is None else wire.contact(contact)


def _type(told: Told) -> str:
    if isinstance(told, DutyPreference) and not told.type:
        return "ON_CALL"
    known = type(told).Type
    return known.Name(told.type) if told.type in known.values() else ""


def _minutes(told: Told) -> int:
    match told:
        case AlertPreference():
            return told.delay_min
        case DutyPreference():
            return told.before_min
        case _:
            return 0
