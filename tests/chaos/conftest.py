"""A suite of its own for what kills its parts."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.parts.suite import Suite, running_suite
from tests.parts.webhook import WebhookSink, webhook_sink


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    folder: Path = tmp_path_factory.mktemp("suite")
    with running_suite(folder) as started:
        yield started


@pytest.fixture
async def webhook() -> AsyncIterator[WebhookSink]:
    async with webhook_sink() as sink:
        yield sink
