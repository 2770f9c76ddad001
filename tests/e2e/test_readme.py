"""Every command that the README shows works as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.notification.config import Config
from tests.parts.suite import ROOT, Suite, running_suite
from tests.parts.waiting import until

README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
#: Where the commands are that the README shows, `tocsin` among them.
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_shell_commands_work_in_their_order(tmp_path: Path) -> None:
    with running_suite(tmp_path) as suite:
        (tmp_path / ".data").symlink_to(tmp_path / "data")
        assert len(SHELL) >= 4
        for number, block in enumerate(SHELL):
            if number == 1:
                until(lambda: _listed(suite), within=15)  # a reader is slower than the pipeline
            script = block.replace("curl -sS", "curl -sS --fail-with-body")
            result = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=tmp_path,
                env={"PATH": PATH, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}", "HOME": str(tmp_path)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert result.returncode == 0, f"{block}\n{result.stdout}\n{result.stderr}"


def test_the_python_works(
    suite: Suite, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_INTEGRATION_KEY", suite.integration_key)
    for block in PYTHON:
        code = block.replace("127.0.0.1:8080", suite.address)
        exec(compile(code, "README.md", "exec"), {})
    assert "ACCEPTED" in capsys.readouterr().out


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z-]+)`", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_variable_that_is_named_is_read() -> None:
    source = "".join(path.read_text() for path in (ROOT / "services" / "cli").rglob("*.py"))
    named = set(re.findall(r"^\| (`TOCSIN_[^|]*) \|", README, re.MULTILINE))
    for variable in re.findall(r"`(TOCSIN_[A-Z_]+)`", " ".join(named)):
        word = variable.removeprefix("TOCSIN_")
        field = word.removeprefix("NOTIFICATION_").lower()
        told_to_one = field != word.lower() and field in Config.model_fields
        assert told_to_one or any(
            each in source for each in (variable, f'"{word}"', word.lower())
        ), variable


def _listed(suite: Suite) -> bool:
    with suite.client() as client:
        return bool(client.get("/api/alerts").json())
