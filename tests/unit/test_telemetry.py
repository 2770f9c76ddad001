"""What a process logs, and that logging never stops it."""

import subprocess
import sys

BEGIN = """
import logging
from services.chassis.telemetry import configure_logging
configure_logging("x")
log = logging.getLogger("y")
"""
RAISES = """
def handle(token):
    raise RuntimeError("it broke")
try:
    handle("a-" + "secret")
except RuntimeError:
    log.exception("a call failed")
"""
ENDS = """
for number in range(1000):
    log.warning("line %s", number)
log.warning("%d is no number", "this")
log.warning("the last line")
"""
IS_ASKED = """
from structlog.contextvars import bind_contextvars
bind_contextvars(request_id="r-1")
log.warning("it failed")
"""
FLOODS = """
for _ in range(5000):
    log.warning("x" * 200)
print("went on", flush=True)
"""


def test_a_traceback_holds_no_local_variable() -> None:
    told = logged(RAISES)

    assert "it broke" in told
    assert '"service": "x"' in told
    assert "a-secret" not in told


def test_what_was_logged_last_is_written_before_the_end() -> None:
    lines = [line for line in logged(ENDS).splitlines() if line.startswith("{")]

    assert len(lines) == 1001
    assert "line 0" in lines[0]
    assert "the last line" in lines[-1]


def test_a_line_names_the_request_that_it_is_about() -> None:
    assert '"request_id": "r-1"' in logged(IS_ASKED)


def test_a_reader_that_stands_still_does_not_stop_the_process() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + FLOODS], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"went on\n"  # though nobody reads the other pipe
        try:
            assert process.wait(timeout=30) == 0  # and though it is still full
        finally:
            process.kill()


def logged(code: str) -> str:
    """Returns what a process that runs this writes to its standard error."""
    ended = subprocess.run(
        [sys.executable, "-c", BEGIN + code], capture_output=True, text=True, timeout=30, check=True
    )
    return ended.stderr
