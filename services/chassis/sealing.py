"""Secrets that must be shown again: encrypted at rest, each bound to its place.

AES-256-GCM, under a key that is not in the database. A sealed secret names the key that sealed
it, so that keys can change: put the new one first, keep the old ones for what they sealed. It
opens in its own context alone ("alert_source:7:key"): copied to another row it is worthless.
"""

import base64
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.chassis.config import Config
from services.chassis.errors import Unavailable

FORMAT = 1
KEY_BYTES = 32
NONCE_BYTES = 12
#: Bytes before the key's id: the format, and how long the id is.
HEAD_BYTES = 2

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SEPARATORS = re.compile(r"[,\s]+")


class Sealer:
    """Seals with the first of its keys and opens with any."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._first = next(iter(keys))
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._secrets = tuple(keys.values())

    def seal(self, text: str, context: str) -> bytes:
        """Returns a secret as it may be stored."""
        key_id = self._first.encode()
        head = bytes([FORMAT, len(key_id)]) + key_id
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._keys[self._first].encrypt(nonce, text.encode(), head + context.encode())
        return head + nonce + sealed

    def open(self, sealed: bytes, context: str) -> str:
        """Returns a secret that was sealed in the same context.

        Raises Unavailable, with the name of the key if it is not among the keys here.
        """
        if len(sealed) < HEAD_BYTES or sealed[0] != FORMAT:
            raise _damaged()
        end = HEAD_BYTES + sealed[1]
        head, nonce, rest = sealed[:end], sealed[end : end + NONCE_BYTES], sealed[end:]
        key_id = head[HEAD_BYTES:].decode(errors="replace")
        if key_id not in self._keys:
            told = f"the secret was sealed with the key {key_id!r}, which is not among the keys"
            raise Unavailable(f"{told} of this service", reason="SEALING_KEY_UNKNOWN")
        try:
            opened = self._keys[key_id].decrypt(nonce, rest[NONCE_BYTES:], head + context.encode())
        except (InvalidTag, ValueError):
            raise _damaged() from None
        return opened.decode()

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Returns keys for another purpose, one of each key: sign by the first, believe any.

        Whoever knows one of them learns nothing of the key behind it, or of other purposes.
        """
        return tuple(
            HKDF(SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)
            for key in self._secrets
        )


def sealer(config: Config) -> Sealer:
    """Returns the sealer of a deployment, making its key file at the first start.

    The keys of the environment come before those of the file. Raises SystemExit with what is
    amiss, never with a key.
    """
    keys = parse_keys(config.sealing_keys)
    file = config.sealing_key_file
    if file is not None:
        if not keys:
            _make_file(file)
        if file.exists():
            keys = {**keys, **{i: key for i, key in _file_keys(file).items() if i not in keys}}
    if not keys:
        raise SystemExit("no sealing key: set SEALING_KEYS or SEALING_KEY_FILE")
    return Sealer(keys)


def parse_keys(text: str) -> dict[str, bytes]:
    """Returns the keys of a list `id:base64key[,id:base64key…]`. Raises SystemExit."""
    keys: dict[str, bytes] = {}
    for number, part in enumerate(filter(None, _SEPARATORS.split(text.strip())), start=1):
        key_id, _, encoded = part.partition(":")
        if not _KEY_ID.fullmatch(key_id):
            raise SystemExit(f"sealing key {number} has no id: write id:base64key")
        if key_id in keys:
            raise SystemExit(f"there are two sealing keys with the id {key_id}")
        keys[key_id] = _decoded(key_id, encoded)
    return keys


def _decoded(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:  # binascii's own is one; other letters than ASCII are one, too
        raise SystemExit(f"the sealing key {key_id} is not in base64") from None
    if len(key) != KEY_BYTES:
        told = f"the sealing key {key_id} has {len(key)} bytes instead of {KEY_BYTES}"
        raise SystemExit(told)
    return key


def _file_keys(file: Path) -> dict[str, bytes]:
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise SystemExit(f"{file} can be read by others: chmod 600 it")
        keys = parse_keys(file.read_text("ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"cannot read the sealing keys in {file}: {error}") from None
    if not keys:
        raise SystemExit(f"there is no sealing key in {file}")
    return keys


def _make_file(file: Path) -> None:
    """Makes a file with a fresh key, unless it is there; services that start together share it."""
    if file.exists():
        return
    line = f"{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"
    try:
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".sealing-") as fresh:
            fresh.write(line)
            fresh.flush()
            os.fsync(fresh.fileno())
            with suppress(FileExistsError):  # another service was faster: its key it is
                os.link(fresh.name, file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise SystemExit(f"cannot make the sealing key {file}: {error}") from None


def _damaged() -> Unavailable:
    told = "the sealed secret is damaged, or was sealed for another place"
    return Unavailable(told, reason="SEALED_SECRET_DAMAGED")
