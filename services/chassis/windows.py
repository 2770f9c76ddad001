"""Counts what is let in, in fixed windows of one minute. Pure: no clock, no database.

Replicas share a limit without asking for each event. What one of them lets in, it has claimed
before, a twentieth of the limit at a time, in the database that they share; what is claimed
never exceeds the limit. Only the first hundredth of a limit needs no claim, so that a source
that sends little costs nothing. So `n` replicas let in at most the limit and `n - 1` hundredths
of it, and at least the limit without what the others claimed and did not use, which they give
back when they have had no use for it for a while.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

WINDOW_SECONDS = 60
#: Parts of a limit: what a replica lets in unclaimed, and what it claims at a time.
UNCLAIMED = 100
CLAIMED = 20
#: Unused claims are given back after so many ticks without use.
IDLE_TICKS = 10


class Verdict(Enum):
    """Whether something is let in."""

    IN = auto()
    OUT = auto()
    ASK = auto()  # more must be claimed first


@dataclass(frozen=True, slots=True)
class Claim:
    """What one replica wants of a limit in this window; less than nothing gives some back."""

    key: str
    most: int
    more: int
    needed: int  # of these; with less, nothing more is let in

    def share(self, taken: int) -> int:
        """Returns what it gets of a limit of which so much is taken.

        Towards the end it gets half of what is left, so that the others get some, too.
        """
        left = self.most - taken
        if self.more <= 0:
            return max(self.more, -taken)
        return max(0, min(self.more, left, max(self.needed, left // 2)))


@dataclass(slots=True)
class _Count:
    most: int
    used: int = 0
    claimed: int = 0
    full: bool = False
    used_before: int = 0  # at the last tick
    idle_ticks: int = 0

    def room(self) -> int:
        """Returns how many may come in before more must be claimed."""
        return min(self.most, max(self.unclaimed(), self.claimed)) - self.used

    def is_low(self) -> bool:
        """Tells whether more should be claimed before it is needed, so that nobody waits."""
        at_a_time = self.step() if self.claimed else self.unclaimed()
        return 2 * self.room() < at_a_time and self.claimed < self.most and not self.full

    def unclaimed(self) -> int:
        """Returns how many may come in without any claim."""
        return max(1, self.most // UNCLAIMED)

    def step(self) -> int:
        """Returns how much is claimed at a time."""
        return max(1, self.most // CLAIMED)


@dataclass(slots=True)
class Windows:
    """The counts of this minute, by key."""

    shared: bool  # with other replicas
    minute: int = 0
    _counts: dict[str, _Count] = field(default_factory=dict)
    _wanted: set[str] = field(default_factory=set)

    def turn(self, minute: int) -> None:
        """Begins another window, unless it is this one.

        A clock that is set by a few milliseconds must not count the last window again.
        """
        if minute != self.minute and minute != self.minute - 1:
            self.minute = minute
            self._counts = {}
            self._wanted = set()

    def take(self, key: str, most: int) -> Verdict:
        """Lets one more in, if there is room."""
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = _Count(most)
        count.most = most
        if not self.shared:
            count.claimed = most
        if count.room() <= 0:
            if count.full or count.used >= most or not self.shared:
                return Verdict.OUT
            self._wanted.add(key)
            return Verdict.ASK
        count.used += 1
        if self.shared and count.is_low():
            self._wanted.add(key)
        return Verdict.IN

    def has_room(self, key: str, most: int) -> bool:
        """Tells whether as few have come that another may; takes nothing."""
        count = self._counts.get(key)
        return count is None or (count.used < most and not count.full)

    @property
    def asks(self) -> bool:
        """Whether something is to be claimed."""
        return bool(self._wanted)

    def claims(self) -> list[Claim]:
        """Returns what is to be claimed now."""
        wanted, self._wanted = self._wanted, set()
        found = []
        for key in sorted(wanted):
            count = self._counts[key]
            behind = max(0, count.used - count.claimed)
            found.append(Claim(key, count.most, behind + count.step(), behind + 1))
        return found

    def leftovers(self) -> list[Claim]:
        """Returns what is to be given back now; called about once a second."""
        found = []
        for key, count in self._counts.items():
            count.full = False  # the others may have given something back
            count.idle_ticks = 0 if count.used != count.used_before else count.idle_ticks + 1
            count.used_before = count.used
            unused = count.claimed > count.used and key not in self._wanted
            if unused and count.idle_ticks >= IDLE_TICKS:
                found.append(Claim(key, count.most, count.used - count.claimed, 0))
                count.claimed = count.used  # before they have it, never after
        return found

    def grant(self, claims: Sequence[Claim], shares: Mapping[str, int]) -> None:
        """Takes note of what was claimed and got."""
        for claim in claims:
            count = self._counts.get(claim.key)
            if count is not None and claim.more > 0:
                count.claimed += shares[claim.key]
                count.full = shares[claim.key] < claim.needed

    def trust(self, claims: Sequence[Claim]) -> None:
        """Lets this replica go on alone: nobody can be asked."""
        for claim in claims:
            count = self._counts.get(claim.key)
            if count is not None:
                count.claimed = max(count.claimed, count.used + count.step())


def minute_of(timestamp: float) -> int:
    """Returns the number of the window that a moment is in."""
    return int(timestamp // WINDOW_SECONDS)
