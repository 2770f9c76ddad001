"""`tocsin up`: the embedded suite, from its first sign of life to the end of its drain."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.chassis.clock import Clock
from services.cli import commands, first_start, output
from services.cli.folder import Folder, data_folder
from services.cli.output import Output
from services.cli.parts import INGEST, SERVICES
from services.cli.settings import CannotStart, Settings
from services.cli.suite import ENVOY, NATS, Suite
from services.cli.supervisor import NeverReady, Supervisor
from services.cli.terminal import Message, Terminal, message, unsigned

READERS = {NATS: output.of_nats, ENVOY: output.of_envoy}


def up(settings: Settings, services: Sequence[str] = SERVICES) -> None:
    """Runs the suite, or some of it, until this process is told to stop. Raises CannotStart."""
    started = time.monotonic()
    with data_folder(settings.data) as folder, _files_are_writable():
        bound = settings.with_free_port()
        console = output.Console(sys.stdout)
        readers = READERS | dict.fromkeys(services, output.of_service)
        said = Output(console, folder.file("logs"), readers, verbose=settings.verbose)
        try:
            asyncio.run(_Run(bound, folder, said, services).until_stopped(started))
        finally:
            console.close()
            said.close()


class _Run:
    """One run of the suite."""

    def __init__(
        self, settings: Settings, folder: Folder, said: Output, services: Sequence[str]
    ) -> None:
        self._services = services
        self._settings = settings
        self._folder = folder
        self._said = said
        self._stop = asyncio.Event()
        self._supervisor: Supervisor | None = None
        self._credentials: Mapping[str, str] | None = folder.read_credentials()
        self._terminal = Terminal(
            said.show,
            now=Clock(settings.clock_offset_file).wall,
            accept=self._accept,
            colours=said.colours,
        )

    async def until_stopped(self, started: float) -> None:
        """Starts everything, serves, and ends everything when told to."""
        with _signals_to(self._told_to_stop):
            bootstrap = first_start.bootstrap(self._folder)
            suite = Suite(
                self._settings, self._folder, bootstrap=bootstrap, services=self._services
            )
            self._supervisor = supervisor = Supervisor(
                suite.programs(), ending=suite.ending, listen=self._heard, say=self._said.say
            )
            try:
                await _unless(self._stop, self._open(supervisor, started))
                await self._stop.wait()
            except NeverReady as error:
                raise CannotStart(self._why(error.name)) from None
            finally:
                self._terminal.close()
                await supervisor.stop()
                await suite.close()
        self._said.say("everything has ended")

    def _told_to_stop(self) -> None:
        if self._stop.is_set() and self._supervisor is not None:
            self._supervisor.kill()  # told twice: at once
        self._stop.set()

    async def _open(self, supervisor: Supervisor, started: float) -> None:
        self._said.say(f"starting; data and logs are in {self._folder.path}")
        await supervisor.start()
        url = self._settings.local_url
        ingests = INGEST in self._services
        self._credentials = await first_start.credentials(
            self._folder, self._settings.local_address, url, ingests=ingests
        )
        took = time.monotonic() - started
        self._said.say(f"up at {url} after {took:.1f} s; Ctrl-C ends it, the data stays")
        greet = greeting if ingests else greeting_without_alerts
        self._said.show(greet(self._credentials, self._folder.credentials))

    def _heard(self, name: str, stream: str, line: bytes) -> None:
        told = None
        if name == "notification" and stream == "stdout":
            told = message(line.decode("utf-8", "replace"))
        if told is not None:
            line = unsigned(told, line)
        self._said.child_said(name, line, show=told is None)
        if told is not None:
            self._terminal.tell(told)

    def _accept(self, told: Message) -> str | None:
        if self._credentials is None or not (told.is_alert or told.escalation_id):
            return None
        credentials, file = self._credentials, self._folder.credentials
        if told.is_alert:
            return commands.accept_later(credentials, told.subject_id, file)
        return commands.acknowledge_later(credentials, told.escalation_id, file)

    def _why(self, name: str) -> str:
        return (
            f"{name} does not start: mend what its last lines say and start again\n"
            f"{self._said.last_words(name)}"
        )


@contextmanager
def _files_are_writable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.filename is None:  # it is not about a file
            raise
        raise CannotStart(
            f"cannot write {error.filename} ({error.strerror}): make room or make it yours, or set"
            " TOCSIN_DATA to another folder"
        ) from None


def greeting(credentials: Mapping[str, str], path: Path) -> str:
    """Returns what to try first, ready to paste."""
    tries = {
        "raise an alert: it is paged here, and again at level 2 after 20 s": (
            commands.raise_alert(credentials)
        ),
        "list the alerts": commands.list_alerts(credentials),
        "accept the alert (its id in the list instead of 1): nobody else is paged": (
            commands.accept(credentials, "1")
        ),
        "resolve it": commands.resolve(credentials, "1"),
    }
    return _greeting(tries, credentials["URL"], path)


def greeting_without_alerts(credentials: Mapping[str, str], path: Path) -> str:
    """Returns what to try first where there are no alerts, ready to paste."""
    tries = {
        "have somebody paged: here, and again at level 2 after 20 s": commands.start(credentials),
        "list the escalations": commands.list_runs(credentials),
        "acknowledge it (its id in the list instead of 1): nobody else is paged": (
            commands.acknowledge(credentials, 1)
        ),
        "or say that nobody is needed any more": commands.stop(credentials, 1),
    }
    return _greeting(tries, credentials["URL"], path)


def _greeting(tries: Mapping[str, str], url: str, path: Path) -> str:
    blocks = "".join(f"\n# {what}\n{command}\n" for what, command in tries.items())
    look = f"To look at it in a browser, sign in with the same token: {url}/"
    return f"{blocks}\n{look}\nThe same credentials, for scripts to source: {path}\n"


@contextmanager
def _signals_to(told: Callable[[], None]) -> Iterator[None]:
    """Calls the function at every signal to end."""
    loop = asyncio.get_running_loop()
    signums = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # it is under nohup
        signums.append(signal.SIGHUP)
    for signum in signums:
        loop.add_signal_handler(signum, told)
    try:
        yield
    finally:
        for signum in signums:
            loop.remove_signal_handler(signum)


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Does the work, unless and until the event is set."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        working.result()
    working.cancel()
    await asyncio.wait({working})
