"""How many events a source may send a minute."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST = 1_000_000
#: The part of a limit that only events that may page have.
RESERVED_PART = 5


@dataclass(frozen=True, slots=True)
class Defaults:
    """The limits of sources that say nothing of their own."""

    events_per_minute: int
    of_types: Mapping[str, int] = field(default_factory=dict)  # by integration type

    def of(self, said: int | None, integration_type: str) -> int:
        """Returns the limit of a source."""
        return said or self.of_types.get(integration_type, self.events_per_minute)


def shares(most: int) -> tuple[int, int]:
    """Divides a limit into what any event may use, and what only those that may page may."""
    reserved = most // RESERVED_PART
    return most - reserved, reserved
