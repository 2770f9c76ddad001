"""Secrets at rest: what opens them, and what does not."""

import base64
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.config import Config
from services.chassis.errors import Unavailable
from services.chassis.sealing import Sealer, parse_keys, sealer

OLD, NEW = b"o" * 32, b"n" * 32
SECRET = "il1secret"
PLACE = "alert_source:7:key"


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


def config(keys: str = "", file: Path | None = None) -> Config:
    return Config(database_url="", nats_url="", listen="", sealing_keys=keys, sealing_key_file=file)


@given(st.text(), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_in_its_place(secret: str, place: str) -> None:
    secret = secret.encode("utf-8", "replace").decode()
    sealer = Sealer({"k1": NEW})

    sealed = sealer.seal(secret, place)

    assert sealer.open(sealed, place) == secret


def test_the_sealed_form_names_its_key_and_hides_its_secret() -> None:
    sealed = Sealer({"k1": NEW}).seal(SECRET, PLACE)

    assert sealed.startswith(b"\x01\x02k1")
    assert SECRET.encode() not in sealed
    assert sealed != Sealer({"k1": NEW}).seal(SECRET, PLACE)


def test_the_first_key_seals_and_all_open() -> None:
    by_old = Sealer({"old": OLD}).seal(SECRET, PLACE)
    rotated = Sealer({"new": NEW, "old": OLD})

    assert rotated.open(by_old, PLACE) == SECRET
    assert rotated.seal(SECRET, PLACE)[2:5] == b"new"


def test_an_unknown_key_is_named() -> None:
    sealed = Sealer({"old": OLD}).seal(SECRET, PLACE)

    with pytest.raises(Unavailable, match="'old'") as refusal:
        Sealer({"new": NEW}).open(sealed, PLACE)

    assert refusal.value.code == "SEALING_KEY_UNKNOWN"


def changed(at: int) -> Callable[[bytes], bytes]:
    return lambda sealed: sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda sealed: b"",
        lambda sealed: sealed[:1],
        lambda sealed: sealed[:6],
        lambda sealed: sealed[:20],
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + b"x",
        changed(0),
        changed(5),
        changed(-9),
    ],
)
def test_a_damaged_secret_does_not_open(damage: Callable[[bytes], bytes]) -> None:
    sealer = Sealer({"k1": NEW})

    with pytest.raises(Unavailable) as refusal:
        sealer.open(damage(sealer.seal(SECRET, PLACE)), PLACE)

    assert refusal.value.code == "SEALED_SECRET_DAMAGED"


def test_a_secret_in_another_place_does_not_open() -> None:
    sealer = Sealer({"k1": NEW})

    with pytest.raises(Unavailable, match="another place"):
        sealer.open(sealer.seal(SECRET, PLACE), "alert_source:8:key")


def test_a_key_of_another_value_does_not_open() -> None:
    sealed = Sealer({"k1": OLD}).seal(SECRET, PLACE)

    with pytest.raises(Unavailable):
        Sealer({"k1": NEW}).open(sealed, PLACE)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", []),
        (f"a:{encoded(OLD)}", ["a"]),
        (f" b-2:{encoded(NEW)}, a_1:{encoded(OLD)}\n", ["b-2", "a_1"]),
    ],
)
def test_keys_are_read_in_their_order(text: str, ids: list[str]) -> None:
    assert list(parse_keys(text)) == ids


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (encoded(OLD), "sealing key 1 has no id"),
        (f"a:{encoded(OLD)},ä:{encoded(OLD)}", "sealing key 2 has no id"),
        (f"a:{encoded(OLD)},a:{encoded(NEW)}", "two sealing keys with the id a"),
        ("a:not/base64!", "sealing key a is not in base64"),
        ("a:schlüssel", "sealing key a is not in base64"),
        (f"a:{encoded(b'short')}", "sealing key a has 5 bytes instead of 32"),
        ("a:", "sealing key a has 0 bytes"),
    ],
)
def test_keys_that_are_amiss_are_told_without_their_value(text: str, told: str) -> None:
    with pytest.raises(SystemExit, match=told) as refusal:
        parse_keys(text)

    assert encoded(OLD) not in str(refusal.value)


def test_the_first_start_makes_a_key_file_that_only_the_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "sealing.key"

    sealed = sealer(config(file=file)).seal(SECRET, PLACE)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sealer(config(file=file)).open(sealed, PLACE) == SECRET
    assert [path.name for path in tmp_path.iterdir()] == ["sealing.key"]


def test_services_that_start_together_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starts:
        sealers = list(
            starts.map(lambda _: sealer(config(file=tmp_path / "sealing.key")), range(8))
        )

    sealed = sealers[0].seal(SECRET, PLACE)
    assert {each.open(sealed, PLACE) for each in sealers} == {SECRET}


def test_keys_of_the_environment_come_first_and_the_file_still_opens(tmp_path: Path) -> None:
    file = tmp_path / "sealing.key"
    by_file = sealer(config(file=file)).seal(SECRET, PLACE)

    both = sealer(config(f"env:{encoded(NEW)}", file))

    assert both.open(by_file, PLACE) == SECRET
    assert both.seal(SECRET, PLACE)[2:5] == b"env"


def test_keys_of_the_environment_need_no_file(tmp_path: Path) -> None:
    sealer(config(f"env:{encoded(NEW)}", tmp_path / "sealing.key"))

    assert list(tmp_path.iterdir()) == []


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(SystemExit, match="set SEALING_KEYS or SEALING_KEY_FILE"):
        sealer(config())


def test_a_file_that_others_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sealing.key"
    sealer(config(file=file))
    file.chmod(0o640)

    with pytest.raises(SystemExit, match="chmod 600"):
        sealer(config(file=file))


@pytest.mark.parametrize("content", [b"", b"\xff"])
def test_a_file_without_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "sealing.key"
    file.write_bytes(content)
    file.chmod(0o600)

    with pytest.raises(SystemExit, match=r"sealing\.key"):
        sealer(config(file=file))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="cannot make the sealing key"):
        sealer(config(file=tmp_path / "no" / "sealing.key"))


def test_a_config_does_not_show_its_keys() -> None:
    assert encoded(NEW) not in repr(config(f"env:{encoded(NEW)}"))
