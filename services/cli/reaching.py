"""The commands `tocsin contacts …` and `tocsin rules …`."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from services.cli.options import LARGEST_ID, Json, Token, Url

if TYPE_CHECKING:
    from services.cli.client.reaching import Work

contacts = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
rules = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Person: TypeAlias = Annotated[
    str,
    typer.Option(
        "--user", help="Whose: an id, an e-mail address or its local part; else the token's person."
    ),
]
ContactId: TypeAlias = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="The contact's id.")
]


@contacts.callback()
def _contacts() -> None:
    """List, add, verify and remove the ways to reach somebody."""


@contacts.command("list")
def list_contacts(
    *, user: Person = "", url: Url = "", token: Token = "", as_json: Json = False
) -> None:
    """List somebody's contacts."""
    _with_reach(lambda each: each.list_contacts(), user, url, token, as_json=as_json)


@contacts.command("add")
def add_contact(
    kind: Annotated[
        str,
        typer.Argument(help="EMAIL, PHONE, PUSH, TELEGRAM, SLACK, WEBHOOK, APPRISE or TERMINAL."),
    ],
    target: Annotated[
        str, typer.Argument(help="Where it leads: an address, a number, a topic, a URL.")
    ] = "",
    *,
    name: Annotated[str, typer.Option(help="What they call it.")] = "",
    region: Annotated[
        str, typer.Option(help="Whose national spelling a number has, like DE.")
    ] = "",
    user: Person = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Add a contact; where it has to be verified, a code is sent there."""
    _with_reach(
        lambda each: each.add_contact(kind, target, name, region),
        user,
        url,
        token,
        as_json=as_json,
    )


@contacts.command()
def verify(
    contact_id: ContactId,
    code: Annotated[str, typer.Argument(help="The code that came; without it, one is sent.")] = "",
    *,
    user: Person = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Say the code that was sent to a contact, or have one sent."""
    _with_reach(lambda each: each.verify(contact_id, code), user, url, token, as_json=as_json)


@contacts.command("remove")
def remove_contact(
    contact_id: ContactId, *, user: Person = "", url: Url = "", token: Token = ""
) -> None:
    """Remove a contact, and the rules that name it."""
    _with_reach(lambda each: each.remove_contact(contact_id), user, url, token, as_json=False)


@rules.callback()
def _rules() -> None:
    """List, add and remove the rules by which somebody is told of alerts."""


@rules.command("list")
def list_rules(
    *, user: Person = "", url: Url = "", token: Token = "", as_json: Json = False
) -> None:
    """List the rules by which somebody is told of alerts, in the order in which they act."""
    _with_reach(lambda each: each.list_rules(), user, url, token, as_json=as_json)


@rules.command("add")
def add_rule(
    method: Annotated[
        str, typer.Argument(help="By what: EMAIL, SMS, VOICE, PUSH, TELEGRAM, SLACK and so on.")
    ],
    *,
    contact: Annotated[
        int, typer.Option(min=0, max=LARGEST_ID, help="To this contact; else to all that it fits.")
    ] = 0,
    delay: Annotated[
        int, typer.Option(min=0, max=120, help="After this many minutes without an answer.")
    ] = 0,
    priority: Annotated[str, typer.Option(help="Of which alerts: HIGH or LOW.")] = "HIGH",
    user: Person = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Add a rule by which somebody is told of alerts."""
    _with_reach(
        lambda each: each.add_rule(method, contact, delay, priority),
        user,
        url,
        token,
        as_json=as_json,
    )


@rules.command("remove")
def remove_rule(
    rule_id: Annotated[
        int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="The rule's id.")
    ],
    *,
    user: Person = "",
    url: Url = "",
    token: Token = "",
) -> None:
    """Remove a rule."""
    _with_reach(lambda each: each.remove_rule(rule_id), user, url, token, as_json=False)


def _with_reach(work: "Work", user: str, url: str, token: str, *, as_json: bool) -> None:
    from services.cli.client.calling import run
    from services.cli.client.reaching import Reach
    from services.cli.client.target import Target

    run(
        lambda: Target.find(url, token),
        lambda target, channel: work(Reach(target, channel, user, as_json=as_json)),
    )
