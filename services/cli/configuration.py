"""The commands `tocsin export` and `tocsin apply`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import Token, Url

if TYPE_CHECKING:
    import grpc.aio

    from services.cli.client.target import Target


class Format(StrEnum):
    """How a document is written."""

    YAML = "yaml"
    JSON = "json"


def export(
    *,
    format_: Annotated[Format, typer.Option("--format", help="yaml or json.")] = Format.YAML,
    file: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write it to this file.")
    ] = "",
    url: Url = "",
    token: Token = "",
) -> None:
    """Print what is configured as one document: people, contacts, teams, schedules and so on.

    What it says can be changed and applied again. Tokens and keys are not in it.
    """
    from services.cli.client import configuration
    from services.cli.client.calling import run
    from services.cli.client.target import Target

    as_json = format_ is Format.JSON
    run(
        lambda: Target.find(url, token),
        lambda target, channel: configuration.export(target, channel, as_json=as_json, file=file),
    )


def apply(
    file: Annotated[str, typer.Argument(help="The document, YAML or JSON; - for standard input.")],
    *,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Only show what would change; exit with 2 if anything would."
        ),
    ] = False,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Remove what is not named, of the kinds of which any are."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = "",
    token: Token = "",
) -> None:
    """Make what is configured what a document says, and show the difference first.

    Everything is changed, or nothing. What the document does not name stays, unless --prune is
    said. Exits with 0 when done, 1 when refused and, of a dry run, 2 when something would change.
    """
    from services.cli.client import configuration, documents
    from services.cli.client.calling import run
    from services.cli.client.target import Target

    async def work(target: "Target", channel: "grpc.aio.Channel") -> None:
        document = documents.read(file)
        applying = configuration.Applying(target, channel, document, prune=prune)
        shown = await applying.show()
        if not dry_run:
            await applying.make(shown, certain=yes)
        elif shown.changes:
            raise typer.Exit(configuration.DIFFERS)

    run(lambda: Target.find(url, token), work)
