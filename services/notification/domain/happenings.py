"""What webhooks are told of: the types of events, and which of them one asked for.

Pure: which message of which service is which of these is told by `services.notification.telling`.
"""

from collections.abc import Collection, Iterable, Mapping

from services.chassis.errors import InvalidRequest

PING = "webhook.ping"  # a test, which nobody asks for
EVERYTHING = "*"
#: By the kind of what they happen to; the words are those of the messages' causes.
WORDS: Mapping[str, tuple[str, ...]] = {
    "alert": (
        "created",
        "accepted",
        "resolved",
        "repeated",
        "reassigned",
        "priority_changed",
        "snoozed",
        "responders_changed",
        "escalated",
        "commented",
        "escalation_changed",
        "accept_expired",
    ),
    "escalation": ("begun", "stepped", "level_skipped", "ended", "called", "fallen_back"),
    "notification": ("scheduled", "sent", "failed", "suppressed"),
}
TYPES = tuple(f"{kind}.{word}" for kind, words in WORDS.items() for word in words)
KINDS = tuple(f"{kind}.*" for kind in WORDS)
KNOWN = (EVERYTHING, *KINDS, *TYPES)


def checked(told: Iterable[str]) -> tuple[str, ...]:
    """Returns what a webhook is to be told of, each once. Raises InvalidRequest for others."""
    wanted = tuple(dict.fromkeys(told))
    for each in wanted:
        if each not in KNOWN:
            raise InvalidRequest(
                f"events must be of: {', '.join(KNOWN)}; {each[:100]!r} is none", field="events"
            )
    return tuple(each for each in KNOWN if each in wanted)


def asked_for(type_: str, wanted: Collection[str]) -> bool:
    """Tells whether an event is one of those that were asked for."""
    kind = type_.partition(".")[0]
    return any(each in wanted for each in (type_, f"{kind}.*", EVERYTHING))
