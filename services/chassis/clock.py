"""The only reader of time.

What decides (is a step due, is a token expired) is the database's clock, read once per
transaction and passed on as a value. Tests turn it by an offset, which every process of
a suite reads from one small file, so that they need not wait.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text


class Clock:
    """The time, as one service sees it."""

    def __init__(self, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file
        self._turned = timedelta()

    def turn(self, by: timedelta) -> None:
        """Moves this clock forward, for tests that run in this process."""
        self._turned += by

    def now(self, connection: Connection) -> datetime:
        """Returns the database's time."""
        if connection.dialect.name == "sqlite":  # the file's host is this host
            return datetime.now(UTC) + self._offset()
        told: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return told.astimezone(UTC) + self._offset()

    def wall(self) -> datetime:
        """Returns this host's time, for records that decide nothing."""
        return datetime.now(UTC) + self._offset()

    def _offset(self) -> timedelta:
        if self._offset_file is None or not self._offset_file.exists():
            return self._turned
        return self._turned + timedelta(seconds=float(self._offset_file.read_text() or 0))
