"""What the log tells of an alert's escalation, in English and German.

A level's sentence goes on with the reason why it was reached or passed over.
"""

from collections.abc import Mapping

Sentence = tuple[str, str]

_REACHED: Mapping[str, Sentence] = {
    "level": (
        "the alert was escalated to level {level}",
        "der Alarm wurde an Stufe {level} eskaliert",
    ),
    "level_again": (
        "the alert was escalated to level {level}, round {round}",
        "der Alarm wurde an Stufe {level} eskaliert, Runde {round}",
    ),
}
_PAGED: Mapping[str, Sentence] = {
    "NAMED": ("named there: {people}", "dort genannt: {people}"),
    "ON_CALL": (
        "on call in the schedule {schedule}: {people}",
        "Bereitschaft im Einsatzplan {schedule}: {people}",
    ),
    "MEMBER": ("members of the team {team}: {people}", "Mitglieder des Teams {team}: {people}"),
    "ADMIN": ("administrators: {people}", "Administratoren: {people}"),
    "MUTED": (
        "passed over, as they are muted: {people}",
        "übersprungen, weil stummgeschaltet: {people}",
    ),
}
_PASSED: Sentence = ("level {level} was passed over", "Stufe {level} wurde übersprungen")
_ABSENT: Mapping[str, Sentence] = {
    "NOBODY_ON_CALL": (
        "nobody is on call in the schedule {schedule}",
        "im Einsatzplan {schedule} hat niemand Bereitschaft",
    ),
    "TEAM_EMPTY": ("the team {team} has no members", "das Team {team} hat keine Mitglieder"),
    "USER_GONE": ("there is no {people} any more", "{people} gibt es nicht mehr"),
    "SCHEDULE_GONE": (
        "there is no schedule {schedule} any more",
        "den Einsatzplan {schedule} gibt es nicht mehr",
    ),
    "NO_ADMIN": ("there are no administrators", "es gibt keine Administratoren"),
    "MUTED": ("muted: {people}", "stummgeschaltet: {people}"),
}


def _joined(first: Sentence, second: Sentence) -> Sentence:
    return f"{first[0]}; {second[0]}", f"{first[1]}; {second[1]}"


RUN_SENTENCES: Mapping[str, Sentence] = {
    **_REACHED,
    **{
        f"{name}_{why}": _joined(reached, reason)
        for name, reached in _REACHED.items()
        for why, reason in _PAGED.items()
    },
    "passed": _PASSED,
    **{f"passed_{why}": _joined(_PASSED, reason) for why, reason in _ABSENT.items()},
    "turn": (
        "it is the turn of {people} on level {level}, {place} of {count}",
        "auf Stufe {level} ist {people} an der Reihe, {place} von {count}",
    ),
    "turn_passed": (
        "it is the turn of {people} on level {level}, {place} of {count},"
        " as {passed} cannot be paged",
        "auf Stufe {level} ist {people} an der Reihe, {place} von {count},"
        " denn {passed} kann nicht benachrichtigt werden",
    ),
    "begun": (
        "the escalation began along the policy {policy} (version {version})",
        "die Eskalation begann nach dem Eskalationsplan {policy} (Version {version})",
    ),
    "begun_routed": (
        "the escalation began along the policy {policy} (version {version}),"
        " which a routing key chose",
        "die Eskalation begann nach dem Eskalationsplan {policy} (Version {version}),"
        " den ein Routing-Schlüssel wählte",
    ),
    "begun_source": (
        "the escalation began along the policy {policy} (version {version}),"
        " which the alert source has",
        "die Eskalation begann nach dem Eskalationsplan {policy} (Version {version}),"
        " den die Alarmquelle hat",
    ),
    "fallen_back": (
        "nobody accepted the alert in time: the policy {policy} (version {version}) follows",
        "niemand hat den Alarm rechtzeitig angenommen:"
        " der Eskalationsplan {policy} (Version {version}) folgt",
    ),
    "exhausted": (
        "the escalation ended after its last level: nobody accepted the alert",
        "die Eskalation endete nach der letzten Stufe: niemand hat den Alarm angenommen",
    ),
    "nobody": (
        "nobody can be paged on any level of the policy",
        "auf keiner Stufe des Eskalationsplans ist jemand erreichbar",
    ),
    "stopped_accepted": (
        "the escalation stopped, as {actor} accepted the alert",
        "die Eskalation endete, weil {actor} den Alarm angenommen hat",
    ),
    "stopped_resolved": (
        "the escalation stopped, as the alert is resolved",
        "die Eskalation endete, weil der Alarm gelöst ist",
    ),
    "stopped_asleep": (
        "the escalation stopped, as the alert sleeps",
        "die Eskalation endete, weil der Alarm schläft",
    ),
    "stopped_anew": (
        "the escalation stopped, as the alert wants somebody anew",
        "die Eskalation endete, weil der Alarm erneut jemanden braucht",
    ),
    "stopped": ("{actor} stopped the escalation", "{actor} hat die Eskalation beendet"),
    "called": (
        "called to the alert by hand: {people}",
        "von Hand zum Alarm gerufen: {people}",
    ),
}
