"""One suite for all the clients; each makes what it needs, as on an account of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.suite import Suite, running_suite


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    folder: Path = tmp_path_factory.mktemp("suite")
    with running_suite(folder) as started:
        yield started
