"""What every text and number from outside has to be."""

from services.chassis.errors import InvalidRequest
from services.chassis.texts import folded as folded
from services.chassis.texts import is_line

LONGEST_LINE = 255


def line(value: str, field: str) -> str:
    """Returns one line of text that must be there. Raises InvalidRequest naming the field."""
    if not value.strip() or len(value) > LONGEST_LINE:
        raise InvalidRequest(f"{field} must have 1 to {LONGEST_LINE} characters", field=field)
    if not is_line(value):
        raise InvalidRequest(f"{field} must not have control characters", field=field)
    return value


def line_or_none(value: str | None, field: str) -> str | None:
    """Returns one line of text, or None if there is nothing in it. Raises InvalidRequest."""
    return line(value, field) if value else None


def within(value: int, lowest: int, highest: int, field: str) -> int:
    """Returns a number that must be in a range. Raises InvalidRequest naming the field."""
    if not lowest <= value <= highest:
        raise InvalidRequest(f"{field} must be {lowest} to {highest}", field=field)
    return value
