"""How long somebody waits for what is computed on a thread, which nothing else would end."""

import math
from threading import Event
from time import monotonic
from types import TracebackType
from typing import Self


class Patience:
    """The time for one answer. It is over early when whoever waits leaves the `with` block.

    The thread asks between its steps; a call that is cancelled or out of time leaves the block.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds
        self._left = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left.set()

    @property
    def over(self) -> bool:
        """Whether nobody waits any more."""
        return self._left.is_set() or monotonic() >= self._ends


#: Of who asks for no more than ends soon by itself.
ENDLESS = Patience(math.inf)
