"""What a process logs, and that logging never stops it."""

import subprocess
import sys

ROOT = "from services.chassis.telemetry import configure_logging; import logging\n"
RAISES = (
    ROOT
    + """
configure_logging("x")
def handle(token):
    raise RuntimeError("it broke")
try:
    handle("a-" + "secret")
except RuntimeError:
    logging.getLogger("y").exception("a call failed")
import time; time.sleep(0.2)  # the writer is a thread of its own
"""
)
FLOODS = (
    ROOT
    + """
configure_logging("x")
for _ in range(5000):
    logging.getLogger("y").warning("x" * 200)
print("went on", flush=True)
"""
)


def test_a_traceback_holds_no_local_variable() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", RAISES], capture_output=True, text=True, timeout=30, check=True
    )
    assert "it broke" in ended.stderr
    assert '"service": "x"' in ended.stderr
    assert "a-secret" not in ended.stderr


def test_a_reader_that_stands_still_does_not_stop_the_process() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", FLOODS], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"went on\n"  # though nobody reads the other pipe
        process.kill()
