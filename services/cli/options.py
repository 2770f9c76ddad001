"""The options that commands share, and how one that uses a running Tocsin begins.

The commands' own modules are imported when one runs: gRPC takes a while, which --help need not.
"""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from services.cli.client.alerts import Work

LARGEST_ID = 2**31 - 1

Url: TypeAlias = Annotated[
    str, typer.Option(help="Where Tocsin is; else TOCSIN_URL, else the data folder says it.")
]
Token: TypeAlias = Annotated[
    str, typer.Option(help="API token; else TOCSIN_TOKEN, else the data folder says it.")
]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print JSON, in the words of the REST API.")
]
States: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--state", help="Only alerts in this state; may be given more than once."),
]
Sources: TypeAlias = Annotated[
    list[int] | None,
    typer.Option(
        "--source",
        min=1,
        max=LARGEST_ID,
        help="Only alerts of the alert source with this id; may be given more than once.",
    ),
]
AlertId: TypeAlias = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="The alert's id.")
]
AlertIds: TypeAlias = Annotated[
    list[int], typer.Argument(metavar="ID...", min=1, max=LARGEST_ID, help="The alerts' ids.")
]


def with_alerts(work: "Work", url: str, token: str, *, as_json: bool) -> None:
    """Does something with the alerts of the Tocsin that is meant."""
    from services.cli.client.alerts import Alerts
    from services.cli.client.calling import use

    use(Alerts, work, url, token, as_json=as_json)
