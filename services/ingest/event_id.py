"""By what an event is found again."""

import secrets

from services.chassis.clock import Clock


def new_event_id(clock: Clock) -> str:
    """Returns a UUID of version 7 in hexadecimal: unique, and sorted by time."""
    milliseconds = int(clock.wall().timestamp() * 1000)
    high, low = secrets.randbits(12), secrets.randbits(62)
    return f"{milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low:032x}"
