"""The failures that a caller can act on.

    TocsinError
    ├── InvalidRequest    never: the request must change
    ├── Unauthenticated   nobody we know
    ├── Forbidden         known, but not allowed
    ├── NotFound          absent
    ├── AlreadyExists     there is one
    ├── WrongState        not now: the thing must change
    ├── Conflict          look again: it is not what it was
    ├── OutOfRange        never again: what it names is no longer kept
    ├── TooLarge          never, at this size
    ├── RateLimited       later: as many as may come have come
    └── Unavailable       try again

Whoever raises one writes the message for the caller. `services.chassis.statuses` turns it
into a status; nobody else catches it.
"""

from typing import ClassVar


class TocsinError(Exception):
    """A failure with a message that the caller may read."""

    reason: ClassVar[str] = "ERROR"

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        field: str | None = None,
        http_status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = reason or self.reason
        self.field = field
        self.http_status = http_status


class InvalidRequest(TocsinError):
    """The request can never succeed as it is."""

    reason = "INVALID_REQUEST"


class Unauthenticated(TocsinError):
    """The caller showed no credential, or one that nobody knows."""

    reason = "UNAUTHENTICATED"


class Forbidden(TocsinError):
    """The caller is known, but may not do this."""

    reason = "FORBIDDEN"


class NotFound(TocsinError):
    """There is no such thing, or the caller may not see it."""

    reason = "NOT_FOUND"


class AlreadyExists(TocsinError):
    """There is such a thing already."""

    reason = "ALREADY_EXISTS"


class WrongState(TocsinError):
    """The thing is in a state in which this cannot be done."""

    reason = "WRONG_STATE"


class Conflict(TocsinError):
    """Somebody else changed meanwhile what the caller had looked at."""

    reason = "CONFLICT"


class OutOfRange(TocsinError):
    """What the request names was there once and is no longer kept."""

    reason = "OUT_OF_RANGE"


class TooLarge(TocsinError):
    """The request is larger than is ever accepted."""

    reason = "PAYLOAD_TOO_LARGE"


class RateLimited(TocsinError):
    """As many requests as are let in have come: later, the same one succeeds."""

    reason = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, *, name: str, limit: int, retry_after: float) -> None:
        """Says which limit was reached, how many it lets in, and the seconds until it ends."""
        super().__init__(message, http_status=429)
        self.name = name
        self.limit = limit
        self.retry_after = retry_after


class Unavailable(TocsinError):
    """A part that is needed is away: the same request may succeed later."""

    reason = "UNAVAILABLE"
