"""Runs a service's loops until SIGTERM or SIGINT, or until one of them fails.

A loop that fails takes the service down: restarting is the platform's job, and half a service
is worse than none.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Coroutine, Sequence
from typing import Any

log = logging.getLogger(__name__)

Loop = Coroutine[Any, Any, None]

#: Seconds after a signal until the process ends, whatever hangs (asyncio.run can, under grpc).
LONGEST_END_SECONDS = 40.0
CANCEL_AGAIN_SECONDS = 1.0


async def run_until_signalled(*loops: Loop) -> None:
    """Runs the loops together until the process is told to stop."""
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, _stop, stop)
    await run_until(stop, *loops)


async def run_until(stop: asyncio.Event, *loops: Loop) -> None:
    """Runs the loops together until the event is set, or until one of them fails."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop) for loop in loops]
        try:
            await stop.wait()
        finally:
            await _end(tasks)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels tasks until they end.

    Once is not enough: before Python 3.12, `wait_for` drops a cancellation that comes just
    when what it waits for is there, and the loop would go on.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=CANCEL_AGAIN_SECONDS)


def _stop(stop: asyncio.Event) -> None:
    log.info("stopping")
    stop.set()
    watchdog = threading.Timer(LONGEST_END_SECONDS, os._exit, args=(1,))
    watchdog.daemon = True
    watchdog.start()
