"""What of the children's lines is shown, and how; what is kept."""

import json
import os
from pathlib import Path

import pytest

from services.chassis import lines
from services.cli import output
from services.cli.output import Console, Entry, LogFile, Output


def of_service(**told: object) -> Entry:
    return output.of_service(json.dumps(told))


def test_a_line_of_a_service_becomes_short() -> None:
    entry = of_service(
        event="NATS is away",
        tries=3,
        level="warning",
        logger="services.chassis.bus",
        timestamp="2026-03-29T01:30:00Z",
        service="ingest",
    )

    assert str(entry) == "WARNING NATS is away tries=3"


def test_a_failure_of_a_service_is_named() -> None:
    exception = [{"exc_type": "ValueError", "exc_value": "no", "frames": []}]

    entry = of_service(event="it failed", level="error", exception=exception)

    assert str(entry) == "ERROR it failed (ValueError: no)"


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        (of_service(event="ready", level="info"), False),
        (of_service(event="slow", level="warning"), True),
        (of_service(event="bad", level="error"), True),
        (of_service(event="worse", level="critical"), True),
        (output.of_service("Traceback (most recent call last):"), True),
        (output.of_service("42"), True),
        (output.of_nats("[7] 2026/11/22 04:46:20.5 [INF] Server is ready"), False),
        (output.of_nats("[7] 2026/11/22 04:46:20.5 [INF]"), False),
        (output.of_nats("[7] 2026/11/22 04:46:20.5 [WRN] slow consumer"), True),
        (output.of_nats("[7] 2026/11/22 04:46:20.5 [WRN] Plaintext passwords detected, x"), False),
        (output.of_nats("[7] 2026/11/22 04:46:20.5 [FTL] no"), True),
        (output.of_nats("nats-server: no such option"), True),
        (output.of_envoy('{"rpc":"tocsin.ingest.v1.EventService/PostEvent"}'), False),
        (output.of_envoy("[2026-11-22 04:46:20.5][7][info][main] [source/a.cc:1] hello"), False),
        (output.of_envoy("[2026-11-22 04:46:20.5][7][critical][main] [source/a.cc:1] no"), True),
        (output.of_envoy("[2026-11-22 04:46:20.5][7][warning][main] caught ENVOY_SIGTERM"), False),
    ],
)
def test_what_matters_is_shown(entry: Entry, *, shown: bool) -> None:
    assert entry.shown(verbose=False) is shown
    assert entry.shown(verbose=True)


def test_envoys_source_files_are_left_out() -> None:
    entry = output.of_envoy("[2026-11-22 04:46:20.5][7][error][main] [source/a.cc:1] no")

    assert str(entry) == "ERROR no"


def test_a_child_is_kept_whole_and_shown_in_part(tmp_path: Path) -> None:
    with (tmp_path / "screen").open("w", encoding="ascii") as screen:
        console = Console(screen)
        said = Output(console, tmp_path, {"ingest": output.of_service}, verbose=False)

        said.child_said("ingest", b'{"event": "ready", "level": "info"}\n')
        said.child_said("ingest", b'{"event": "slow \\u001b[2J", "level": "warning"}\n')
        said.child_said("ingest", b'{"event": "a page", "level": "warning"}\n', show=False)
        said.say("two\nlines, \u7dd1")
        said.close()
        console.close()

    assert (tmp_path / "screen").read_text().splitlines() == [
        r"ingest       | WARNING slow \x1b[2J",
        "tocsin       | two",
        r"tocsin       | lines, \u7dd1",
    ]
    assert len((tmp_path / "ingest.log").read_bytes().splitlines()) == 3
    assert "WARNING a page" in said.last_words("ingest")
    assert str(tmp_path / "ingest.log") in said.last_words("ingest")


def test_the_log_of_the_last_run_is_kept(tmp_path: Path) -> None:
    for run in (b"1\n", b"2\n", b"3\n"):
        log = LogFile(tmp_path / "nats.log")
        log.write(run)
        log.close()

    assert (tmp_path / "nats.log").read_bytes() == b"3\n"
    assert (tmp_path / "nats.log.1").read_bytes() == b"2\n"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_log_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "LARGEST_LOG_BYTES", 10)
    log = LogFile(tmp_path / "nats.log")
    for number in range(100):
        log.write(f"line {number}\n".encode())
    log.close()

    assert (tmp_path / "nats.log").stat().st_size <= 20
    assert (tmp_path / "nats.log.1").stat().st_size <= 20


def test_a_terminal_that_takes_nothing_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FLUSH_SECONDS", 0.05)
    unread, full = os.pipe()
    with os.fdopen(full, "w") as screen:
        console = Console(screen)

        for _ in range(2 * lines.MOST_WAITING):
            console.print("x" * 100)
        console.close()

        os.close(unread)  # the thread goes on, and ends
        monkeypatch.undo()
        console.close()
