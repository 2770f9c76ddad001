"""Debian's Chromium, without a window."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.parts.debian import libraries, root_with_needs

#: With letters to show: a browser without any draws nothing.
PACKAGES = ("chromium", "fonts-dejavu-core")
PROGRAM = "usr/lib/chromium/chromium"
OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")  # root has no sandbox


@contextmanager
def chromium(*options: str) -> Iterator[Browser]:
    """Runs a browser until the block ends."""
    root = root_with_needs(PACKAGES, PROGRAM)
    environment: dict[str, str | float | bool] = {**os.environ}
    if root != Path("/"):
        environment["LD_LIBRARY_PATH"] = libraries(root)
        environment["XDG_DATA_HOME"] = str(root / "usr" / "share")  # where its letters are
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=root / PROGRAM, args=[*OPTIONS, *options], env=environment
        )
        try:
            yield browser
        finally:
            browser.close()
