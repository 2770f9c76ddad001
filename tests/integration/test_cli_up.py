"""The supervisor with small children of its own, and `tocsin up` where it must refuse."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.cli.supervisor import NeverReady, Program, Supervisor
from tests.parts.waiting import eventually

PATH = os.pathsep.join(path for path in sys.path if path)
#: Says "up", waits for a signal, says what it does about it.
PATIENT = """
import signal, sys
def end(signum, frame):
    print("ended by", signal.Signals(signum).name)
    sys.exit()
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGINT, end)
print("up", flush=True)
while True:
    signal.pause()
"""
#: A supervisor of one child in a process of its own.
KEEPER = """
import asyncio, sys
from services.cli.supervisor import Program, Supervisor
async def ready():
    return True
def heard(name, stream, line):
    print(line.decode(), end="", flush=True)
async def keep():
    command = [sys.executable, "-uc", sys.argv[1]]
    child = Program(name="child", command=command, environment={}, ready=ready)
    await Supervisor([child], ending=[["child"]], listen=heard, say=print).start()
    await asyncio.Event().wait()
asyncio.run(keep())
"""


@dataclass(slots=True)
class House:
    """A supervisor, and what was heard."""

    supervisor: Supervisor
    lines: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def pids(self, name: str) -> list[int]:
        """The process ids of a child's lives; its lines begin with them."""
        found = [int(line.split()[0]) for who, line in self.lines if who == name]
        return list(dict.fromkeys(found))


@asynccontextmanager
async def house(*programs: Program, ending: list[list[str]] | None = None) -> AsyncIterator[House]:
    def heard(name: str, stream: str, line: bytes) -> None:
        opened.lines.append((name, line.decode().rstrip()))

    supervisor = Supervisor(
        programs,
        ending=ending or [[each.name for each in programs]],
        listen=heard,
        say=lambda text: opened.said.append(text),
    )
    opened = House(supervisor)
    try:
        yield opened
    finally:
        await supervisor.stop()


def program(name: str, code: str, *, needs: tuple[str, ...] = ()) -> Program:
    """A child that is ready once it has said anything."""
    numbered = (
        f"import functools, os; print = functools.partial(print, os.getpid(), flush=True)\n{code}"
    )
    return Program(
        name=name,
        command=[sys.executable, "-c", numbered],
        environment=dict(os.environ),
        ready=_at_once,
        needs=needs,
    )


async def _at_once() -> bool:
    return True


async def test_a_child_that_dies_is_started_again() -> None:
    async with house(program("child", PATIENT)) as kept:
        await kept.supervisor.start()
        (first,) = await eventually(lambda: kept.pids("child"))

        os.kill(first, signal.SIGKILL)

        await eventually(lambda: len(kept.pids("child")) == 2)
        assert kept.said[0] == "child was killed by SIGKILL: it is started again in 0.25 s"
        await eventually(lambda: "child is ready again" in kept.said)


async def test_children_end_in_their_order_and_are_not_started_again() -> None:
    programs = [program(name, PATIENT) for name in ("first", "second", "third")]
    async with house(*programs, ending=[["second"], ["third", "first"]]) as kept:
        await kept.supervisor.start()
        await eventually(lambda: len(kept.lines) == 3)

        await kept.supervisor.stop()

        ends = [name for name, line in kept.lines if line.endswith("ended by SIGTERM")]
        assert ends[0] == "second"
        assert sorted(ends) == ["first", "second", "third"]
        assert kept.said == []


async def test_a_child_waits_for_those_that_it_needs() -> None:
    gate = asyncio.Event()

    async def opened() -> bool:
        await gate.wait()
        return True

    slow = program("slow", PATIENT)
    slow = Program(name="slow", command=slow.command, environment=slow.environment, ready=opened)
    async with house(program("needy", PATIENT, needs=("slow",)), slow) as kept:
        starting = asyncio.create_task(kept.supervisor.start())
        await eventually(lambda: kept.pids("slow"))
        assert not kept.pids("needy")

        gate.set()
        await starting

        await eventually(lambda: kept.pids("needy"))


async def test_a_child_that_keeps_dying_at_the_start_is_given_up() -> None:
    async def never() -> bool:
        return False

    code = "print('no'); raise SystemExit(3)"
    dying = program("dying", code)
    dying = Program(name="dying", command=dying.command, environment=dying.environment, ready=never)
    async with house(dying, program("well", PATIENT, needs=("dying",))) as kept:
        with pytest.raises(NeverReady, match="dying"):
            await kept.supervisor.start()

    assert len(kept.pids("dying")) == 3
    assert not kept.pids("well")


async def test_a_child_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cli.supervisor.END_SECONDS", 0.2)
    stubborn = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    code = f"{stubborn}print('up')\nwhile True: signal.pause()"
    async with house(program("child", code)) as kept:
        await kept.supervisor.start()
        (pid,) = await eventually(lambda: kept.pids("child"))

        await kept.supervisor.stop()

        assert kept.said == ["child does not end: it is killed"]
        assert not alive(pid)


async def test_a_program_that_is_missing_says_so() -> None:
    async def never() -> bool:
        return False

    missing = Program(name="gone", command=["/no/such/program"], environment={}, ready=never)
    async with house(missing) as kept:
        with pytest.raises(NeverReady):
            await kept.supervisor.start()

        said = ("gone", "cannot start /no/such/program: No such file or directory")
        assert said in kept.lines


async def test_children_end_with_a_supervisor_that_was_killed() -> None:
    code = "import os, signal; print(os.getpid()); signal.pause()"
    keeper = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        KEEPER,
        code,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": PATH},
    )
    assert keeper.stdout is not None
    child = int(await keeper.stdout.readline())
    assert alive(child)

    keeper.kill()
    await keeper.communicate()

    await eventually(lambda: not alive(child))


def refusals(tmp_path: Path, busy_port: int) -> dict[str, tuple[dict[str, str], str]]:
    (tmp_path / "file").touch()
    return {
        "port": ({"TOCSIN_HTTP": f"127.0.0.1:{busy_port}"}, "set TOCSIN_HTTP"),
        "address": ({"TOCSIN_HTTP": "everywhere"}, "TOCSIN_HTTP is 'everywhere'"),
        "data": ({"TOCSIN_DATA": str(tmp_path / "file" / "data")}, "set TOCSIN_DATA"),
        "nats-server": ({"TOCSIN_NATS_SERVER": "/no/such"}, "TOCSIN_NATS_SERVER is"),
        "envoy": ({"TOCSIN_ENVOY": "/no/such"}, "TOCSIN_ENVOY is"),
    }


@pytest.mark.parametrize("what", ["port", "address", "data", "nats-server", "envoy"])
async def test_what_is_missing_is_said_in_one_sentence(what: str, tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        environment, advice = refusals(tmp_path, busy.getsockname()[1])[what]
        data = {"TOCSIN_DATA": str(tmp_path / "data"), "TOCSIN_HTTP": "127.0.0.1:0"}
        refused = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.cli",
            "up",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": PATH, **data, **environment},
        )
        output, error = await refused.communicate()

    assert refused.returncode == 1
    assert output == b""
    (line,) = error.decode().splitlines()
    assert line.startswith("tocsin: ")
    assert advice in line


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return _state(pid) != "Z"  # it may wait for whoever inherits it


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
