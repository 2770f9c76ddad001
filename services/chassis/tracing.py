"""The W3C trace context of what is being done, carried over calls, outboxes and messages.

Only the identifiers travel here (https://www.w3.org/TR/trace-context/, `traceparent`); who
records spans takes them from here.
"""

import re
import secrets
from contextvars import ContextVar

HEADER = "traceparent"
_FORM = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

_current: ContextVar[str] = ContextVar("traceparent", default="")


def current() -> str:
    """Returns the trace context of what is being done; a new one if nothing set any."""
    return _current.get() or _new()


def follow(parent: str | None) -> str:
    """Makes a step of a caller's trace the current one, or begins a trace; returns it."""
    if parent and _FORM.fullmatch(parent):
        version, trace_id, _, flags = parent.split("-")
        step = f"{version}-{trace_id}-{secrets.token_hex(8)}-{flags}"
    else:
        step = _new()
    _current.set(step)
    return step


def _new() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
