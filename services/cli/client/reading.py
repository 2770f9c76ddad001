"""Reads what people type: states, and until when."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from services.chassis.clock import Clock
from services.cli.client.target import BadUsage
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.escalation.v1.escalation_pb2 import Escalation

PERIOD = re.compile(r"(\d{1,6})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def word(enum: Any, text: str, what: str) -> int:
    """Returns the value of an enum that a word names, in any case. Raises BadUsage."""
    words = [name for name in enum.keys() if not name.endswith("_UNSPECIFIED")]  # noqa: SIM118 # no dict
    if text.upper() not in words:
        raise BadUsage(f"{text!r} is no {what}: make it one of {', '.join(words)}")
    return int(enum.Value(text.upper()))


def states(words: Sequence[str] | None) -> list[int]:
    """Returns the states that words name. Raises BadUsage."""
    return [word(Alert.Status, text, "state") for text in words or ()]


def run_states(words: Sequence[str] | None) -> list[int]:
    """Returns the states of runs that words name. Raises BadUsage."""
    return [word(Escalation.State, text, "state") for text in words or ()]


def period(text: str) -> timedelta:
    """Returns how long a period is. Raises BadUsage."""
    found = PERIOD.fullmatch(text)
    if found is None:
        raise BadUsage(f"{text!r} is no period: make it like 90s, 30m, 2h or 1d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def zone_of(name: str) -> ZoneInfo | None:
    """Returns the time zone that a name names; None, for this machine's, if it is empty.

    Raises BadUsage.
    """
    if name and name not in available_timezones():
        raise BadUsage(f"{name!r} is no IANA time zone, like Europe/Berlin")
    return ZoneInfo(name) if name else None


def moment(text: str, zone: tzinfo | None = None) -> datetime:
    """Returns the moment that a period from now, or a time, names. Raises BadUsage."""
    offset = os.environ.get("TOCSIN_CLOCK_OFFSET_FILE")  # the suite's time, if that is turned
    return until(text, Clock(Path(offset) if offset else None).wall(), zone)


def until(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """Returns the moment that a period from now, or a time, names. Raises BadUsage.

    A time that says no zone is one in `zone`, else in this machine's.
    """
    try:
        if PERIOD.fullmatch(text):
            return now + period(text)
        told = datetime.fromisoformat(text)
        return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadUsage(
            f"{text!r} is no time: make it a period like 30m, 2h or 1d, or like 2026-03-29T09:00"
        ) from None
