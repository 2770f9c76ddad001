"""Sending a stream to a reader who may stand still."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from typing import Any

from services.chassis.context import Context
from services.chassis.errors import Unavailable

#: How long a reader may take nothing.
TAKE_SECONDS = 60.0


async def send(answers: AsyncIterator[Any], context: Context) -> None:
    """Sends a stream. Raises Unavailable when its reader takes nothing of it for too long."""
    async with aclosing(answers) as told:  # type: ignore[type-var] # a generator, as they all are
        async for answer in told:
            try:
                async with asyncio.timeout(TAKE_SECONDS):
                    await context.write(answer)
            except TimeoutError:
                seconds = f"{TAKE_SECONDS:g} seconds"
                raise Unavailable(f"nothing was read for {seconds}", reason="TOO_SLOW") from None


async def first_of(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Runs coroutines in one context until the first ends, and ends the others."""
    context = contextvars.copy_context()  # a principal that is seen anew is so for all
    tasks = [asyncio.create_task(each, context=context) for each in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
