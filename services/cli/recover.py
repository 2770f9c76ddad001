"""A fresh admin token for a lost one, on the machine itself.

Who may write to the data folder may do this: everything that Tocsin knows is in there anyway.
"""

import fcntl
import os
import time
from pathlib import Path

from services.chassis import tokens
from services.cli.folder import Folder
from services.cli.settings import CannotStart

WAIT_SECONDS = 10.0
PAUSE_SECONDS = 0.1


def recover(path: Path) -> tuple[str, bool]:
    """Writes a fresh admin token to credentials.env.

    Returns the token's public id, and whether it works already: else it does from the next
    start on. Raises CannotStart if the folder is none of Tocsin's, or not writable.
    """
    folder = Folder(path)
    known = folder.read_credentials()
    if known is None:
        raise CannotStart(
            f"{path} has no credentials.env: set TOCSIN_DATA to the data folder, or start Tocsin,"
            " which makes one"
        )
    token = tokens.new_token()
    umask = os.umask(0o077)
    try:
        folder.write_credentials({**known, "TOKEN": str(token)})
        new = folder.recovery.with_name(f"{folder.recovery.name}.new")
        new.write_text(f"{token.id}:{token.sha256().hex()}\n")
        new.replace(folder.recovery)
    except OSError as error:
        raise CannotStart(
            f"cannot write to the data folder {path} ({error.strerror}): be who owns it"
        ) from None
    finally:
        os.umask(umask)
    return token.id, _taken(folder.recovery) if _runs(path) else False


def _runs(path: Path) -> bool:
    """Tells whether a suite holds the folder."""
    try:
        with (path / "up.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _taken(file: Path) -> bool:
    """Waits until the hash was taken over; False if nobody does."""
    deadline = time.monotonic() + WAIT_SECONDS
    while file.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True
