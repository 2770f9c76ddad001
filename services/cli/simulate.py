"""The commands `tocsin simulate` and `tocsin lint`."""

from datetime import datetime
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
    compare: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Instead, show what this document does otherwise than what is configured; or,"
            " with FILE2, what that one does otherwise than this.",
        ),
    ] = "",
    from_: Annotated[
        str, typer.Option("--from", help="With --compare: from when on; else from now on.")
    ] = "",
    until: Annotated[str, typer.Option(help="With --compare: until when; else 7 days later.")] = "",
    prune: Annotated[
        bool, typer.Option(help="With --compare: what a document does not name is gone.")
    ] = False,
    zone: Annotated[
        str, typer.Option(help="Time zone to read and print times in; else this machine's.")
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Show who would be paged, when, why and through what. Nobody is."""
    from services.cli.client import comparison, reading, simulation
    from services.cli.client.calling import run
    from services.cli.client.target import BadUsage, Target

    def when(text: str) -> datetime | None:
        return reading.moment(text, reading.zone_of(zone)) if text else None

    def wanted() -> simulation.Wanted:
        if from_ or until or prune:
            raise BadUsage("--from, --until and --prune go with --compare; see --at")
        return simulation.Wanted(
            policy=policy,
            routing_key=routing_key,
            source=source,
            priority=priority,
            at=when(at),
            accept_after=reading.period(accept_after) if accept_after else None,
            by=by,
            zone=reading.zone_of(zone),
        )

    def compared() -> comparison.Wanted:
        files = [file for file in (compare, policy) if file]
        return comparison.Wanted(
            files=files,
            start=when(from_),
            end=when(until),
            prune=prune,
            zone=reading.zone_of(zone),
        )

    run(
        lambda: Target.find(url, token),
        lambda target, channel: (
            comparison.compare(target, channel, compared(), as_json=as_json)
            if compare
            else simulation.simulate(target, channel, wanted(), as_json=as_json)
        ),
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
