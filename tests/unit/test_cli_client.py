"""What the client commands read: addresses, credentials, words and times."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli.client import reading
from services.cli.client.target import BadUsage, Target
from tocsin.alertstate.v1.alert_pb2 import Alert

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
URL = "http://127.0.0.1:8080"
WRITTEN = f"TOCSIN_URL={URL}\nTOCSIN_TOKEN='their token'\nTOCSIN_INTEGRATION_KEY=k\n"


def folder(path: Path, text: str = WRITTEN) -> dict[str, str]:
    (path / "credentials.env").write_text(text)
    return {"TOCSIN_DATA": str(path)}


@pytest.mark.parametrize(
    ("text", "ahead"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("2026-03-29T12:00:07Z", timedelta(seconds=7)),
        ("2026-03-29T14:00:00+01:00", timedelta(hours=1)),
        ("2026-03-29T11:00:00+00:00", timedelta(hours=-1)),
    ],
)
def test_until_when_is_a_period_or_a_time(text: str, ahead: timedelta) -> None:
    assert reading.until(text, NOON) == NOON + ahead


@pytest.mark.parametrize("text", ["", "soon", "2", "2w", "-1h", "1h30m", "9999999d", "2026-13-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadUsage, match="is no time"):
        reading.until(text, NOON)


def test_a_time_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(BadUsage, match="is no time"):
        reading.until("999999d", datetime.max.replace(tzinfo=UTC))


def test_states_are_words_in_any_case() -> None:
    assert reading.states(["pending", "RESOLVED"]) == [Alert.PENDING, Alert.RESOLVED]
    assert reading.states(None) == []


@pytest.mark.parametrize("text", ["", "odd", "STATUS_UNSPECIFIED", "1"])
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(BadUsage, match="PENDING, ACCEPTED, RESOLVED"):
        reading.states([text])


def test_options_win_over_the_environment_and_that_over_the_folder(tmp_path: Path) -> None:
    written = folder(tmp_path)
    said = {**written, "TOCSIN_URL": URL, "TOCSIN_TOKEN": "mine"}

    assert Target.find(environment=written).token == "their token"
    assert Target.find(environment=said).token == "mine"
    assert Target.find(token="this", environment=said).token == "this"
    assert Target.find(environment=said).integration_key == "k"


def test_the_folder_s_credentials_are_shown_to_its_own_address_only(tmp_path: Path) -> None:
    found = Target.find("http://elsewhere:8080", environment=folder(tmp_path))

    assert (found.token, found.integration_key) == ("", "")
    with pytest.raises(BadUsage, match="no API token for http://elsewhere"):
        _ = found.metadata
    assert Target.find(f"{URL}/", environment=folder(tmp_path)).token == "their token"


@pytest.mark.parametrize("text", ["", "it's", "\x00", "TOCSIN_TOKEN=x"])
def test_without_an_address_nothing_is_asked(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadUsage, match="which Tocsin"):
        Target.find(environment=folder(tmp_path, text))


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080", "ftp://x", "http://", "http://x:y", "http://x:99999", "http://x/api", "x"],
)
async def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(BadUsage, match="is no URL"):
        Target(url=url, token="", integration_key="").open()


@pytest.mark.parametrize("url", [URL, "http://[::1]:80", "https://tocsin.example"])
async def test_an_address_is_opened(url: str) -> None:
    await Target(url=url, token="", integration_key="").open().close()


@pytest.mark.parametrize("token", ["a\nb", "\u00e4"])
def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    with pytest.raises(BadUsage, match="is no API token"):
        _ = Target(url=URL, token=token, integration_key="").metadata
