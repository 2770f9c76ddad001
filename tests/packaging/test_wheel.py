"""The distribution tocsin has all that it needs to run."""

import subprocess
from pathlib import Path
from zipfile import ZipFile

from tests.packaging.conftest import BUILD_SECONDS, run

ROOT = Path(__file__).parents[2]
FOLDERS = ("services", "deploy", "gen/tocsin")


def test_the_wheel_has_every_file_of_its_packages(tmp_path: Path) -> None:
    options = ["--no-build-isolation", "--no-deps", "--wheel-dir", str(tmp_path)]
    run("pip", "wheel", *options, str(ROOT), within=BUILD_SECONDS)
    (built,) = tmp_path.iterdir()
    names = set(ZipFile(built).namelist())

    tracked = subprocess.run(
        ["git", "ls-files", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    expected = {name.removeprefix("gen/") for name in tracked.stdout.splitlines()}
    web = {f"services/notification/web/templates/{name}.html" for name in ("base", "message")}
    web |= {f"services/notification/web/static/tocsin.{kind}" for kind in ("css", "js")}
    assert (expected | web) - names == set()
