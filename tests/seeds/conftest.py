"""A suite of its own, as the documents' samples find it: fresh, with one source and one person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.suite import Suite, running_suite


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    folder: Path = tmp_path_factory.mktemp("suite")
    with running_suite(folder) as started:
        yield started
