"""What is told of an alert in its log, in the language of whoever reads it.

An entry is kept as a sentence's name and what goes into it; the words come when it is read.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.alertstate.domain.answer_sentences import ANSWER_SENTENCES
from services.alertstate.domain.run_sentences import RUN_SENTENCES


class EntryType(StrEnum):
    """What a log entry tells, in the contract's words."""

    RECEIVED = "AlertReceivedLogEntry"
    CREATED = "AlertCreatedByUserLogEntry"
    USER_RESPONSE = "UserResponseLogEntry"
    SOURCE_RESPONSE = "AlertSourceResponseLogEntry"
    ROUTED = "AlertRoutedSuccessfulLogEntry"  # an escalation began
    ESCALATED = "AlertEscalatedToLevelLogEntry"
    NOBODY_ON_CALL = "NobodyOnCallLogEntry"
    NOTIFICATION = "NotificationLogEntry"
    NO_CONTACT = "PhoneNumberNotSetLogEntry"  # nor any other contact
    ASSIGNED_BY_SYSTEM = "AlertAssignedBySystemLogEntry"
    ASSIGNED_BY_USER = "AlertAssignedByUserLogEntry"
    ASSIGNED_TO_POLICY = "AlertAssignedToPolicyLogEntry"
    ASSIGNED_TO_SCHEDULE = "AlertAssignedToScheduleLogEntry"
    REMOVED = "StakeholderRemovedLogEntry"
    RAISED_BY_USER = "AlertRaisedByUserLogEntry"
    RAISED_BY_SYSTEM = "AlertRaisedBySystemLogEntry"
    AUTO_RESOLVED = "AlertAutoResolvedLogEntry"
    SUMMARY_CHANGED = "AlertSummaryChangedLogEntry"  # or what else the alert tells
    COMMENTED = "AlertCommentAddedLogEntry"
    COMMENTED_BY_SYSTEM = "AlertCommentAddedBySystemLogEntry"


class FilterType(StrEnum):
    """The contract's groups of log entries."""

    NOTIFICATIONS = "NOTIFICATIONS"
    ALERT_SOURCE_EVENTS = "ALERT_SOURCE_EVENTS"
    CALL_ROUTING_EVENTS = "CALL_ROUTING_EVENTS"
    ALERT_UPDATES = "ALERT_UPDATES"
    CONNECTOR_EVENTS = "CONNECTOR_EVENTS"
    INCIDENT_COMMUNICATIONS = "INCIDENT_COMMUNICATIONS"


class Language(StrEnum):
    """What texts are written in."""

    ENGLISH = "en"
    GERMAN = "de"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to an alert."""

    type: EntryType
    sentence: str  # which of SENTENCES tells it
    at: datetime
    vars: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""  # names what is told, where the same may be told twice

    def text(self, language: Language = Language.ENGLISH) -> str:
        """Returns what happened, for a person to read."""
        words = SENTENCES.get(self.sentence, ("{text}", "{text}"))
        chosen = words[1] if language is Language.GERMAN else words[0]
        return chosen.format_map(defaultdict(str, self.vars))


def group(type_: EntryType) -> FilterType:
    """Returns the group that entries of a type belong to."""
    match type_:
        case EntryType.RECEIVED | EntryType.SOURCE_RESPONSE:
            return FilterType.ALERT_SOURCE_EVENTS
        case EntryType.NOTIFICATION | EntryType.NO_CONTACT:
            return FilterType.NOTIFICATIONS
        case _:
            return FilterType.ALERT_UPDATES


#: Every sentence in English and German. A log from before there were sentences has "told".
SENTENCES: Mapping[str, tuple[str, str]] = {
    **RUN_SENTENCES,
    **ANSWER_SENTENCES,
    "told": ("{text}", "{text}"),
    "raised": ("{actor} raised the alert", "{actor} hat den Alarm ausgelöst"),
    "raised_silent": (
        "{actor} raised the alert, of which nobody is notified",
        "{actor} hat den Alarm ausgelöst, über den niemand benachrichtigt wird",
    ),
    "updated": (
        "{actor} changed what the alert tells: {summary}",
        "{actor} hat den Inhalt des Alarms geändert: {summary}",
    ),
    "sounded": (
        "{actor} made the alert one that people are notified of",
        "{actor} hat den Alarm zu einem gemacht, über den benachrichtigt wird",
    ),
    "created": ("{actor} created the alert", "{actor} hat den Alarm angelegt"),
    "repeated": (
        "{actor} repeated the alert: {summary}",
        "{actor} hat den Alarm wiederholt: {summary}",
    ),
    "accepted": ("{actor} accepted the alert", "{actor} hat den Alarm angenommen"),
    "resolved": ("{actor} resolved the alert", "{actor} hat den Alarm gelöst"),
    "released": (
        "{actor} resolved {key}: the alert goes on with what else is in it",
        "{actor} hat {key} gelöst: der Alarm läuft mit dem Übrigen weiter",
    ),
    "auto_resolved": (
        "the alert resolved by itself: nothing more was heard of it in time",
        "der Alarm wurde automatisch gelöst: es kam rechtzeitig nichts Neues dazu",
    ),
    "nobody_on_call": (
        "nobody is on call in the schedule {schedule}",
        "im Einsatzplan {schedule} hat niemand Bereitschaft",
    ),
    "pushed": (
        "{actor} asked for the next level now",
        "{actor} hat die nächste Stufe sofort angefordert",
    ),
    "notified": (
        "{person} was notified by {method}",
        "{person} wurde über {method} benachrichtigt",
    ),
    "not_notified": (
        "{person} was not notified by {method}",
        "{person} wurde nicht über {method} benachrichtigt",
    ),
    "not_notified_because": (
        "{person} was not notified by {method}: {reason}",
        "{person} wurde nicht über {method} benachrichtigt: {reason}",
    ),
    "assigned": (
        "{actor} assigned the alert to {user}",
        "{actor} hat den Alarm {user} zugewiesen",
    ),
    "added": (
        "{actor} added {user} as a responder",
        "{actor} hat {user} hinzugezogen",
    ),
    "removed": (
        "{actor} took {user} off the alert",
        "{actor} hat {user} vom Alarm abgezogen",
    ),
    "assigned_policy": (
        "{actor} assigned the alert to the policy {policy}",
        "{actor} hat den Alarm dem Eskalationsplan {policy} zugewiesen",
    ),
    "routed": (
        "{actor} routed the alert to the policy {policy}",
        "{actor} hat den Alarm an den Eskalationsplan {policy} geleitet",
    ),
    "assigned_schedule": (
        "{actor} assigned the alert to the schedule {schedule}",
        "{actor} hat den Alarm dem Einsatzplan {schedule} zugewiesen",
    ),
    "raised_priority": (
        "{actor} raised the alert's priority to {priority}",
        "{actor} hat die Priorität des Alarms auf {priority} erhöht",
    ),
    "lowered_priority": (
        "{actor} lowered the alert's priority to {priority}",
        "{actor} hat die Priorität des Alarms auf {priority} gesenkt",
    ),
    "snoozed": (
        "{actor} let the alert sleep until {until}",
        "{actor} hat den Alarm bis {until} schlafen gelegt",
    ),
    "woken": ("{actor} woke the alert", "{actor} hat den Alarm geweckt"),
    "woke_silent": ("the alert woke up", "der Alarm ist aufgewacht"),
    "woke": (
        "the alert woke up: its policy starts anew",
        "der Alarm ist aufgewacht: sein Eskalationsplan beginnt von vorn",
    ),
    "accept_expired": (
        "the alert was accepted, but not resolved in time: its policy starts anew",
        "der Alarm wurde angenommen, aber nicht rechtzeitig gelöst:"
        " sein Eskalationsplan beginnt von vorn",
    ),
    "commented": ("{actor} commented: {content}", "{actor} hat kommentiert: {content}"),
}
