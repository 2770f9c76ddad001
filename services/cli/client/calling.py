"""Runs a command's calls, and turns whatever goes wrong into one line and an exit code."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, Protocol, TypeVar

import grpc
import grpc.aio
import typer

from services.cli.client.target import BadUsage, Target
from services.cli.text import visible

REFUSED, USAGE, AWAY = 1, 2, 3
SECONDS = 10.0

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Client(Protocol[T_co]):
    """Makes what knows how to use one part of a Tocsin."""

    def __call__(self, target: Target, channel: grpc.aio.Channel, *, as_json: bool) -> T_co:
        """Makes it; `as_json` is how it shows what it finds."""


class Refused(Exception):
    """Something of what was asked for was not done; the message says what."""


def run(
    find: Callable[[], Target],
    work: Callable[[Target, grpc.aio.Channel], Coroutine[Any, Any, None]],
) -> None:
    """Does a command's work; ends the process when it fails."""
    url = ""
    try:
        target = find()
        url = target.url
        asyncio.run(_with_channel(target, work))
    except BadUsage as error:
        fail(str(error), USAGE)
    except Refused as error:
        fail(str(error), REFUSED)
    except grpc.aio.AioRpcError as error:
        fail(*explained(error, url))
    except UnicodeError:
        fail("what was typed is not UTF-8", USAGE)
    except BrokenPipeError:  # whoever read has what they wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(128 + signal.SIGINT) from None


def use(
    client: Client[T],
    work: Callable[[T], Coroutine[Any, Any, None]],
    url: str,
    token: str,
    *,
    as_json: bool,
) -> None:
    """Does a command's work with a client of the Tocsin that is meant, like `run`."""
    run(
        lambda: Target.find(url, token),
        lambda target, channel: work(client(target, channel, as_json=as_json)),
    )


def fail(message: str, code: int) -> NoReturn:
    """Says in one line what is wrong, and ends the process."""
    typer.echo(f"tocsin: {visible(' '.join(message.split()))}", err=True)
    raise typer.Exit(code) from None


def explained(error: grpc.aio.AioRpcError, url: str) -> tuple[str, int]:
    """Returns what to say about a call that failed, and the exit code."""
    told = error.details() or error.code().name
    match error.code():
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return f"{url} does not answer: {told}", AWAY
        case grpc.StatusCode.UNIMPLEMENTED | grpc.StatusCode.CANCELLED:
            return f"{url} is no Tocsin that can do this: {told}", AWAY
        case grpc.StatusCode.UNAVAILABLE:
            return f"cannot reach Tocsin at {url}: {told}", AWAY
    return told, REFUSED


async def _with_channel(
    target: Target, work: Callable[[Target, grpc.aio.Channel], Coroutine[Any, Any, None]]
) -> None:
    async with target.open() as channel:
        await work(target, channel)
