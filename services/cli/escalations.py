"""The commands `tocsin escalations …`."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from services.cli.options import LARGEST_ID, Json, Token, Url

if TYPE_CHECKING:
    from services.cli.client.escalations import Work

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

RunId: TypeAlias = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="The escalation's id.")
]
RunIds: TypeAlias = Annotated[
    list[int],
    typer.Argument(metavar="ID...", min=1, max=LARGEST_ID, help="The escalations' ids."),
]
States: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--state", help="Only escalations in this state; may be given more than once."),
]
Policies: TypeAlias = Annotated[
    list[int] | None,
    typer.Option(
        "--policy",
        min=1,
        max=LARGEST_ID,
        help="Only along the policy with this id; may be given more than once.",
    ),
]


@app.callback()
def escalations() -> None:
    """Page people about anything, and answer for it."""


@app.command()
def start(
    title: Annotated[str, typer.Argument(help="What to tell, in one line.")],
    *,
    kind: Annotated[str, typer.Option(help="What sort of thing it is about: job, deploy.")],
    subject_id: Annotated[str, typer.Option("--id", help="Identifies the thing in its kind.")],
    policy: Annotated[int, typer.Option(min=0, max=LARGEST_ID, help="The policy's id.")] = 0,
    routing_key: Annotated[str, typer.Option(help="The policy's routing key, instead.")] = "",
    details: Annotated[str, typer.Option(help="More about it; markdown.")] = "",
    priority: Annotated[str, typer.Option(help="HIGH or LOW.")] = "HIGH",
    key: Annotated[
        str,
        typer.Option(help="Names this request: a repeat under the same key starts nothing anew."),
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Have people paged along a policy until somebody takes it."""
    from services.cli.client.reading import word
    from tocsin.escalation.v1.escalation_pb2 import Subject
    from tocsin.escalation.v1.escalation_service_pb2 import StartEscalationRequest

    def wanted() -> StartEscalationRequest:
        return StartEscalationRequest(
            subject=Subject(
                kind=kind,
                id=subject_id,
                title=title,
                details=details,
                priority=Subject.Priority.Name(word(Subject.Priority, priority, "priority")),
            ),
            escalation_policy_id=policy,
            routing_key=routing_key,
            idempotency_key=key,
        )

    _with(lambda each: each.start(wanted()), url, token, as_json=as_json)


@app.command("list")
def list_(
    *,
    kind: Annotated[str, typer.Option(help="Only about subjects of this kind.")] = "",
    state: States = None,
    policy: Policies = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="The most to list.")] = 50,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List the newest escalations."""
    from services.cli.client.reading import run_states

    _with(
        lambda each: each.list(kind, run_states(state), policy or [], limit),
        url,
        token,
        as_json=as_json,
    )


@app.command()
def show(run_id: RunId, *, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """Show all about one escalation."""
    _with(lambda each: each.show(run_id), url, token, as_json=as_json)


@app.command()
def ack(
    ids: RunIds,
    *,
    user: Annotated[
        int, typer.Option(min=0, max=LARGEST_ID, help="The id of who took it, if not you.")
    ] = 0,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Take what escalations are about: nobody else is paged about it."""
    once = list(dict.fromkeys(ids))
    _with(lambda each: each.acknowledge(once, user), url, token, as_json=as_json)


@app.command()
def stop(ids: RunIds, *, url: Url = "", token: Token = "", as_json: Json = False) -> None:
    """Say that nobody is needed any more."""
    once = list(dict.fromkeys(ids))
    _with(lambda each: each.stop(once), url, token, as_json=as_json)


@app.command()
def watch(
    *,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Only about subjects of this kind; may be given more than once."),
    ] = None,
    state: States = None,
    policy: Policies = None,
    since: Annotated[
        str, typer.Option(metavar="TOKEN", help="Go on after the change with this resumeToken.")
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Print every change of an escalation as it happens, until Ctrl-C."""
    from services.cli.client.reading import run_states
    from tocsin.escalation.v1.escalation_pb2 import Escalation
    from tocsin.escalation.v1.escalation_watch_service_pb2 import WatchEscalationsRequest

    def wanted() -> WatchEscalationsRequest:
        return WatchEscalationsRequest(
            resume_token=since,
            kinds=kind,
            states=[Escalation.State.Name(each) for each in run_states(state)],
            policies=policy,
        )

    _with(lambda each: each.watch(wanted()), url, token, as_json=as_json)


def _with(work: "Work", url: str, token: str, *, as_json: bool) -> None:
    from services.cli.client.calling import use
    from services.cli.client.escalations import Escalations

    use(Escalations, work, url, token, as_json=as_json)
