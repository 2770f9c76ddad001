"""Looks into what other programs said, which may be anything."""

from typing import Any


def at(value: Any, *names: str) -> Any:
    """Returns what is at a place within objects; None if nothing is there."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
