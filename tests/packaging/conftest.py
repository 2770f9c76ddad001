"""Environments that have the stubs, what they need, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
STUBS = HERE.parents[1] / "gen"
BUILD_SECONDS = 120.0
INSTALL_SECONDS = 300.0


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
    """The Python of such an environment, once for each protobuf that is supported."""
    return _environment(tmp_path, wheel, request.param)


@pytest.fixture(scope="module")
def scheduling(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of such an environment."""
    return _environment(tmp_path_factory.mktemp("scheduling"), wheel, "protobuf7.lock")


def _environment(tmp_path: Path, wheel: Path, lock_file: str) -> Path:
    run("venv", "--without-pip", str(tmp_path / "venv"), within=BUILD_SECONDS)
    python = tmp_path / "venv" / "bin" / "python"
    pip = ["pip", "--python", str(python)]
    lock = ["--require-hashes", "-r", str(HERE / lock_file)]
    run(*pip, "install", *lock, within=INSTALL_SECONDS)
    run(*pip, "install", "--no-index", "--no-deps", str(wheel), within=BUILD_SECONDS)
    run(*pip, "check", within=BUILD_SECONDS)
    return python


def run(module: str, *arguments: str, within: float) -> None:
    """Runs one of Python's own tools; pytest shows what it says if it fails."""
    subprocess.run([sys.executable, "-m", module, *arguments], check=True, timeout=within)
