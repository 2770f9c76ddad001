"""The services of ttyops: sources of its type, found by their names."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import suite, teams
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.principal import caller
from services.ingest.domain.integrations import TTYOPS
from services.ingest.domain.sources import Source, match_name
from services.ingest.store import sources

#: Unknown names that are told in a day: whoever sends more has one fault, not many.
MOST_NAMES = 20
LONGEST_NAME = 100
SUM_LENGTH = 16
REFUSED = ""  # no service has this name


class Services:
    """Which services there are, and what is told of those that there are not."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._day = clock.wall().date()
        self._told: set[str] = set()  # what this process has told today

    async def all(self) -> list[Source]:
        """Returns the services that the caller sees, oldest first."""
        found = await self._database.read(sources.of_type, TTYOPS)
        return [source for source in found if teams.sees(caller(), source.team_ids)]

    async def by_name(self) -> Mapping[str, Source]:
        """Returns the services by their names as compared; of several, the oldest."""
        return {match_name(source.name): source for source in reversed(await self.all())}

    async def tell(self, unknown: Iterable[str], refused: Sequence[str]) -> None:
        """Tells the people who run Tocsin of services that are not known, and of other refusals.

        Of each once a day, and no more than `MOST_NAMES` names.
        """
        today = self._clock.wall().date()
        if today != self._day:
            self._day, self._told = today, set()
        fresh = {match_name(name): name for name in unknown}
        names = [name for key, name in fresh.items() if key not in self._told]
        names = names[: MOST_NAMES - len(self._told - {REFUSED})]
        reasons = () if REFUSED in self._told else refused
        telling = {match_name(name) for name in names} | ({REFUSED} if reasons else set())
        if not telling:
            return
        self._told |= telling  # before anybody else looks, or they would tell of them, too
        try:
            await self._database.write(self._tell, names, reasons)
        except Unavailable:
            self._told -= telling
            raise

    def _tell(self, connection: Connection, unknown: Sequence[str], refused: Sequence[str]) -> None:
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
    sum_ = hashlib.sha256(match_name(name).encode()).hexdigest()[:SUM_LENGTH]
    shown = name[:LONGEST_NAME]
    suite.raise_alert(
        connection,
        now,
        what=f"ttyops:service:{sum_}",
        summary=f"Alerts of a service that is not known are refused: {shown}",
        details=(
            "Somebody sends alerts to /api/v1/alert and nobody is paged for them. "
            f"Make an alert source of the type TTYOPS with the name {shown}, or correct the sender."
        ),
        daily=True,
    )
