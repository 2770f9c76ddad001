"""Alert sources of a suite, and the alerts that come of their events."""

import secrets
from typing import Any

import httpx

from tests.parts.suite import Suite
from tests.parts.waiting import until

SECONDS = 20


class Source:
    """An alert source of a test's own."""

    def __init__(self, suite: Suite, client: httpx.Client, **fields: Any) -> None:
        """Makes it; `fields` are those of the REST resource."""
        wanted = {
            "name": f"source {secrets.token_hex(4)}",
            "integrationType": "API",
            "escalationPolicy": {"id": int(suite.credentials["TOCSIN_POLICY_ID"])},
            **fields,
        }
        made = client.post("/api/alert-sources", json=wanted)
        assert made.status_code == 201, made.text
        self._client = client
        self.id = int(made.json()["id"])
        self.key = str(made.json()["integrationKey"])
        self.url = str(made.json()["integrationUrl"])

    def alerts(self, **query: Any) -> list[dict[str, Any]]:
        """Returns its alerts, newest first."""
        answer = self._client.get("/api/alerts", params={"sources": self.id, **query})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    def alert(self, **expected: Any) -> dict[str, Any]:
        """Returns its newest alert once it looks as expected."""

        def there() -> bool:
            found = self.alerts()
            return bool(found) and expected.items() <= found[0].items()

        until(there, within=SECONDS)
        newest: dict[str, Any] = self.alerts(include="customDetails")[0]
        return newest
