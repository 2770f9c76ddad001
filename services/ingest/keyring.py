"""Which source an integration key opens. Only sums of keys are known here, never keys."""

import asyncio
import hashlib
import secrets

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import NotFound
from services.chassis.tokens import ALPHABET
from services.ingest.domain.sources import Source
from services.ingest.store import former_keys, sources

PREFIX = "il1"
RANDOM_LENGTH = 40
#: How long another replica's change of a source may stay unknown here.
FRESH_SECONDS = 5.0


class Keyring:
    """The sources by their keys; known ones without asking the database each time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[bytes, tuple[Source, float]] = {}
        self._good: frozenset[bytes] = frozenset()  # the sums of all keys that open something
        self._good_until = 0.0
        self._asking = asyncio.Lock()

    async def source_of(self, key: str) -> Source:
        """Returns the source that a key belongs to. Raises NotFound, without the key."""
        now = asyncio.get_running_loop().time()
        sum_ = sha256(key)
        known = self._known.get(sum_)
        if known is not None and known[1] > now:
            return known[0]
        keeping = self._known
        source = await self._database.read(self._look_up, sum_)
        if source is None:
            self._known.pop(sum_, None)
            raise NotFound("apiKey: no alert source has this key", field="apiKey")
        keeping[sum_] = (source, now + FRESH_SECONDS)
        return source

    async def knows(self, source_id: int) -> bool:
        """Tells whether there is a source with this id."""
        try:
            await self._database.read(sources.get, source_id)
        except NotFound:
            return False
        return True

    async def is_good(self, key: str) -> bool:
        """Tells whether a key opens something, or did some seconds ago.

        It takes one question to the database in that time, however many keys are tried.
        """
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if self._good_until <= now:
                self._good = await self._database.read(self._all_sums)
                self._good_until = now + FRESH_SECONDS
        return sha256(key) in self._good

    def _look_up(self, connection: Connection, sum_: bytes) -> Source | None:
        known = sources.of_key(connection, sum_)
        return known or former_keys.source_of(connection, sum_, self._clock.now(connection))

    def _all_sums(self, connection: Connection) -> frozenset[bytes]:
        former = former_keys.sums(connection, self._clock.now(connection))
        return sources.key_sums(connection) | former

    def forget(self) -> None:
        """Forgets all sources, and what is being read of them: one has changed."""
        self._known = {}
        self._good_until = 0.0


def new_key() -> str:
    """Returns an integration key that nobody has."""
    return PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))


def sha256(key: str) -> bytes:
    """Returns what may be stored of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
