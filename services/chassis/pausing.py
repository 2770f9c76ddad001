"""Loops that have nothing to do wait here, until a moment passes or something happens."""

import asyncio
from contextlib import suppress


async def pause(seconds: float, until: asyncio.Event) -> None:
    """Returns after `seconds`, or as soon as the event is set, and clears it."""
    with suppress(TimeoutError):
        await asyncio.wait_for(until.wait(), seconds)
    until.clear()
