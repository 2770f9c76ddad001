"""The distribution tocsin-stubs works where nothing else of Tocsin is."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.parts.suite import Suite, running_suite

HERE = Path(__file__).parent
STUBS = HERE.parents[1] / "gen"
BUILD_SECONDS = 120.0
INSTALL_SECONDS = 300.0
CALL_SECONDS = 60.0


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A suite for the stubs to call."""
    with running_suite(tmp_path_factory.mktemp("suite")) as started:
        yield started


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution, built once."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-build-isolation", "--no-deps", "--wheel-dir", str(folder)]
    run("pip", "wheel", *options, str(STUBS), within=BUILD_SECONDS)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(params=["protobuf6.lock", "protobuf7.lock"])
def stranger(request: pytest.FixtureRequest, wheel: Path, tmp_path: Path) -> Path:
    """The Python of an environment that has the stubs, what they need, and nothing else."""
    run("venv", "--without-pip", str(tmp_path / "venv"), within=BUILD_SECONDS)
    python = tmp_path / "venv" / "bin" / "python"
    pip = ["pip", "--python", str(python)]
    lock = ["--require-hashes", "-r", str(HERE / request.param)]
    run(*pip, "install", *lock, within=INSTALL_SECONDS)
    run(*pip, "install", "--no-index", "--no-deps", str(wheel), within=BUILD_SECONDS)
    run(*pip, "check", within=BUILD_SECONDS)
    return python


def test_the_wheel_is_typed(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())

    assert "tocsin/py.typed" in names
    assert {f"{name}i" for name in names if name.endswith(".py")} <= names


@pytest.mark.timeout(2 * INSTALL_SECONDS)
async def test_the_stubs_alone_can_raise_and_accept_an_alert(
    stranger: Path, suite: Suite, tmp_path: Path
) -> None:
    environment = {
        "TOCSIN_ADDRESS": suite.address,
        "TOCSIN_TOKEN": suite.token,
        "TOCSIN_INTEGRATION_KEY": suite.integration_key,
    }

    client = await asyncio.create_subprocess_exec(
        stranger,
        "-I",  # neither this repository nor the folder of the script is on the path
        HERE / "client.py",
        cwd=tmp_path,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await asyncio.wait_for(client.communicate(), CALL_SECONDS)

    assert output == b"ACCEPTED\n"
    assert client.returncode == 0


def run(module: str, *arguments: str, within: float) -> None:
    """Runs one of Python's own tools; pytest shows what it says if it fails."""
    subprocess.run([sys.executable, "-m", module, *arguments], check=True, timeout=within)
