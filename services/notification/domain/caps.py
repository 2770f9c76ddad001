"""How often a contact may be told something, by way: constants, and what a setting changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from services.notification.domain.values import Method

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a contact may be told something by a way."""

    window: timedelta  # which begins with a message
    most: int  # messages in a window
    same: timedelta  # for so long the same text is not sent again
    tokens: int  # messages on end, whatever the windows allow
    refill: timedelta  # until there is another token


_LOUD = Limits(timedelta(seconds=180), 3, NO_TIME, 10, timedelta(seconds=90))
_CHAT = Limits(timedelta(seconds=60), 20, timedelta(seconds=240), 100, timedelta(seconds=6))

#: By way. What is not here is never held back: a terminal prints each page, programs get each.
LIMITS: Mapping[str, Limits] = {
    Method.VOICE: _LOUD,
    Method.SMS: replace(_LOUD, tokens=15),
    Method.EMAIL: replace(_LOUD, tokens=30),
    Method.PUSH: _CHAT,
    Method.TELEGRAM: _CHAT,
    Method.SLACK: _CHAT,
    Method.APPRISE: _CHAT,
}


def limits(caps: str) -> Mapping[str, Limits]:
    """Returns the limits with other buckets, `VOICE=10/90,SMS=15/90`: tokens/seconds to refill.

    Raises ValueError. Two tokens come in a window at least, so that HIGH and LOW both go on.
    """
    found = dict(LIMITS)
    for part in filter(None, (each.strip() for each in caps.split(","))):
        method, _, told = part.partition("=")
        tokens, _, seconds = told.partition("/")
        known = found.get(method.strip().upper())
        if known is None:
            raise ValueError(f"{method!r} is none of {', '.join(LIMITS)}")
        longest = known.window // timedelta(seconds=2)
        numbers = tokens.isdecimal() and seconds.isdecimal() and len(told) < 12
        if not numbers or int(tokens) < 2 or not 1 <= int(seconds) <= longest:
            raise ValueError(f"{part!r}: at least 2 messages, then one per 1 to {longest} seconds")
        refill = timedelta(seconds=int(seconds))
        found[method.strip().upper()] = replace(known, tokens=int(tokens), refill=refill)
    return found
