"""What the children are told, and what the person who starts them may choose."""

import os
import re
import socket
import stat
from pathlib import Path

import pytest

from services.chassis.tokens import service_token_hash
from services.cli import commands
from services.cli.folder import data_folder
from services.cli.parts import SERVICES, chosen
from services.cli.settings import CannotStart, Settings
from services.cli.suite import (
    Ports,
    admin_socket,
    common_environment,
    free_ports,
    own,
    service_environment,
)
from services.cli.supervisor import BackOff
from services.ingest.config import Config as IngestConfig
from services.notification import telephones
from services.notification.config import Config as NotificationConfig
from tests.parts.twilio import twilio_settings

PORTS = Ports(
    nats=4222,
    nats_monitoring=8222,
    services={name: 7001 + number for number, name in enumerate(SERVICES)},
    metrics={name: 9001 + number for number, name in enumerate(SERVICES)},
)
TOKENS = {name: f"secret of {name}" for name in SERVICES}
CREDENTIALS = {
    "URL": "http://127.0.0.1:8080",
    "TOKEN": "tcs_1",
    "INTEGRATION_KEY": "key",
    "USER_ID": "1",
    "POLICY_ID": "2",
    "SOURCE_ID": "3",
}


def told(name: str, **said: str) -> dict[str, str]:
    return service_environment(
        name,
        settings=Settings.from_env({"TOCSIN_DATA": "/data", **said}),
        folder=Path("/data"),
        ports=PORTS,
        tokens=TOKENS,
        nats_password="password",
    )


def test_a_service_is_told_all_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in told("ingest").items():
        monkeypatch.setenv(name, value)

    config = IngestConfig.from_env("TOCSIN_INGEST_")

    assert config.database_url == "sqlite:////data/ingest.db"
    assert config.nats_url == "nats://tocsin:password@127.0.0.1:4222"
    assert config.listen == "127.0.0.1:7001"
    assert config.metrics_listen == "127.0.0.1:9001"
    assert config.escalation_address == "127.0.0.1:7003"
    assert config.public_url == "http://127.0.0.1:8080"
    assert config.sealing_key_file == Path("/data/sealing.key")
    assert config.clock_offset_file is None
    hashes = dict(pair.split("=") for pair in config.service_token_hashes.split(","))
    assert hashes == {name: service_token_hash(token) for name, token in TOKENS.items()}
    assert hashes["ingest"] == service_token_hash(config.service_token)


def test_what_was_chosen_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "TOCSIN_SMTP_URL": "smtp://127.0.0.1:25",
        "TOCSIN_SMTP_SENDER": "tocsin@example.com",
        "TOCSIN_NTFY_URL": "https://ntfy.example.com",
        "TOCSIN_APPRISE_SCHEMES": "gotify, matrix",
        "TOCSIN_MESSAGE_CAPS": "VOICE=5/60",
        "TOCSIN_PUBLIC_URL": "https://tocsin.example.com/",
        "TOCSIN_CLOCK_OFFSET_FILE": "/offset",
    }
    for name, value in told("notification", **said).items():
        monkeypatch.setenv(name, value)

    config = NotificationConfig.from_env("TOCSIN_NOTIFICATION_")

    assert config.smtp_url == "smtp://127.0.0.1:25"
    assert config.smtp_sender == "tocsin@example.com"
    assert config.offer.ntfy_url == "https://ntfy.example.com"
    assert config.offer.apprise_schemes == {"gotify", "matrix"}
    assert config.message_caps == "VOICE=5/60"
    assert config.public_url == "https://tocsin.example.com"
    assert config.clock_offset_file == Path("/offset")


def test_who_sends_text_messages_and_places_calls_is_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = {
        **twilio_settings("http://127.0.0.1:1"),
        "TOCSIN_SMS_PROVIDERS": "gateway,twilio",
        "TOCSIN_VOICE_PROVIDERS": "none",
        "TOCSIN_TWILIO_CALLER": "+15005550001",
        "TOCSIN_GATEWAY_URL": "http://10.0.0.2/sms",
        "TOCSIN_GATEWAY_SECRET": "whsec_" + "A" * 32,
    }
    for name, value in told("notification", **said).items():
        monkeypatch.setenv(name, value)

    config = NotificationConfig.from_env("TOCSIN_NOTIFICATION_")

    for name, value in said.items():
        assert getattr(config, name.removeprefix("TOCSIN_").lower()) == value
    telephones.check(config)


def test_no_child_inherits_credentials() -> None:
    environment = {"PATH": "/bin", "TOCSIN_TOKEN": "tcs_1", "TOCSIN_INGEST_STREAM_MAX_BYTES": "9"}

    assert common_environment(environment) == {"PATH": "/bin", "PYTHONUNBUFFERED": "1"}
    assert own("ingest", environment) == {"TOCSIN_INGEST_STREAM_MAX_BYTES": "9"}
    assert own("alertstate", environment) == {}


def test_free_ports_are_different_and_free() -> None:
    found = free_ports(20)

    assert len(set(found)) == 20
    for port in found:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))


def test_a_socket_whose_path_would_be_too_long_is_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100) / "envoy.sock"

    elsewhere = admin_socket(deep)

    assert elsewhere.name == "envoy.sock"
    assert len(str(elsewhere)) < 100
    elsewhere.parent.rmdir()
    assert admin_socket(Path("/data/envoy.sock")) == Path("/data/envoy.sock")


def test_back_off_doubles_to_a_limit_and_forgives() -> None:
    back_off = BackOff()

    assert [back_off.after(1.0) for _ in range(8)] == [0.25, 0.5, 1, 2, 4, 8, 15, 15]
    assert back_off.after(31.0) == 0.25
    assert back_off.after(1.0) == 0.5


@pytest.mark.parametrize(
    ("listening", "url"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("localhost:81", "http://127.0.0.1:81"),
        ("[::1]:82", "http://[::1]:82"),
        ("[::]:82", "http://[::1]:82"),
    ],
)
def test_the_url_is_one_that_can_be_called(listening: str, url: str) -> None:
    settings = Settings.from_env({"TOCSIN_HTTP": listening})

    assert settings.local_url == settings.public_url == url


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("TOCSIN_TRUSTED_HOPS", "-1"),
        ("TOCSIN_TRUSTED_HOPS", "one"),
        ("TOCSIN_EDGE_CALLS_PER_MINUTE", "0"),
        ("TOCSIN_EDGE_CALLS_PER_MINUTE", "9999999999"),
    ],
)
def test_a_number_that_is_none_is_named(variable: str, text: str) -> None:
    with pytest.raises(CannotStart, match=f"{variable} is '{text}': make it a whole number"):
        Settings.from_env({variable: text})


@pytest.mark.parametrize(
    "listening",
    [
        "8080",
        ":8080",
        "127.0.0.1",
        "127.0.0.1:http",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:²",
    ],
)
def test_an_address_that_is_none_is_refused(listening: str) -> None:
    with pytest.raises(CannotStart, match=r"TOCSIN_HTTP is .*for example 127.0.0.1:8080"):
        Settings.from_env({"TOCSIN_HTTP": listening})


def test_an_unknown_host_is_refused() -> None:
    with pytest.raises(CannotStart, match=r"names the host 'no.such.host.invalid'"):
        Settings.from_env({"TOCSIN_HTTP": "no.such.host.invalid:80"})


def test_a_busy_port_is_refused() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]

        with pytest.raises(
            CannotStart, match=f"cannot listen on 127.0.0.1 port {port} .*TOCSIN_HTTP"
        ):
            Settings.from_env({"TOCSIN_HTTP": f"127.0.0.1:{port}"}).with_free_port()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotStart, match=r"cannot listen on 192\.0\.2\.1 port 80"):
        Settings.from_env({"TOCSIN_HTTP": "192.0.2.1:80"}).with_free_port()


def test_port_0_becomes_a_free_one() -> None:
    assert Settings.from_env({"TOCSIN_HTTP": "127.0.0.1:0"}).with_free_port().port > 0


@pytest.mark.parametrize("variable", ["TOCSIN_NATS_SERVER", "TOCSIN_ENVOY"])
def test_a_missing_program_is_named_with_its_variable(variable: str) -> None:
    with pytest.raises(CannotStart, match=f"{variable} is /no/such, which is not there"):
        Settings.from_env({variable: "/no/such"})


def test_a_data_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotStart, match=r"cannot write to the data folder .* set TOCSIN_DATA"):
        with data_folder(tmp_path / "file" / "data"):
            pass


def test_a_data_folder_has_one_owner_and_no_reader(tmp_path: Path) -> None:
    with data_folder(tmp_path / "data") as folder:
        with pytest.raises(CannotStart, match=rf"already runs .* \(process {os.getpid()}\)"):
            with data_folder(tmp_path / "data"):
                pass

        folder.write_credentials(CREDENTIALS)

        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        assert stat.S_IMODE(folder.credentials.stat().st_mode) == 0o600
        assert folder.read_credentials() == CREDENTIALS


def test_what_a_first_start_made_is_forgotten_with_its_end(tmp_path: Path) -> None:
    with data_folder(tmp_path) as folder:
        folder.write_progress({"bootstrap": "tcs_1"})
        assert folder.read_progress() == {"bootstrap": "tcs_1"}
        assert folder.read_credentials() is None

        folder.write_credentials(CREDENTIALS)

        assert folder.read_progress() == {}


def test_credentials_that_lack_something_are_refused(tmp_path: Path) -> None:
    with data_folder(tmp_path) as folder:
        folder.credentials.write_text("TOCSIN_URL=http://127.0.0.1:8080\n")
        with pytest.raises(CannotStart, match="lacks TOCSIN_TOKEN"):
            folder.read_credentials()


def test_the_commands_can_be_pasted() -> None:
    assert commands.accept(CREDENTIALS, "1") == (
        'curl -X PUT http://127.0.0.1:8080/api/alerts/1/accept -H "Authorization: Bearer tcs_1"'
    )
    assert '"integrationKey": "key"' in commands.raise_alert(CREDENTIALS)


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("", SERVICES),
        ("escalation,notification", ("escalation", "notification")),
        (" notification, escalation", ("escalation", "notification")),
        ("notification,alertstate,ingest,escalation", SERVICES),
    ],
)
def test_services_that_work_without_the_others(text: str, services: tuple[str, ...]) -> None:
    assert chosen(text) == services


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("notification", "notification cannot work without escalation, which knows people"),
        ("escalation", "escalation cannot work without notification, which tells people"),
        ("ingest", "ingest cannot work without alertstate, which makes alerts of its events"),
        ("alertstate,escalation,notification", "alertstate cannot work without ingest"),
        ("ingest,escalation,notification", "ingest cannot work without alertstate"),
        ("escalation,paging", "'paging', which is no service"),
        (",", "'', which is no service"),
    ],
)
def test_services_that_do_not(text: str, words: str) -> None:
    with pytest.raises(CannotStart, match=re.escape(words)):
        chosen(text)


def test_what_runs_alone_waits_for_no_reader_that_does_not_run(tmp_path: Path) -> None:
    ports = Ports.free(("escalation", "notification"))
    environment = service_environment(
        "escalation",
        settings=Settings.from_env({"TOCSIN_DATA": "/data"}),
        folder=tmp_path,
        ports=ports,
        tokens={"escalation": "a", "notification": "b"},
        nats_password="secret",
    )

    assert environment["TOCSIN_ESCALATION_STREAM_READERS"] == "notification"
    assert not any("INGEST" in name or "ALERTSTATE" in name for name in environment)
