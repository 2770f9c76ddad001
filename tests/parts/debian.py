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
from collections.abc import Sequence
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
        _unpack(home, "download", package)
    assert (home / path).exists(), f"{package} has no {path}"
    return home


def root_with_needs(packages: Sequence[str], path: str) -> Path:
    """Returns the folder below which packages lie, with all that they need and the system lacks.

    `path` is that of a file of theirs there; a system that has it is taken to have the rest. Others
    find their libraries with `libraries`.
    """
    if (Path("/") / path).exists():
        return Path("/")
    home = UNPACKED / f"{packages[0]}-with-needs"
    if not home.exists():
        _unpack(home, "install", "--yes", "--no-install-recommends", "--download-only", *packages)
    assert (home / path).exists(), f"{packages[0]} has no {path}"
    return home


def libraries(root: Path) -> str:
    """Returns where the libraries of unpacked packages are, as LD_LIBRARY_PATH has it."""
    found = {file.parent for file in (root / "usr" / "lib").rglob("*.so*")}
    return os.pathsep.join(map(str, sorted(found)))


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


def _unpack(home: Path, *fetch: str) -> None:
    """Fetches packages with a command of apt's, and unpacks them."""
    how = f"install it by hand (apt install {fetch[-1]})"
    assert shutil.which("apt-get"), f"there is no apt to fetch {fetch[-1]} with: {how}"
    UNPACKED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=UNPACKED) as name:
        folder = Path(name)
        cache = _own_cache(folder)
        if _apt(folder, *cache, *fetch) is not None:  # with the lists that the system has
            lists = _own_lists(folder)
            for arguments in (("update",), fetch):
                failure = _apt(folder, *cache, *lists, *arguments)
                assert failure is None, f"{failure}\n\n{fetch[-1]} cannot be fetched: {how}"
        for archive in folder.rglob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", archive, folder / "unpacked"], check=True)
        if not home.exists():  # or another run was faster
            (folder / "unpacked").rename(home)


def _own_cache(folder: Path) -> tuple[str, ...]:
    """Returns what lets apt keep what it fetches in a folder of ours, without the system's lock."""
    (folder / "cache/archives/partial").mkdir(parents=True)
    return "-o", f"Dir::Cache={folder}/cache", "-o", "Debug::NoLocking=1"


def _own_lists(folder: Path) -> tuple[str, ...]:
    """Returns what lets apt keep its lists of packages in a folder of ours."""
    (folder / "lists/partial").mkdir(parents=True)
    return "-o", f"Dir::State::lists={folder}/lists"


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
