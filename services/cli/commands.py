"""The commands that are printed for people to paste."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path


def raise_alert(credentials: Mapping[str, str]) -> str:
    """Returns the command that pages somebody."""
    event = {
        "integrationKey": credentials["INTEGRATION_KEY"],
        "eventType": "ALERT",
        "summary": "disk full on db-1",
        "alertKey": "disk-db-1",
    }
    body = shlex.quote(json.dumps(event))
    return (
        f"curl -X POST {credentials['URL']}/api/events"
        f" -H 'Content-Type: application/json' -d {body}"
    )


def list_alerts(credentials: Mapping[str, str]) -> str:
    """Returns the command that lists the alerts."""
    return f"curl {credentials['URL']}/api/alerts {_authorization(credentials)}"


def accept(credentials: Mapping[str, str], alert: str) -> str:
    """Returns the command that takes an alert: nobody else is paged."""
    return _act(credentials, alert, "accept")


def accept_later(credentials: Mapping[str, str], alert: str, file: Path) -> str:
    """Returns the command that takes an alert, for a place where the token must not stand."""
    return _later(file, accept(_unsaid(credentials), alert))


def acknowledge_later(credentials: Mapping[str, str], run: int, file: Path) -> str:
    """Returns the command that takes what a run is about, as `accept_later` does."""
    return _later(file, acknowledge(_unsaid(credentials), run))


def resolve(credentials: Mapping[str, str], alert: str) -> str:
    """Returns the command that says that an alert is over."""
    return _act(credentials, alert, "resolve")


def start(credentials: Mapping[str, str]) -> str:
    """Returns the command that has somebody paged about something that is no alert."""
    wanted = {
        "escalationPolicyId": int(credentials["POLICY_ID"]),
        "subject": {"kind": "job", "id": "backup", "title": "The nightly backup is late"},
    }
    return (
        f"curl -X POST {credentials['URL']}/api/escalations {_authorization(credentials)}"
        " -H 'Content-Type: application/json' -H \"Idempotency-Key: $(date +%s)\""
        f" -d {shlex.quote(json.dumps(wanted))}"
    )


def list_runs(credentials: Mapping[str, str]) -> str:
    """Returns the command that lists the runs."""
    return f"curl {credentials['URL']}/api/escalations {_authorization(credentials)}"


def acknowledge(credentials: Mapping[str, str], run: int) -> str:
    """Returns the command that takes what a run is about: nobody else is paged."""
    return _end(credentials, run, "acknowledge")


def stop(credentials: Mapping[str, str], run: int) -> str:
    """Returns the command that says that a run's subject needs nobody any more."""
    return _end(credentials, run, "stop")


def _act(credentials: Mapping[str, str], alert: str, verb: str) -> str:
    url = f"{credentials['URL']}/api/alerts/{alert}/{verb}"
    return f"curl -X PUT {url} {_authorization(credentials)}"


def _end(credentials: Mapping[str, str], run: int, verb: str) -> str:
    url = f"{credentials['URL']}/api/escalations/{run}/{verb}"
    return f"curl -X PUT {url} {_authorization(credentials)}"


def _unsaid(credentials: Mapping[str, str]) -> Mapping[str, str]:
    return {**credentials, "TOKEN": "$TOCSIN_TOKEN"}


def _later(file: Path, command: str) -> str:
    return f". {shlex.quote(str(file.absolute()))}; {command}"


def _authorization(credentials: Mapping[str, str]) -> str:
    return f'-H "Authorization: Bearer {credentials["TOKEN"]}"'
