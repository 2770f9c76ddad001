"""A fresh admin token for whoever may write to the data folder, when all others are lost.

`tocsin token recover` leaves the hash of one in a file; the token itself never comes here. That
works while the service runs, and before it starts: the file waits.
"""

import asyncio
import logging
import re
from pathlib import Path

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.escalation import own_tokens

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
NAME = "recovered"

_FORM = re.compile(r"([0-9A-Za-z]{8}):([0-9a-f]{64})")


async def watch(database: Database, clock: Clock, file: Path) -> None:
    """Makes the token whose hash is in the file, whenever there is one.

    A file that cannot be read, because somebody else left it there, does not end the service:
    people are paged by it.
    """
    told = ""
    while True:
        try:
            await take(database, clock, file)
            told = ""
        except Unavailable:
            log.warning("the database is away: the token is recovered later")
        except OSError as error:
            if told != error.strerror:
                told = error.strerror or ""
                log.error("no token is recovered: %s cannot be read (%s)", file.name, told)
        await asyncio.sleep(LOOK_SECONDS)


async def take(database: Database, clock: Clock, file: Path) -> None:
    """Makes the token whose hash is in the file, if there is one, and removes the file."""
    told = await asyncio.to_thread(_read, file)
    if told is None:
        return
    match = _FORM.fullmatch(told)
    if match is None:
        log.error("%s holds no hash of a token: it is removed", file.name)
    else:
        await database.write(_make, clock, match[1], bytes.fromhex(match[2]))
        log.warning("an admin token was recovered by way of the data folder: %s", match[1])
    await asyncio.to_thread(file.unlink, missing_ok=True)


def _read(file: Path) -> str | None:
    try:
        return file.read_text(errors="replace").strip()
    except FileNotFoundError:
        return None


def _make(connection: Connection, clock: Clock, token_id: str, sha256: bytes) -> None:
    """Makes the token, unless a start was cut off between the commit and the file's end."""
    now = clock.now(connection)
    own_tokens.make(connection, now, token_id, sha256, name=NAME, action="token.recover")
