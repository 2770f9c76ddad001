"""The console script `tocsin`."""

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from services.cli import (
    alerts,
    configuration,
    escalations,
    notifications,
    others,
    reaching,
    simulate,
    tokens,
    trying,
    webhooks,
)
from services.cli.settings import CannotStart, Settings

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def tocsin(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.")
    ] = False,
) -> None:
    """Tocsin pages people until somebody accepts."""
    if show_version:
        typer.echo(f"tocsin {_version()}")
        raise typer.Exit


@app.command()
def up(
    *,
    only: Annotated[
        str,
        typer.Option(
            metavar="SERVICES",
            help="Only these, with their bus and edge: escalation,notification pages people for"
            " other programs, without alerts.",
        ),
    ] = "",
) -> None:
    """Start all of Tocsin on this machine, and keep it running.

    TOCSIN_DATA moves the data folder (.data), TOCSIN_HTTP the listening address
    (127.0.0.1:8080); TOCSIN_PUBLIC_URL is what links in messages begin with. TOCSIN_SMTP_URL and
    TOCSIN_SMTP_SENDER say how e-mail leaves, TOCSIN_NTFY_URL where push topics are, and
    TOCSIN_APPRISE_SCHEMES what else people are told through. TOCSIN_VERBOSE=1 shows every line of
    every process.
    """
    from services.cli.parts import chosen
    from services.cli.up import up  # a second, which --help and --version need not

    try:
        up(Settings.from_env(), chosen(only))
    except CannotStart as error:
        typer.echo(f"tocsin: {error}", err=True)
        raise typer.Exit(1) from None


app.command()(others.send)
app.add_typer(alerts.app, name="alerts")
app.add_typer(escalations.app, name="escalations")
app.command()(others.oncall)
app.command()(notifications.notifications)
app.command()(notifications.providers)
app.command()(trying.page_me)
app.command()(simulate.simulate)
app.command()(simulate.lint)
app.add_typer(reaching.contacts, name="contacts")
app.add_typer(reaching.rules, name="rules")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(tokens.app, name="token")
app.command()(tokens.audit)
app.command()(configuration.export)
app.command()(configuration.apply)


def main() -> None:
    """Runs the command."""
    app()


def _version() -> str:
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    main()
