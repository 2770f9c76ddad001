"""The command `tocsin page-me`."""

from typing import Annotated

import typer

from services.cli.options import Json, Token, Url


def page_me(
    *,
    priority: Annotated[str, typer.Option(help="By which of your rules: HIGH or LOW.")] = "HIGH",
    wait: Annotated[
        bool, typer.Option("--wait", help="Look on until somebody answers, or an hour is over.")
    ] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Page yourself as a test, by your own rules, and show how each way goes."""
    from services.cli.client import reading
    from services.cli.client.calling import run
    from services.cli.client.target import Target
    from services.cli.client.trying import Trial
    from tocsin.escalation.v1.escalation_pb2 import Subject
    from tocsin.escalation.v1.escalation_service_pb2 import TestPage

    def page() -> TestPage:
        said = reading.word(Subject.Priority, priority, "priority")
        return TestPage(priority=Subject.Priority.Name(said))

    run(
        lambda: Target.find(url, token),
        lambda target, channel: Trial(target, channel, as_json=as_json).send(page(), wait=wait),
    )
