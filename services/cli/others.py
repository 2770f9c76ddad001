"""The commands `tocsin send` and `tocsin oncall`."""

from typing import Annotated

import typer

from services.cli.options import LARGEST_ID, Json, Token, Url


def send(
    summary: Annotated[str, typer.Argument(help="What happened, in one line.")] = "",
    *,
    key: Annotated[
        str,
        typer.Option(
            help="Integration key of the alert source; else TOCSIN_INTEGRATION_KEY, else the data"
            " folder says it."
        ),
    ] = "",
    type_: Annotated[
        str, typer.Option("--type", help="ALERT, ACCEPT, RESOLVE or COMMENT.")
    ] = "ALERT",
    alert_key: Annotated[
        str, typer.Option(help="Names the alert, so that later events find it.")
    ] = "",
    details: Annotated[str, typer.Option(help="More about it; markdown.")] = "",
    priority: Annotated[str, typer.Option(help="HIGH or LOW; else the source decides.")] = "",
    severity: Annotated[
        int | None, typer.Option(min=1, max=5, help="How bad it is, 1 is worst.")
    ] = None,
    comment: Annotated[
        list[str] | None, typer.Option(help="Say this about it; may be given more than once.")
    ] = None,
    routing_key: Annotated[str, typer.Option(help="Routing keys of policies, a,b,c.")] = "",
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Send an event, as a monitoring tool would: it raises, accepts or resolves an alert."""
    from services.cli.client import others, reading
    from services.cli.client.calling import run
    from services.cli.client.target import Target
    from tocsin.ingest.v1.event_pb2 import Event, EventComment

    def event() -> Event:
        return Event(
            event_type=Event.Type.Name(reading.word(Event.Type, type_, "type of event")),
            summary=summary,
            alert_key=alert_key,
            details=details,
            priority=Event.Priority.Name(reading.word(Event.Priority, priority, "priority"))
            if priority
            else None,
            severity=severity,
            comments=[EventComment(content=content) for content in comment or ()],
            routing_key=routing_key,
        )

    run(
        lambda: Target.find(url, integration_key=key),
        lambda target, channel: others.send(target, channel, event(), as_json=as_json),
    )


Ids = Annotated[
    list[int] | None,
    typer.Option(min=1, max=LARGEST_ID, help="Only with this id; may be given more than once."),
]


def oncall(
    *,
    policy: Ids = None,
    schedule: Ids = None,
    user: Ids = None,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Show who would be paged now, by policy and level."""
    from services.cli.client import others
    from services.cli.client.calling import run
    from services.cli.client.target import Target
    from tocsin.escalation.v1.on_call_service_pb2 import ListOnCallsRequest

    wanted = ListOnCallsRequest(policies=policy, schedules=schedule, users=user)
    run(
        lambda: Target.find(url, token),
        lambda target, channel: others.on_call(target, channel, wanted, as_json=as_json),
    )
