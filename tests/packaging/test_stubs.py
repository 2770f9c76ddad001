"""The distribution tocsin-stubs works where nothing else of Tocsin is."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.packaging.conftest import INSTALL_SECONDS
from tests.parts.suite import Suite, running_suite

HERE = Path(__file__).parent
CALL_SECONDS = 60.0


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A suite for the stubs to call."""
    with running_suite(tmp_path_factory.mktemp("suite")) as started:
        yield started


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
