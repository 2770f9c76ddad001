"""Reads what people type: states, and until when."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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


def moment(text: str) -> datetime:
    """Returns the moment that a period from now, or a time, names. Raises BadUsage."""
    offset = os.environ.get("TOCSIN_CLOCK_OFFSET_FILE")  # the suite's time, if that is turned
    return until(text, Clock(Path(offset) if offset else None).wall())


def until(text: str, now: datetime) -> datetime:
    """Returns the moment that a period from now, or a time, names. Raises BadUsage."""
    try:
        if period := PERIOD.fullmatch(text):
            return now + timedelta(**{UNITS[period[2]]: int(period[1])})
        return datetime.fromisoformat(text).astimezone(UTC)  # this machine's, without a zone
    except (ValueError, OverflowError):
        raise BadUsage(
            f"{text!r} is no time: make it a period like 30m, 2h or 1d, or like 2026-03-29T09:00"
        ) from None
