"""The data folder: everything that outlives a run. Nobody else on this machine reads it."""

import fcntl
import json
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from services.cli.settings import CannotStart

RECOVERY = "recover-token"
CREDENTIALS = ("URL", "TOKEN", "USER_ID", "POLICY_ID")
#: What there is only once Ingest was started.
OF_INGEST = ("INTEGRATION_KEY", "SOURCE_ID")


@dataclass(frozen=True, slots=True)
class Folder:
    """A data folder that this process has for itself."""

    path: Path

    @property
    def credentials(self) -> Path:
        """What scripts source to use the suite; there once the first start is complete."""
        return self.path / "credentials.env"

    @property
    def progress(self) -> Path:
        """What a first start that was cut off has made so far."""
        return self.path / "first-start.json"

    @property
    def recovery(self) -> Path:
        """Where `tocsin token recover` leaves the hash of a token that Escalation is to make."""
        return self.path / RECOVERY

    def file(self, name: str) -> Path:
        """Returns the path of a file or folder in the folder."""
        return self.path / name

    def read_credentials(self) -> dict[str, str] | None:
        """Returns what credentials.env says, by the names without TOCSIN_; None before."""
        try:
            text = self.credentials.read_text()
        except FileNotFoundError:
            return None
        pairs = (word.split("=", 1) for word in shlex.split(text, comments=True) if "=" in word)
        found = {name.removeprefix("TOCSIN_"): value for name, value in pairs}
        if missing := [name for name in CREDENTIALS if name not in found]:
            raise CannotStart(
                f"{self.credentials} lacks TOCSIN_{missing[0]}: repair it, or move it away to get"
                " new credentials for the same data"
            )
        return found

    def write_credentials(self, credentials: Mapping[str, str]) -> None:
        """Writes credentials.env, whole or not at all."""
        told = [name for name in (*CREDENTIALS, *OF_INGEST) if name in credentials]
        lines = (f"TOCSIN_{name}={shlex.quote(credentials[name])}\n" for name in told)
        self._replace(self.credentials, "".join(lines))
        with suppress(FileNotFoundError):
            self.progress.unlink()

    def read_progress(self) -> dict[str, str]:
        """Returns what a first start has made so far."""
        try:
            told: dict[str, str] = json.loads(self.progress.read_text())
        except FileNotFoundError:
            return {}
        return told

    def write_progress(self, progress: Mapping[str, str]) -> None:
        """Remembers what a first start has made so far."""
        self._replace(self.progress, json.dumps(progress))

    def _replace(self, path: Path, text: str) -> None:
        new = path.with_name(f"{path.name}.new")
        with new.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)


@contextmanager
def data_folder(path: Path) -> Iterator[Folder]:
    """Takes hold of the data folder, and makes it if there is none."""
    umask = os.umask(0o077)  # the children's too
    try:
        with _locked(path):
            yield Folder(path)
    finally:
        os.umask(umask)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / "logs").mkdir(exist_ok=True)
        lock = (path / "up.lock").open("a+")
    except OSError as error:
        raise CannotStart(
            f"cannot write to the data folder {path} ({error.strerror}): make it yours, or set"
            " TOCSIN_DATA to another folder"
        ) from None
    with lock:
        try:
            # Ends with this process, however that ends; a file that is merely there would not.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(
                f"Tocsin already runs with the data folder {path} (process {lock.read().strip()}):"
                " end that one, or set TOCSIN_DATA and TOCSIN_HTTP to start another"
            ) from None
        lock.truncate(0)
        print(os.getpid(), file=lock, flush=True)
        yield
