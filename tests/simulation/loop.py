"""An event loop whose time is virtual and whose order is drawn from a seed.

What is ready runs in any order. Time passes only when nothing is ready, and then at once.
Whatever belongs to a life (a process that can die) runs only while it lives: after its death
nothing of it goes on, not even what a `finally` would do; while it stands still, it waits.
"""

import asyncio
import heapq
import random
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, Self, TypeVarTuple

Callback = Callable[..., object]
Ts = TypeVarTuple("Ts")


@dataclass(eq=False)
class Life:
    """A process, from its start to its death."""

    name: str
    skew: float = 0.0  # seconds by which its own clock is wrong
    dead: bool = False
    still: bool = False
    held: "list[Call]" = field(default_factory=list)


#: Whose code is running; None for the world itself.
LIFE: ContextVar[Life | None] = ContextVar("life", default=None)


class Call(asyncio.TimerHandle):
    """Something to be called at a time."""

    def __init__(
        self,
        when: float,
        callback: Callback,
        args: tuple[Any, ...],
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
    ) -> None:
        super().__init__(when, callback, args, loop, context)
        self._in = copy_context() if context is None else context
        self._what = callback, args
        self.life = self._in.get(LIFE)

    def go(self) -> None:
        """Calls it."""
        callback, args = self._what
        self._in.run(callback, *args)


class SeededLoop(asyncio.AbstractEventLoop):
    """Runs tasks in an order that the dice choose."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._now = 0.0
        self._ready: list[Call] = []
        self._later: list[tuple[float, int, Call]] = []
        self._count = 0
        self._tasks: list[asyncio.Task[Any]] = []
        #: What nobody caught.
        self.failure: BaseException | None = None
        self._world = Context()

    def run(self, most: int) -> bool:
        """Runs until nothing is left to do; False if that did not come within `most` calls.

        What fails ends everything; it is in `failure`.
        """
        asyncio._set_running_loop(self)
        try:
            for _ in range(most):
                call = self._next()
                if call is None:
                    return True
                self._run(call)
                if self.failure is not None:
                    break
            return False
        finally:
            asyncio._set_running_loop(None)

    def later(self, delay: float, callback: Callback, *args: Any) -> Call:
        """Calls back after some time, whoever lives then."""
        return self.call_at(self._now + delay, callback, *args, context=self._world.copy())

    def live(self, life: Life, work: Coroutine[Any, Any, Any]) -> None:
        """Starts work that ends with a life."""
        context = self._world.copy()
        context.run(LIFE.set, life)
        self.create_task(work, context=context).add_done_callback(self._ended)

    def end(self, life: Life) -> None:
        """Ends a life; nothing of it happens any more."""
        life.dead = True
        life.held.clear()

    def stand_still(self, life: Life, seconds: float) -> None:
        """Stops a life for some time; then it goes on as if nothing had been."""
        life.still = True
        self.later(seconds, self._go_on, life)

    def discard(self) -> None:
        """Drops all that never came to its end."""
        for task in self._tasks:
            if not task.done():
                task.get_coro().close()
        self._tasks.clear()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()

    def _go_on(self, life: Life) -> None:
        life.still = False
        self._ready.extend(life.held)
        life.held.clear()

    def _next(self) -> Call | None:
        if not self._ready:
            if not self._later:
                return None
            self._now = max(self._now, self._later[0][0])
        while self._later and self._later[0][0] <= self._now:
            self._ready.append(heapq.heappop(self._later)[2])
        index = int(self._dice.random() * len(self._ready))
        call = self._ready[index]
        self._ready[index] = self._ready[-1]
        self._ready.pop()
        return call

    @staticmethod
    def _run(call: Call) -> None:
        life = call.life
        if call.cancelled() or (life is not None and life.dead):
            return
        if life is not None and life.still:
            life.held.append(call)
        else:
            call.go()

    # What asyncio asks of a loop.

    def time(self) -> float:
        return self._now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Call:
        call = Call(self._now, callback, args, self, context)
        self._ready.append(call)
        return call

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> Call:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> Call:
        call = Call(when, callback, args, self, context)
        self._count += 1
        heapq.heappush(self._later, (when, self._count, call))
        return call

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Any, *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name, context=context)
        task._log_destroy_pending = False  # type: ignore[attr-defined] # dead lives leave some
        self._tasks.append(task)
        return task

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Leaves it in the queue, where nobody calls it."""

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Carries what nobody caught to whoever runs the world."""
        told = context.get("exception")
        self.failure = told if isinstance(told, BaseException) else RuntimeError(str(context))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *told: object) -> None:
        self.discard()
