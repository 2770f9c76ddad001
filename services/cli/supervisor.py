"""Keeps child processes running: starts them in order, starts those that die again, ends them.

It knows nothing of what they are. Every child is the leader of a session of its own, so that
Ctrl-C in a terminal reaches this process only, and ends when this process is killed.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")
LONGEST_LINE_BYTES = 8 * 1024 * 1024
POLL_SECONDS = 0.05
START_SECONDS = 60.0
END_SECONDS = 45.0
#: A child that dies so often before it was ever ready will not get better by itself.
MOST_STILLBIRTHS = 3

#: Told of every line a child writes: the child's name, "stdout" or "stderr", the line.
Listener = Callable[[str, str, bytes], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a child runs, and how one can tell that it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: Callable[[], Awaitable[bool]]
    needs: Collection[str] = ()  # those that must be ready before this one is started
    drain: Callable[[], Awaitable[None]] | None = None  # lets calls finish before SIGTERM


class NeverReady(Exception):
    """A child died again and again, or took too long, before it was ever ready."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class BackOff:
    """How long to wait before a child that died is started again."""

    FIRST_SECONDS = 0.25
    LONGEST_SECONDS = 15.0
    FORGIVEN_AFTER_SECONDS = 30.0

    def __init__(self) -> None:
        self._next = self.FIRST_SECONDS

    def after(self, lived: float) -> float:
        """Returns the seconds to wait after a life of that many seconds."""
        if lived >= self.FORGIVEN_AFTER_SECONDS:
            self._next = self.FIRST_SECONDS
        pause = self._next
        self._next = min(2 * pause, self.LONGEST_SECONDS)
        return pause


class _Child:
    """One program, through all its lives."""

    def __init__(self, program: Program, listen: Listener, say: Say) -> None:
        self.program = program
        self.settled = asyncio.Event()  # it was ready once, or will never be
        self.given_up = False
        self.ready = False
        self._listen = listen
        self._say = say
        self._ending = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Starts the program and returns once it is ready."""
        if not self._ending.is_set():
            self._keeping = asyncio.create_task(self._keep())
            await self.settled.wait()
        if self.given_up:
            raise NeverReady(self.program.name)

    async def end(self) -> None:
        """Lets the program finish what it does, and ends it."""
        self._ending.set()
        if self._keeping is None:
            return
        try:
            async with asyncio.timeout(END_SECONDS):
                if self.program.drain is not None and self.ready:
                    await self.program.drain()
                self.signal(signal.SIGTERM)
                await asyncio.shield(self._keeping)
        except TimeoutError:
            self._say(f"{self.program.name} does not end: it is killed")
            self.signal(signal.SIGKILL)
            await self._keeping

    def signal(self, signum: signal.Signals) -> None:
        """Sends a signal, if there is anybody to send it to; it will not be started again."""
        self._ending.set()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signum)

    async def _keep(self) -> None:
        back_off = BackOff()
        stillbirths = 0
        while True:
            started = time.monotonic()
            end = await self._live()
            if self._ending.is_set():
                return
            stillbirths += not self.settled.is_set()
            if stillbirths == MOST_STILLBIRTHS:
                self.given_up = True
                self.settled.set()
                return
            pause = back_off.after(time.monotonic() - started)
            self._say(f"{self.program.name} {end}: it is started again in {pause:g} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), pause)
                return

    async def _live(self) -> str:
        """Runs the program once and returns how it ended."""
        try:
            process = await _spawn(self.program)
        except OSError as error:
            return f"could not be started ({error.strerror})"
        self._process = process
        if self._ending.is_set():  # meanwhile
            process.terminate()
        watching = asyncio.create_task(self._watch())
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            await asyncio.gather(
                process.wait(),
                self._read("stdout", process.stdout),
                self._read("stderr", process.stderr),
            )
        finally:
            watching.cancel()
            self._process = None
            self.ready = False
        return _end(process.returncode or 0)

    async def _watch(self) -> None:
        while not await self.program.ready():  # noqa: ASYNC110 # it tells nobody
            await asyncio.sleep(POLL_SECONDS)
        self.ready = True
        if self.settled.is_set():
            self._say(f"{self.program.name} is ready again")
        self.settled.set()

    async def _read(self, stream: str, reader: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:
                line = b"(a line that was too long)\n"
            if not line:
                return
            self._listen(self.program.name, stream, line)


class Supervisor:
    """All children of this process."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        ending: Sequence[Collection[str]],
        listen: Listener,
        say: Say,
    ) -> None:
        """Takes the programs, and the order in which they end: groups of names."""
        self._children = {each.name: _Child(each, listen, say) for each in programs}
        self._ending = ending

    async def start(self) -> None:
        """Starts all programs, those together that can be, and returns when all are ready.

        Raises NeverReady for the first that gets nowhere.
        """
        begins = [asyncio.create_task(self._begin(child)) for child in self._children.values()]
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.gather(*begins)
        except TimeoutError:
            raise NeverReady(self._slowest()) from None
        finally:
            for task in begins:
                task.cancel()
            await asyncio.gather(*begins, return_exceptions=True)

    async def stop(self) -> None:
        """Ends all programs in their order."""
        for names in self._ending:
            await asyncio.gather(*(self._children[name].end() for name in names))

    def kill(self) -> None:
        """Ends all programs at once."""
        for child in self._children.values():
            child.signal(signal.SIGKILL)

    async def _begin(self, child: _Child) -> None:
        for needed in (self._children[name] for name in child.program.needs):
            await needed.settled.wait()
            if needed.given_up:
                return  # its own start fails, which is failure enough
        await child.begin()

    def _slowest(self) -> str:
        return next(name for name, child in self._children.items() if not child.settled.is_set())


async def _spawn(program: Program) -> asyncio.subprocess.Process:
    launch = (sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()))
    return await asyncio.create_subprocess_exec(
        *launch,
        *program.command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE_BYTES,
        env=dict(program.environment),
        start_new_session=True,
    )


def _end(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
