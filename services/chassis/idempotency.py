"""Callers may name their requests: what comes again under its name is answered as the first time.

A name belongs to whoever gave it, and is kept for 24 hours in the transaction that keeps what
was asked for: of several requests that come at once, on any replica, one is the first.
"""

from datetime import timedelta
from typing import TypeVar

from services.chassis.context import Context
from services.chassis.errors import InvalidRequest, TocsinError

KEPT = timedelta(hours=24)
LONGEST = 255
HEADER = "Idempotency-Key"
REUSED = "IDEMPOTENCY_KEY_REUSED"

E = TypeVar("E", bound=TocsinError)


def check(name: str, what: str) -> str:
    """Returns a name that a caller gives a request. Raises InvalidRequest; `what` names it."""
    if len(name) > LONGEST or not (name.isascii() and name.isprintable()):
        told = f"{what} must have 1 to {LONGEST} visible ASCII characters"
        raise InvalidRequest(told, field=what)
    return name


def in_header(context: Context) -> str:
    """Returns the name in a call's header, as `check` does; empty if there is none."""
    for key, value in context.invocation_metadata() or ():
        if key == HEADER.lower():
            return check(str(value), HEADER)
    return ""


def reused(error: type[E], what: str) -> E:
    """Returns the refusal of another request under a name; `what` says what came first."""
    return error(
        f"another {what} came under this idempotency key within the last 24 hours",
        reason=REUSED,
        http_status=422,
    )
