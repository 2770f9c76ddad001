"""Pages in the output of the process: a line of JSON each, for whoever supervises it.

Everything beyond printable ASCII is escaped, so that no text can move a terminal's cursor
before somebody has decided to render it.
"""

import asyncio
import json
import sys
import threading
from dataclasses import asdict
from typing import TextIO

from services.notification.channels.channel import iso
from services.notification.domain.values import Outcome, Page, Retry, Sent


class Terminal:
    """Writes pages to standard output."""

    def __init__(self, output: TextIO = sys.stdout) -> None:
        self._output = output
        self._lock = threading.Lock()

    def provider(self, page: Page) -> str:
        """See `Channel`."""
        return "terminal"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`. Whoever reads the output may stand still: a thread waits for them."""
        try:
            await asyncio.to_thread(self._write, _line(page))
        except OSError as error:
            return Retry(f"nobody reads the output: {type(error).__name__}")
        return Sent()

    def _write(self, line: str) -> None:
        with self._lock:
            self._output.write(line)
            self._output.flush()


def _line(page: Page) -> str:
    intent = page.intent
    told = {
        "terminal": "stand_down" if page.is_stand_down else "page",
        "user": page.user_name,
        "escalation_id": intent.escalation_id,
        "subject_kind": intent.subject_kind,
        "subject_id": intent.subject_id,
        "title": intent.title,
        "headline": page.headline,
        "details": intent.details,
        "level": intent.level_told or 0,
        "level_count": intent.level_count,
        "next_step_time": iso(intent.next_step_time),
        "link": page.link,
        "links": [asdict(link) for link in intent.links],
        "possible_repeat": page.notification.possible_repeat,
        "priority": intent.priority,
        "ended_by": page.ended_by,
    }
    return json.dumps(told, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"
