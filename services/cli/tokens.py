"""The commands `tocsin token …` and `tocsin audit`."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from services.cli.options import LARGEST_ID, Json, Token, Url

if TYPE_CHECKING:
    from services.cli.client.tokens import Work

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

TokenId: TypeAlias = Annotated[
    str, typer.Argument(metavar="ID", help="The public part of the token, as `list` shows it.")
]


@app.callback()
def tokens() -> None:
    """Make, list, rotate and revoke API tokens."""


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    *,
    scope: Annotated[
        list[str],
        typer.Option(help="What it may do, like alerts:read; may be given more than once."),
    ],
    user: Annotated[
        int, typer.Option(min=0, max=LARGEST_ID, help="The person it acts for; else nobody.")
    ] = 0,
    team: Annotated[
        int, typer.Option(min=0, max=LARGEST_ID, help="The team that it is bound to; else none.")
    ] = 0,
    expires: Annotated[
        str, typer.Option(help="In how long (30d), or when (2027-03-29) it ends; else never.")
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Make a token. It is shown once, now."""
    from services.cli.client.reading import moment

    _with_tokens(
        lambda each: each.create(
            name, scope, user=user, team=team, expires=moment(expires) if expires else None
        ),
        url,
        token,
        as_json=as_json,
    )


@app.command("list")
def list_(*, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """List the tokens that work, without their secrets."""
    _with_tokens(lambda each: each.list(), url, token, as_json=as_json)


@app.command()
def rotate(
    token_id: TokenId,
    *,
    overlap: Annotated[
        int, typer.Option(min=0, max=604_800, help="Seconds for which the old secret works.")
    ] = 3600,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Give a token a new secret. It is shown once, now; the old one works for the overlap."""
    _with_tokens(lambda each: each.rotate(token_id, overlap), url, token, as_json=as_json)


@app.command()
def revoke(token_id: TokenId, *, url: Url = "", token: Token = "") -> None:
    """Make a token useless, for good."""
    _with_tokens(lambda each: each.revoke(token_id), url, token, as_json=False)


@app.command()
def recover() -> None:
    """Write a fresh admin token to the data folder's credentials.env, when all are lost.

    Who may write to the data folder (TOCSIN_DATA, else .data) may do this, while Tocsin runs
    or not. It leaves an entry in the audit.
    """
    from services.cli.recover import recover as write_one
    from services.cli.settings import CannotStart, Settings

    try:
        token_id, works = write_one(Settings.from_env().data)
    except CannotStart as error:
        typer.echo(f"tocsin: {error}", err=True)
        raise typer.Exit(1) from None
    when = "works now" if works else "works from the next `tocsin up` on"
    typer.echo(f"token {token_id} is in credentials.env and {when}")


def audit(
    *,
    actor: Annotated[str, typer.Option(help="Only what this token, source or service did.")] = "",
    user: Annotated[
        int, typer.Option(min=0, max=LARGEST_ID, help="Only what this person did.")
    ] = 0,
    action: Annotated[
        str, typer.Option(help="Only this action (alert.accept), or this kind of them (alert.).")
    ] = "",
    target: Annotated[str, typer.Option(help="Only what was done to this, like alert:7.")] = "",
    since: Annotated[str, typer.Option(help="Only from this time on (2026-03-29T09:00).")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The most to list.")] = 50,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List who changed what, newest first, over all services."""
    from services.cli.client import audit as client
    from services.cli.client.calling import run
    from services.cli.client.reading import moment
    from services.cli.client.target import Target

    def wanted() -> client.Wanted:
        start = moment(since) if since else None
        return client.Wanted(actor, user, action, target, start, limit)

    run(
        lambda: Target.find(url, token),
        lambda found, channel: client.show(found, channel, wanted(), as_json=as_json),
    )


def _with_tokens(work: "Work", url: str, token: str, *, as_json: bool) -> None:
    from services.cli.client.calling import use
    from services.cli.client.tokens import Tokens

    use(Tokens, work, url, token, as_json=as_json)
