"""Waiting for something to become true: the only place where tests sleep.

A check passes by returning something true, or by returning nothing: then it
speaks through its `assert`s. While it returns False, 0 or something empty, or
raises AssertionError, it is asked again.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, overload

PAUSE_SECONDS = 0.02

T = TypeVar("T")


@overload
async def eventually(check: Callable[[], Awaitable[T]], *, within: float = 10.0) -> T: ...
@overload
async def eventually(check: Callable[[], T], *, within: float = 10.0) -> T: ...
async def eventually(check: Callable[[], object], *, within: float = 10.0) -> object:
    """Returns what the check returns once it passes; fails with its last failure."""
    failure = AssertionError("the check did not end")
    try:
        async with asyncio.timeout(within) as limit:
            while True:
                try:
                    return await _passed(check)
                except AssertionError as not_yet:
                    failure = not_yet
                await asyncio.sleep(PAUSE_SECONDS)
    except TimeoutError:
        if not limit.expired():
            raise  # the check's own
        raise AssertionError(f"not within {within} s: {failure}") from failure


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancels tasks until they end.

    Once is not enough: before Python 3.12, `asyncio.wait_for` drops a cancellation that comes
    just when what it waits for is there.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=0.2)
    await asyncio.gather(*tasks, return_exceptions=True)


def until(check: Callable[[], object], *, within: float) -> None:
    """Waits for a check outside of an event loop."""
    deadline = time.monotonic() + within
    while not check():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(PAUSE_SECONDS)


async def arrival(arrived: Sequence[T], wanted: Callable[[T], bool], *, within: float) -> T:
    """Returns the first wanted thing of those that have arrived, waiting for it."""

    def first() -> list[T]:
        found = [thing for thing in arrived if wanted(thing)]
        assert found, f"not among the {len(arrived)} that came: {list(arrived)!r}"
        return found

    return (await eventually(first, within=within))[0]


async def _passed(check: Callable[[], object]) -> object:
    result = check()
    if inspect.isawaitable(result):
        result = await result
    assert result is None or result, f"the check still says {result!r}"
    return result
