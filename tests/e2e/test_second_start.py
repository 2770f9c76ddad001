"""What `make run` keeps from one start to the next, and what it says when it cannot start."""

import os
import secrets
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.suite import ROOT, Suite, environment, running_suite
from tests.parts.waiting import until


def test_a_second_start_still_has_the_alert(tmp_path: Path) -> None:
    word = f"kept {secrets.token_hex(4)}"
    with running_suite(tmp_path) as suite:
        assert suite.send("ALERT", word).status_code == 202
        until(lambda: _has(suite, word), within=15)
        first = suite.credentials
        children = [suite.pid_of(child) for child in ("nats", "ingest", "envoy")]
        assert suite.stop() == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)

        suite.start()

        assert suite.credentials == first
        assert _has(suite, word)
        mode = (tmp_path / "data" / "credentials.env").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_no_secret_is_in_a_log_or_in_a_database(tmp_path: Path) -> None:
    with running_suite(tmp_path) as suite:
        suite.send("ALERT", "a secret keeper")
        with suite.client() as client:
            client.get(f"/api/alerts?token={suite.token}")
        secrets_ = (suite.token.split("_")[2].encode(), suite.integration_key.encode())
        suite.stop()
        data = tmp_path / "data"
        files = [path for path in data.rglob("*") if path.is_file()]
        assert len(files) > 10
        for path in files:
            if path.name != "credentials.env":
                content = path.read_bytes()
                assert not any(secret in content for secret in secrets_), path


def _has(suite: Suite, word: str) -> bool:
    with suite.client() as client:
        return word in client.get("/api/alerts").text


def _up(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", "up"],
        cwd=ROOT,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _one_sentence(result: subprocess.CompletedProcess[str], *words: str) -> None:
    said = result.stdout + result.stderr
    assert result.returncode == 1, said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) <= 2, said
    for word in words:
        assert word in said


def test_a_busy_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = _up(tmp_path, TOCSIN_HTTP=f"127.0.0.1:{port}")
    _one_sentence(said, port, "TOCSIN_HTTP")


def test_a_missing_binary_is_told_in_one_sentence(tmp_path: Path) -> None:
    for name in ("TOCSIN_ENVOY", "TOCSIN_NATS_SERVER"):
        _one_sentence(_up(tmp_path, **{name: "/nowhere/at-all"}), "/nowhere/at-all", name)


def test_a_data_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    _one_sentence(_up(tmp_path, TOCSIN_DATA=str(tmp_path / "file" / "data")), "TOCSIN_DATA")


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:99999"])
def test_a_bad_address_is_told_in_one_sentence(tmp_path: Path, address: str) -> None:
    _one_sentence(_up(tmp_path, TOCSIN_HTTP=address), "TOCSIN_HTTP")


def test_a_second_suite_on_the_same_data_is_told_in_one_sentence(suite: Suite) -> None:
    env = {**suite.environment, "TOCSIN_HTTP": "127.0.0.1:0"}
    result = subprocess.run(
        [sys.executable, "-m", "services.cli", "up"],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    _one_sentence(result, suite.environment["TOCSIN_DATA"])
