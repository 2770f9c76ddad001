"""What the pages are made with: styles, the script, the icon. Nothing of it is anybody's secret."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("static")
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: Whoever asks for it by its address on a page, which names what is in it, need never ask again.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True)
class File:
    """One file."""

    name: str
    media_type: str
    data: bytes
    version: str  # differs where the data does

    @property
    def etag(self) -> str:
        """Tells what a browser has from what there is."""
        return f'"{self.version}"'

    @property
    def address(self) -> str:
        """Where a page finds it."""
        return f"/static/{self.name}?v={self.version}"


def load() -> Mapping[str, File]:
    """Reads all files, by name."""
    return {path.name: _read(path) for path in sorted(FOLDER.iterdir()) if _is_told(path)}


def is_known(file: File, if_none_match: str) -> bool:
    """Tells whether a browser has a file already, by its If-None-Match header."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return file.etag in tags


def _is_told(path: Path) -> bool:
    return path.suffix in MEDIA_TYPES


def _read(path: Path) -> File:
    data = path.read_bytes()
    version = hashlib.sha256(data).hexdigest()[:VERSION_LENGTH]
    return File(path.name, MEDIA_TYPES[path.suffix], data, version)
