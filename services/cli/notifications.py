"""The commands `tocsin notifications` and `tocsin providers`."""

from services.cli.options import AlertId, Json, Token, Url


def notifications(
    alert_id: AlertId, *, url: Url = "", token: Token = "", as_json: Json = False
) -> None:
    """Show who was told of an alert, by which way, and how that went."""
    from services.cli.client import notifications as work
    from services.cli.client.calling import run
    from services.cli.client.target import Target

    run(
        lambda: Target.find(url, token),
        lambda target, channel: work.of_alert(target, channel, alert_id, as_json=as_json),
    )


def providers(*, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """Show what carries messages to people, what waits for it, and whether it works."""
    from services.cli.client import notifications as work
    from services.cli.client.calling import run
    from services.cli.client.target import Target

    run(
        lambda: Target.find(url, token),
        lambda target, channel: work.providers(target, channel, as_json=as_json),
    )
