"""What can go wrong, how often, and when: drawn from the seed at every point where it could."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.simulation.history import History
from tests.simulation.loop import LIFE, Life, SeededLoop

#: After this time nothing goes wrong any more, and the world comes to rest.
HEALED = 1500.0
#: The longest that a step between two points takes when nothing is wrong.
SHORT = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """How likely each fault is, each time that it could happen."""

    crash: float = 0.0
    pause: float = 0.0
    away: float = 0.0  # the database, for one transaction
    reply_lost: float = 0.0  # a commit whose caller does not hear of it
    owner_away: float = 0.0  # whoever is asked whether a page is still wanted
    late: float = 0.0  # a message, by far
    twice: float = 0.0  # a message
    provider: float = 0.0  # any trouble with a provider

    @classmethod
    def drawn(cls, dice: random.Random) -> "Chances":
        """Draws a kind of world: calm, or with a few of the faults, or with many."""
        share = dice.choice((0.0, 0.3, 0.6, 1.0))
        levels = {
            name: dice.choice(_LEVELS[name]) if dice.random() < share else 0.0 for name in _LEVELS
        }
        return cls(**levels)


_LEVELS = {
    "crash": (0.01, 0.04, 0.1),
    "pause": (0.01, 0.04, 0.1),
    "away": (0.01, 0.05),
    "reply_lost": (0.01, 0.05),
    "owner_away": (0.2, 0.6, 1.0),
    "late": (0.1, 0.4),
    "twice": (0.05, 0.3),
    "provider": (0.1, 0.4),
}


@dataclass
class Faults:
    """Decides at each point what goes wrong."""

    loop: SeededLoop
    dice: random.Random
    history: History
    chances: Chances
    restart: Callable[[Life, float], None]
    #: What happens as soon as anybody passes a point, once the time has come.
    ambushes: list[tuple[float, str, Callable[[], None]]] = field(default_factory=list)

    async def point(self, name: str, where: str = "") -> None:
        """Goes past a place where a process can die, stand still, or be overtaken."""
        self._spring(f"{name} {where}".rstrip())
        life = LIFE.get()
        if life is not None:
            if self.strikes("crash"):
                self.crash(life, f"{name} {where}".rstrip())
                await self.loop.create_future()  # never: nothing of a dead life goes on
            if self.strikes("pause"):
                seconds = self.dice.choice((0.5, 5.0, 45.0, 120.0)) * self.dice.random()
                self.note("pause", life=life.name, seconds=round(seconds, 3))
                self.loop.stand_still(life, seconds)
        await asyncio.sleep(SHORT * self.dice.random())

    def strikes(self, fault: str) -> bool:
        """Tells whether a fault happens now."""
        chance: float = getattr(self.chances, fault)
        return chance > 0 and self.dice.random() < chance

    def crash(self, life: Life, where: str) -> None:
        """Kills a process, which is started again after some time."""
        if life.dead:
            return
        seconds = self.dice.choice((1.0, 10.0, 90.0)) * self.dice.random()
        self.note("crash", life=life.name, where=where)
        self.loop.end(life)
        self.restart(life, seconds)

    def heal(self) -> None:
        """Lets nothing go wrong from now on."""
        self.chances = replace(Chances())
        self.ambushes.clear()

    def _spring(self, place: str) -> None:
        for ambush in self.ambushes:
            after, where, act = ambush
            if where == place and self.loop.time() >= after:
                self.ambushes.remove(ambush)
                act()
                return

    def note(self, what: str, **told: object) -> None:
        """Adds something to the history."""
        life = LIFE.get()
        self.history.add(self.loop.time(), life.name if life else "-", what, told)
