"""Answers LintService."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.patience import Patience
from services.chassis.principal import caller
from services.chassis.teams import sees
from services.escalation.domain.checks import within
from services.escalation.domain.findings import Finding, worst_first
from services.escalation.linting import calendars, others, reach
from services.escalation.linting.outlook import Outlook, outlook
from services.escalation.peers import Ways
from services.escalation.sources import SOURCE
from services.escalation.store import tokens
from tocsin.escalation.v1 import lint_service_pb2 as pb
from tocsin.escalation.v1 import lint_service_pb2_grpc as rpc
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

USUAL_DAYS, MOST_DAYS = 90, 366
MOST_TIMES = 20
MOST_SECONDS = 5  # of looking; a hundred schedules with turns of a day take two for a year
NO_CONTACTS = "Notification did not answer: whether everybody can be told, and links lead somewhere"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in what is at rest here."""

    outlook: Outlook
    responders: dict[int, str]
    findings: list[Finding]


class LintServicer(rpc.LintServiceServicer):
    """The gRPC face of what would go wrong at night."""

    def __init__(self, database: Database, clock: Clock, ways: Ways) -> None:
        self._database = database
        self._clock = clock
        self._ways = ways

    async def Lint(self, request: pb.LintRequest, context: Context) -> pb.LintResponse:
        """See the proto."""
        days = within(
            request.days if request.HasField("days") else USUAL_DAYS, 1, MOST_DAYS, "days"
        )
        with Patience(MOST_SECONDS) as patience:
            looked = await self._database.read_slowly(
                _look, self._clock, timedelta(days=days), patience
            )
        told = await self._ways.of(looked.responders)
        found = list(looked.findings)
        if told is not None:
            found += others.unreachable(looked.outlook, looked.responders, told)
            found += others.unused(looked.outlook, looked.responders, told)
            found += others.loopback(told)
        unchecked = [*looked.outlook.unchecked, *[NO_CONTACTS] * (told is None)]
        return pb.LintResponse(findings=map(_told, worst_first(found)), unchecked=unchecked)


def _look(connection: Connection, clock: Clock, ahead: timedelta, patience: Patience) -> Looked:
    now = clock.now(connection)
    known = outlook(connection, caller(), now, now + ahead, patience)
    sources = [
        source
        for source in facts.every(connection, SOURCE, AlertSource)
        if sees(caller(), [team.id for team in source.teams])
    ]
    found = [*reach.findings(known, sources), *calendars.findings(known)]
    if not caller().team:  # tokens are nobody's in particular
        found += others.makers(connection, tokens.working(connection, now))
    return Looked(known, dict(known.responders()), found)


def _told(finding: Finding) -> pb.Finding:
    first = islice(finding.times, MOST_TIMES)
    return pb.Finding(
        severity=finding.severity.name,
        check=finding.check.name,
        kind=finding.place.kind,
        id=finding.place.id,
        name=finding.place.name,
        field=finding.place.field,
        message=finding.message,
        advice=finding.advice,
        times=[pb.Finding.Span(start=start, end=end) for start, end in first],
        times_count=len(finding.times),
        timezone=finding.timezone,
    )
