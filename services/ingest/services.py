"""The services of ttyops: sources of its type, found by their names."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from services.chassis import suite
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.outbox import OUTBOX
from services.ingest.domain.integrations import TTYOPS
from services.ingest.domain.sources import Source, match_name
from services.ingest.store import sources

#: Unknown names that are told in a day: whoever sends more has one fault, not many.
MOST_NAMES = 20
LONGEST_NAME = 100


class Services:
    """Which services there are, and what is told of those that there are not."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[Source]:
        """Returns the services, oldest first."""
        return await self._database.read(sources.of_type, TTYOPS)

    async def by_name(self) -> Mapping[str, Source]:
        """Returns the services by their names as compared; of several, the oldest."""
        return {match_name(source.name): source for source in reversed(await self.all())}

    async def tell(self, unknown: Iterable[str], refused: Iterable[str]) -> None:
        """Tells the people who run Tocsin of services that are not known, and of other refusals."""
        named, reasons = list(dict.fromkeys(unknown)), list(refused)
        if named or reasons:
            await self._database.write(self._tell, named, reasons)

    def _tell(self, connection: Connection, unknown: list[str], refused: list[str]) -> None:
        now = self._clock.now(connection)
        for name in unknown:
            _tell_unknown(connection, now, name)
        if refused:
            suite.raise_alert(
                connection,
                now,
                what="ttyops:refused",
                summary="Some alerts that were sent to /api/v1/alert are refused",
                details=f"The others of their batch were accepted. The first: {refused[0]}",
                daily=True,
            )


def _tell_unknown(connection: Connection, now: datetime, name: str) -> None:
    prefix = "ttyops:service:"
    told = select(func.count()).where(OUTBOX.c.msg_id.like(f"%:suite:{prefix}%:{now:%Y-%m-%d}"))
    if connection.execute(told).scalar_one() >= MOST_NAMES:
        return
    sum_ = hashlib.sha256(match_name(name).encode()).hexdigest()[:16]
    shown = name[:LONGEST_NAME]
    suite.raise_alert(
        connection,
        now,
        what=f"{prefix}{sum_}",
        summary=f"Alerts of a service that is not known are refused: {shown}",
        details=(
            "Somebody sends alerts to /api/v1/alert and nobody is paged for them. "
            f"Make an alert source of the type TTYOPS with the name {shown}, or correct the sender."
        ),
        daily=True,
    )
