"""The commands `tocsin webhooks …`."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from services.cli.options import LARGEST_ID, Json, Token, Url

if TYPE_CHECKING:
    from services.cli.client.webhooks import Work

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

WebhookId: TypeAlias = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="Which, as `list` shows it.")
]


@app.callback()
def webhooks() -> None:
    """Make webhooks and see what became of the events they were told of."""


@app.command("list")
def list_(*, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """List the webhooks, and how they take what they are told."""
    _with_webhooks(lambda each: each.list(), url, token, as_json=as_json)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    target: Annotated[str, typer.Argument(help="Where it is, as an http or https URL.")],
    *,
    event: Annotated[
        list[str] | None,
        typer.Option(
            help="What it is told of, like alert.created, alert.* or *; may be given more than"
            " once. Without it, policies alone call it."
        ),
    ] = None,
    team: Annotated[
        list[int] | None,
        typer.Option(min=1, max=LARGEST_ID, help="A team that it belongs to; else everybody's."),
    ] = None,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Make a webhook. Its secret is shown once, now."""
    _with_webhooks(
        lambda each: each.create(name, target, event or [], team or []),
        url,
        token,
        as_json=as_json,
    )


@app.command()
def rotate(
    webhook_id: WebhookId,
    *,
    overlap: Annotated[
        int, typer.Option(min=0, max=604_800, help="Seconds for which the old secret signs, too.")
    ] = 3600,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Give a webhook a new secret. It is shown once, now; the old one signs for the overlap."""
    _with_webhooks(lambda each: each.rotate(webhook_id, overlap), url, token, as_json=as_json)


@app.command()
def deliveries(
    webhook_id: WebhookId,
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(help="Only those that are PENDING, SENT or FAILED; may be repeated."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="The most to list.")] = 50,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List the events that a webhook was told of, or will be, newest first."""
    _with_webhooks(
        lambda each: each.deliveries(webhook_id, state or [], limit), url, token, as_json=as_json
    )


@app.command()
def ping(webhook_id: WebhookId, *, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """Send a webhook a signed test, and tell what became of it."""
    _with_webhooks(lambda each: each.ping(webhook_id), url, token, as_json=as_json)


def _with_webhooks(work: "Work", url: str, token: str, *, as_json: bool) -> None:
    from services.cli.client.calling import use
    from services.cli.client.webhooks import Webhooks

    use(Webhooks, work, url, token, as_json=as_json)
