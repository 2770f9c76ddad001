"""Loops that have nothing to do wait here, until a moment passes or something happens."""

import asyncio
from contextlib import suppress


async def pause(seconds: float, until: asyncio.Event) -> None:
    """Returns after `seconds`, or as soon as the event is set, and clears it.

    asyncio.wait_for would swallow a cancellation that comes together with the event.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await until.wait()
    until.clear()
