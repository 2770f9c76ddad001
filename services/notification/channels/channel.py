"""What every channel is, and what all of them say."""

from datetime import UTC, datetime
from typing import Protocol

from services.notification.domain.values import Outcome, Page
from services.notification.wire import ALERT

LONGEST_WHY = 200
LONGEST_LINE = 500


class Channel(Protocol):
    """A way to reach people."""

    def provider(self, page: Page) -> str:
        """Names what the message depends on: a server, a service.

        What one provider does, hangs or refuses holds up no other's messages.
        """

    async def send(self, page: Page) -> Outcome:
        """Tells a person, once, and returns how that went.

        It may be cancelled when it takes too long. What it raises counts as an unknown outcome.
        """


def one_line(text: str, most: int = LONGEST_LINE) -> str:
    """Returns a text without line breaks and control characters, shortened to a length."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def iso(time: datetime | None) -> str | None:
    """Returns a time as text."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def accept_url(public_url: str, page: Page) -> str | None:
    """Returns where a PUT takes the subject: at its owner; None if nobody need take it."""
    intent, api = page.intent, f"{public_url.rstrip('/')}/api"
    if not page.is_page:
        return None
    if intent.subject_kind == ALERT:
        return f"{api}/alerts/{intent.subject_id}/accept"
    if intent.escalation_id:
        return f"{api}/escalations/{intent.escalation_id}/acknowledge"
    return None
