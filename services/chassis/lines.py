"""Lines for somebody who may not read them: whoever stands still must not stop the process.

They are written from a thread, and not through a file object: at its end, Python waits for
whoever is inside of one.
"""

import os
import queue
import threading
from contextlib import suppress

MOST_WAITING = 10_000
FLUSH_SECONDS = 2.0


class Lines:
    """Writes lines to a file descriptor, sometime."""

    def __init__(self, descriptor: int, encoding: str = "utf-8") -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._waiting: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._write_waiting, name="lines", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Writes a line, and its end, sometime; drops it when far too much waits."""
        with suppress(queue.Full):
            self._waiting.put_nowait(line)

    def close(self) -> None:
        """Writes what waits, unless nobody reads. What comes afterwards is lost."""
        with suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._thread.join(FLUSH_SECONDS)

    def _write_waiting(self) -> None:
        while (line := self._waiting.get()) is not None:
            rest = memoryview(f"{line}\n".encode(self._encoding, "backslashreplace"))
            with suppress(OSError):  # nobody reads any more; the process goes on
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
