"""The commands `tocsin alerts …`."""

from typing import Annotated

import typer

from services.cli.options import (
    AlertId,
    AlertIds,
    Json,
    Sources,
    States,
    Token,
    Url,
    with_alerts,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def alerts() -> None:
    """See and answer alerts."""


@app.command("list")
def list_(
    *,
    state: States = None,
    source: Sources = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="The most to list.")] = 50,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List the newest alerts."""
    from services.cli.client.reading import states

    with_alerts(
        lambda alerts: alerts.list(states(state), source or [], limit), url, token, as_json=as_json
    )


@app.command()
def show(alert_id: AlertId, *, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """Show all about one alert: what it is, what was said, what happened."""
    with_alerts(lambda alerts: alerts.show(alert_id), url, token, as_json=as_json)


@app.command()
def accept(ids: AlertIds, *, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """Take alerts: nobody else is paged about them."""
    once = list(dict.fromkeys(ids))
    with_alerts(lambda alerts: alerts.accept(once), url, token, as_json=as_json)


@app.command()
def resolve(ids: AlertIds, *, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """Say that alerts are over."""
    once = list(dict.fromkeys(ids))
    with_alerts(lambda alerts: alerts.resolve(once), url, token, as_json=as_json)


@app.command()
def snooze(
    alert_id: AlertId,
    until: Annotated[
        str, typer.Argument(help="For how long (30m, 2h, 1d), or until when (2026-03-29T09:00).")
    ],
    *,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Let a pending alert sleep: it begins anew then."""
    from services.cli.client.reading import moment

    with_alerts(lambda alerts: alerts.snooze(alert_id, moment(until)), url, token, as_json=as_json)


@app.command()
def comment(
    alert_id: AlertId,
    text: Annotated[str, typer.Argument(help="What to say; markdown.")],
    *,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Say something about an alert."""
    with_alerts(lambda alerts: alerts.comment(alert_id, text), url, token, as_json=as_json)


@app.command()
def watch(
    *,
    state: States = None,
    source: Sources = None,
    since: Annotated[
        str, typer.Option(metavar="TOKEN", help="Go on after the change with this resumeToken.")
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Print every change of an alert as it happens, until Ctrl-C."""
    from services.cli.client.reading import states

    with_alerts(
        lambda alerts: alerts.watch(states(state), source or [], since),
        url,
        token,
        as_json=as_json,
    )
