"""Programs of Debian packages, for tests that need a tool as its users have it.

One that the system has is taken. Otherwise the package is fetched with apt, which checks its
signature, and unpacked, not installed, into the environment that the tests run in: no rights are
needed for it, and the next run finds it there.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UNPACKED = Path(sys.prefix) / "debian"
APT_SECONDS = 300
#: Root would hand the fetching to a user who may not write where the tests do.
AS_ROOT = ("-o", "APT::Sandbox::User=root")


def root_of(package: str, path: str) -> Path:
    """Returns the folder below which a package lies; `path` is that of one of its files there."""
    if (Path("/") / path).exists():
        return Path("/")
    home = UNPACKED / package
    if not home.exists():
        _unpack(package, home)
    assert (home / path).exists(), f"{package} has no {path}"
    return home


def relocated(program: Path, share: str) -> Path:
    """Returns a copy of a program that looks for its files where it is started.

    `share` is the folder that the program itself would look into, which only root could fill: it
    makes way for a name of the current folder that is as long.
    """
    copy = program.with_name(f"{program.name}.relocated")
    if not copy.exists():
        here = "." + "/" * (len(share) - 1)
        code = program.read_bytes()
        assert share.encode() in code, f"{program} does not look into {share}"
        fresh = program.with_name(f"{program.name}.{os.getpid()}")
        fresh.write_bytes(code.replace(share.encode(), here.encode()))
        fresh.chmod(0o755)
        fresh.rename(copy)
    return copy


def _unpack(package: str, home: Path) -> None:
    assert shutil.which("apt-get"), f"there is no apt to fetch {package} with: install it by hand"
    UNPACKED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=UNPACKED) as name:
        folder = Path(name)
        if _apt(folder, "download", package) is not None:  # with the lists that the system has
            lists = _own_lists(folder)
            for arguments in (("update",), ("download", package)):
                failure = _apt(folder, *lists, *arguments)
                assert failure is None, failure
        (archive,) = folder.glob("*.deb")
        subprocess.run(["dpkg-deb", "--extract", archive, folder / "unpacked"], check=True)
        if not home.exists():  # or another run was faster
            (folder / "unpacked").rename(home)


def _own_lists(folder: Path) -> tuple[str, ...]:
    """Returns what lets apt keep its lists of packages in a folder of ours."""
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    return "-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"


def _apt(folder: Path, *arguments: str) -> str | None:
    """Runs apt in a folder and returns what it says if it fails."""
    options = AS_ROOT if os.geteuid() == 0 else ()
    done = subprocess.run(
        ["apt-get", *options, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=APT_SECONDS,
        check=False,
    )
    return done.stdout if done.returncode else None
