"""The commands `tocsin simulate` and `tocsin lint`."""

from typing import Annotated

import typer

from services.cli.options import LARGEST_ID, Json, Token, Url


def simulate(
    policy: Annotated[str, typer.Argument(help="The escalation policy: its id, or its name.")] = "",
    *,
    at: Annotated[
        str, typer.Option(help="When it begins: a time, or in how long (2h); else now.")
    ] = "",
    priority: Annotated[str, typer.Option(help="HIGH or LOW; else HIGH.")] = "",
    routing_key: Annotated[
        str, typer.Option(help="The policy that this routing key leads to.")
    ] = "",
    source: Annotated[
        int,
        typer.Option(min=0, max=LARGEST_ID, help="The policy of the alert source with this id."),
    ] = 0,
    accept_after: Annotated[
        str, typer.Option(help="Somebody accepts so long after the beginning (10m).")
    ] = "",
    by: Annotated[
        int, typer.Option(min=0, max=LARGEST_ID, help="The person who accepts, by id.")
    ] = 0,
    zone: Annotated[
        str, typer.Option(help="Time zone to read and print times in; else this machine's.")
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Show who would be paged, when, why and through what. Nobody is."""
    from services.cli.client import reading, simulation
    from services.cli.client.calling import run
    from services.cli.client.target import Target

    def wanted() -> simulation.Wanted:
        clock = reading.zone_of(zone)
        return simulation.Wanted(
            policy=policy,
            routing_key=routing_key,
            source=source,
            priority=priority,
            at=reading.moment(at, clock) if at else None,
            accept_after=reading.period(accept_after) if accept_after else None,
            by=by,
            zone=clock,
        )

    run(
        lambda: Target.find(url, token),
        lambda target, channel: simulation.simulate(target, channel, wanted(), as_json=as_json),
    )


def lint(
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days ahead to look.")] = 90,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Look for what would go wrong at night: gaps, people who cannot be told, and the like.

    Ends with 0 if nothing is wrong, with 4 if there are warnings, and with 5 if there are errors.
    """
    from services.cli.client import findings
    from services.cli.client.calling import run
    from services.cli.client.target import Target

    run(
        lambda: Target.find(url, token),
        lambda target, channel: findings.lint(target, channel, days, as_json=as_json),
    )
