"""What `tocsin lint` does: prints what is wrong, the worst first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import grpc.aio
import typer
from rich.text import Text

from services.cli.client import showing
from services.cli.client.target import Target
from services.cli.client.timeline import moment
from services.cli.text import visible
from tocsin.escalation.v1.lint_service_pb2 import Finding, LintRequest, LintResponse
from tocsin.escalation.v1.lint_service_pb2_grpc import LintServiceStub

SECONDS = 30.0
#: Exit codes: apart from those of a command that fails.
WARNED, WRONG = 4, 5
MOST_TIMES = 3
COLOURS = {Finding.ERROR: "bold red", Finding.WARNING: "yellow", Finding.INFO: "dim"}
WORDS = {Finding.ERROR: "error", Finding.WARNING: "warning", Finding.INFO: "note"}


async def lint(target: Target, channel: grpc.aio.Channel, days: int, *, as_json: bool) -> None:
    """Prints what is wrong. Raises typer.Exit with the code that says how bad it is."""
    reply = await LintServiceStub(channel).Lint(
        LintRequest(days=days), metadata=target.metadata, timeout=SECONDS
    )
    if as_json:
        showing.document(reply)
    else:
        showing.lines(lines(reply, days))
    worst = max((finding.severity for finding in reply.findings), default=Finding.INFO)
    if worst >= Finding.WARNING:
        raise typer.Exit(WRONG if worst >= Finding.ERROR else WARNED)


def lines(reply: LintResponse, days: int) -> Iterator[Text]:
    """Yields what a person reads."""
    for finding in reply.findings:
        yield from _finding(finding)
    for each in reply.unchecked:
        yield Text(f"not checked: {visible(each)}", style="yellow")
    counts = Counter(finding.severity for finding in reply.findings)
    told = [
        f"{counts[severity]} {word}{'s' * (counts[severity] > 1)}"
        for severity, word in WORDS.items()
        if counts[severity]
    ]
    yield Text(f"{', '.join(told) or 'nothing is wrong'} in the next {days} days", style="bold")


def _finding(finding: Finding) -> Iterator[Text]:
    known = finding.severity in Finding.Severity.values()
    severity = Finding.Severity.Name(finding.severity) if known else str(finding.severity)
    where = visible(" ".join(filter(None, (finding.kind, finding.id))))
    called = f" ({visible(finding.name)})" if finding.name else ""
    place = f" {visible(finding.field)}" if finding.field else ""
    yield Text.assemble(
        (f"{severity:<8} ", COLOURS.get(finding.severity, "")), (f"{where}{called}{place}", "bold")
    )
    yield Text(f"         {visible(finding.message)}")
    for line in _times(finding):
        yield Text(f"           {line}", style="dim")
    yield Text(f"         {visible(finding.advice)}", style="dim")


def _times(finding: Finding) -> Sequence[str]:
    zone = ZoneInfo(finding.timezone) if finding.timezone else None
    shown = [
        " to ".join(f"{moment(end).astimezone(zone):%a %Y-%m-%d %H:%M %Z}" for end in ends)
        for ends in ((span.start, span.end) for span in finding.times[:MOST_TIMES])
    ]
    more = finding.times_count - len(shown)
    return [*shown, f"and {more} more"] if more > 0 else shown
