"""What `tocsin export` and `tocsin apply` do."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import grpc.aio
import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Value
from rich.text import Text

from services.cli.client import documents, showing
from services.cli.client.calling import Refused
from services.cli.client.target import BadUsage, Target
from services.cli.text import visible
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.configuration.v1.configuration_service_pb2 import (
    ApplyConfigurationRequest,
    ApplyConfigurationResponse,
    Change,
    ExportConfigurationRequest,
    FieldChange,
)
from tocsin.configuration.v1.configuration_service_pb2_grpc import ConfigurationServiceStub

#: What a dry run ends with when something would change.
DIFFERS = 2
SECONDS = 130.0  # as long as the edge allows, and a little
SIGNS = {Change.CREATE: ("+", "green"), Change.UPDATE: ("~", "yellow"), Change.DELETE: ("-", "red")}


async def export(target: Target, channel: grpc.aio.Channel, *, as_json: bool, file: str) -> None:
    """Writes the configuration to a file, or prints it."""
    told = await ConfigurationServiceStub(channel).ExportConfiguration(
        ExportConfigurationRequest(), metadata=target.metadata, timeout=SECONDS
    )
    text = documents.to_json(told) if as_json else documents.to_yaml(told)
    if file:
        documents.write(file, text)
    else:
        sys.stdout.write(text)


class Applying:
    """One document on its way to one Tocsin."""

    def __init__(
        self, target: Target, channel: grpc.aio.Channel, document: Configuration, *, prune: bool
    ) -> None:
        self._stub = ConfigurationServiceStub(channel)
        self._metadata = target.metadata
        self._document = document
        self._prune = prune

    async def show(self) -> ApplyConfigurationResponse:
        """Prints what would change. Raises Refused with everything that is in the way."""
        reply = await self._call(dry_run=True)
        if reply.problems:
            for problem in reply.problems:
                place = f"{problem.place}: " if problem.place else ""
                typer.echo(visible(f"{place}{problem.message}"), err=True)
            raise Refused("the document cannot be applied; nothing was changed")
        showing.lines([Text("\n").join(_lines(change)) for change in reply.changes])
        if not reply.changes:
            showing.done("nothing would change")
        return reply

    async def make(self, shown: ApplyConfigurationResponse, *, certain: bool) -> None:
        """Makes what was shown, if whoever runs this wants it."""
        if not shown.changes:
            return
        if not certain:
            _ask(len(shown.changes))
        reply = await self._call(dry_run=False, digest=shown.digest)
        showing.done(f"{_records(len(reply.changes))} changed")

    async def _call(self, *, dry_run: bool, digest: str = "") -> ApplyConfigurationResponse:
        request = ApplyConfigurationRequest(
            configuration=self._document, dry_run=dry_run, prune=self._prune, digest=digest
        )
        return await self._stub.ApplyConfiguration(
            request, metadata=self._metadata, timeout=SECONDS
        )


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise BadUsage("nobody is there to confirm this: say --yes, or --dry-run")
    if not typer.confirm(f"Change {_records(count)}?"):
        raise Refused("nothing was changed")


def _records(count: int) -> str:
    return f"{count} record" if count == 1 else f"{count} records"


def _lines(change: Change) -> Iterator[Text]:
    sign, colour = SIGNS[change.action]
    yield Text(visible(f"{sign} {change.section} {change.name}"), style=f"bold {colour}")
    for field in change.fields:
        yield from _field(field)


def _field(change: FieldChange) -> Iterator[Text]:
    before, after = _values(change, "before"), _values(change, "after")
    if len(before) == len(after) == 1:
        yield _line("~", f"{change.field}: {before[0]} → {after[0]}", "yellow")
        return
    for sign, told, colour in (("-", before, "red"), ("+", after, "green")):
        if len(told) == 1:
            yield _line(sign, f"{change.field}: {told[0]}", colour)
        elif told:
            yield _line(sign, f"{change.field}:", colour)
            yield from (_line(sign, f"  {each}", colour) for each in told)


def _line(sign: str, text: str, colour: str) -> Text:
    return Text(visible(f"    {sign} {text}"), style=colour)


def _values(change: FieldChange, side: str) -> Sequence[str]:
    """Returns the lines of what a field was or becomes; none if there was or will be nothing."""
    if not change.HasField(side):
        return ()
    value: Value = getattr(change, side)
    told = documents.lines(_whole(MessageToDict(value)))
    return told.removesuffix("...\n").splitlines()


def _whole(value: Any) -> Any:
    """Returns a value with whole numbers as such: JSON knows no others."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in sorted(value.items())}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return value
