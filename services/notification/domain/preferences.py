"""The rules by which people want to be told, and what they may look like."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from services.chassis.errors import InvalidRequest
from services.notification.domain.values import WAYS, Contact, Method, reached_by

#: Minutes that an alert's page can wait.
LONGEST_DELAY = 120
#: Minutes before a shift.
REMINDERS = (0, 15, 30, 60, 180, 360, 720, 1440)
MOST_RULES = 50  # of one topic, for one person


class Topic(StrEnum):
    """What a rule is about."""

    ALERT = "ALERT"  # how pages come
    DUTY = "DUTY"  # how shifts are announced
    UPDATE = "UPDATE"  # which changes of alerts are told


#: What rules of a topic say, as ilert calls it.
TYPES = {
    Topic.ALERT: ("HIGH_PRIORITY", "LOW_PRIORITY"),
    Topic.DUTY: ("ON_CALL",),
    Topic.UPDATE: ("ALERT_ACCEPTED", "ALERT_RESOLVED", "ALERT_ESCALATED"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """A rule by which a person wants to be told."""

    id: int
    user_id: int
    topic: Topic
    method: Method
    contact_id: int = 0  # 0: all contacts that the method reaches
    type: str
    minutes: int = 0  # of ALERT: after the page; of DUTY: before the shift

    def means(self, contact: Contact) -> bool:
        """Tells whether it says that something goes to a contact."""
        fits = self.method in reached_by(contact.method)
        return fits and self.contact_id in (0, contact.id)

    @property
    def says(self) -> tuple[object, ...]:
        """What two rules that are one have in common."""
        return (self.topic, self.method, self.contact_id, self.type, self.minutes)


def checked(rule: Preference, contacts: Collection[Contact]) -> Preference:
    """Returns what a rule may be, of a person with those contacts. Raises InvalidRequest."""
    if rule.method not in WAYS or (rule.method is Method.VOICE and rule.topic is not Topic.ALERT):
        quiet = () if rule.topic is Topic.ALERT else (Method.VOICE,)
        known = ", ".join(each for each in WAYS if each not in quiet)
        raise InvalidRequest(f"method must be one of {known}", field="method")
    if rule.type not in TYPES[rule.topic]:
        known = ", ".join(TYPES[rule.topic])
        raise InvalidRequest(f"type must be one of {known}", field="type")
    _check_minutes(rule)
    _check_contact(rule, contacts)
    return rule


def _check_minutes(rule: Preference) -> None:
    if rule.topic is Topic.ALERT and not 0 <= rule.minutes <= LONGEST_DELAY:
        raise InvalidRequest(f"delayMin must be 0 to {LONGEST_DELAY}", field="delayMin")
    if rule.topic is Topic.DUTY and rule.minutes not in REMINDERS:
        known = ", ".join(map(str, REMINDERS))
        raise InvalidRequest(f"beforeMin must be one of {known}", field="beforeMin")


def _check_contact(rule: Preference, contacts: Collection[Contact]) -> None:
    if not rule.contact_id:
        return
    meant = next((each for each in contacts if each.id == rule.contact_id), None)
    if meant is None:
        raise InvalidRequest(
            f"contact is {rule.contact_id}, which the person does not have", field="contact"
        )
    if rule.method not in reached_by(meant.method):
        raise InvalidRequest(
            f"contact is {meant.method}, which {rule.method} does not reach",
            field="contact",
        )
