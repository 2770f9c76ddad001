"""Pages in the output of the process: a line of JSON each, for whoever supervises it.

Everything beyond printable ASCII is escaped, so that no text can move a terminal's cursor
before somebody has decided to render it.
"""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TextIO

from services.notification.channels.channel import iso
from services.notification.domain.values import Outcome, Page, Retry, Sent
from services.notification.messages import compose


class Terminal:
    """Writes pages to standard output."""

    def __init__(self, output: TextIO = sys.stdout) -> None:
        self._output = output
        # A thread of its own: while nobody reads, what others need threads for goes on.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="terminal")

    def provider(self, page: Page) -> str:
        """See `Channel`."""
        return "terminal"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`. Whoever reads the output may stand still: a thread waits for them."""
        try:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writer, self._write, _line(page))
        except OSError as error:
            return Retry(f"nobody reads the output: {type(error).__name__}")
        return Sent()

    def _write(self, line: str) -> None:
        self._output.write(line)
        self._output.flush()


def _line(page: Page) -> str:
    intent, said = page.intent, compose(page)
    told = {
        "terminal": page.type,
        "user": page.user_name,
        "escalation_id": intent.escalation_id,
        "subject_kind": intent.subject_kind,
        "subject_id": intent.subject_id,
        "title": intent.title,
        "headline": said.headline if page.news else page.headline,
        "lines": said.lines,
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
