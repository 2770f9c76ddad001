"""Those who carry pages to people: they take them, refuse them, hang, or die half way."""

import asyncio
import random
from datetime import timedelta

from services.notification.domain.values import Failed, Outcome, Page, Retry, Sent
from tests.simulation.faults import Faults
from tests.simulation.history import History
from tests.simulation.loop import LIFE, SeededLoop

#: Longer than any attempt is waited for.
FOREVER = 1000.0


class Provider:
    """One way to people; what it takes has arrived."""

    def __init__(
        self, loop: SeededLoop, dice: random.Random, faults: Faults, history: History
    ) -> None:
        self._loop = loop
        self._dice = dice
        self._faults = faults
        self._history = history

    def provider(self, page: Page) -> str:
        """See `Channel`."""
        return page.notification.method

    async def send(self, page: Page) -> Outcome:
        """Carries a page, as well as can be today."""
        self._note("sending", page)
        await self._faults.point("before send")
        await asyncio.sleep(self._dice.choice((0.02, 0.2, 3.0)) * self._dice.random())
        trouble = self._trouble()
        if trouble in ("", "taken, no answer", "taken, hangs"):
            self._note("taken", page)
        if trouble:
            self._note("trouble", page, trouble=trouble)
        outcome = await self._answer(trouble)
        await self._faults.point("after send")
        self._note("answered", page, outcome=type(outcome).__name__)
        return outcome

    async def _answer(self, trouble: str) -> Outcome:
        match trouble:
            case "":
                return Sent(f"p-{self._dice.randrange(10**6)}")
            case "refused":
                return Failed("no such number")
            case "busy":
                after = timedelta(seconds=60 * self._dice.random())
                return Retry("busy", after if self._dice.random() < 0.5 else None)
            case "hangs" | "taken, hangs":
                await asyncio.sleep(FOREVER)
            case "breaks":
                raise ValueError("an answer that nobody understands")
        return Retry("the line was cut", unknown=True)

    def _trouble(self) -> str:
        if not self._faults.strikes("provider"):
            return ""
        words = ("refused", "busy", "busy", "breaks", "hangs", "taken, hangs", "taken, no answer")
        return self._dice.choice(words)

    def _note(self, what: str, page: Page, **told: object) -> None:
        life, sent = LIFE.get(), page.notification
        about = {
            "id": sent.id,
            "key": sent.key,
            "kind": str(sent.kind),
            "run": sent.escalation_key,
            "user": sent.user_id,
            "attempt": sent.attempt,
            "marked": sent.possible_repeat,
            "members": list(page.members),
        }
        who = life.name if life else "-"
        self._history.add(self._loop.time(), who, what, about | told)
