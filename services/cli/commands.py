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
    unsaid = {**credentials, "TOKEN": "$TOCSIN_TOKEN"}
    return f". {shlex.quote(str(file.absolute()))}; {accept(unsaid, alert)}"


def resolve(credentials: Mapping[str, str], alert: str) -> str:
    """Returns the command that says that an alert is over."""
    return _act(credentials, alert, "resolve")


def _act(credentials: Mapping[str, str], alert: str, verb: str) -> str:
    url = f"{credentials['URL']}/api/alerts/{alert}/{verb}"
    return f"curl -X PUT {url} {_authorization(credentials)}"


def _authorization(credentials: Mapping[str, str]) -> str:
    return f'-H "Authorization: Bearer {credentials["TOKEN"]}"'
