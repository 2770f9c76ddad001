"""Lists of large alerts, through the edge."""

from pathlib import Path

from tests.parts.suite import running_suite

COUNT = 25
DETAILS = "<" * 450_000


def test_large_alerts_are_listed(tmp_path: Path) -> None:
    with running_suite(tmp_path) as suite, suite.client() as client:
        for number in range(COUNT):
            responders = [{"user": {"id": 1}}]
            body = {"summary": f"large {number}", "details": DETAILS, "responders": responders}
            assert client.post("/api/alerts", json=body).status_code == 201

        reply = client.get("/api/alerts", params={"max-results": 100})

        assert reply.status_code == 200, reply.text[:300]
        large = [alert for alert in reply.json() if alert["summary"].startswith("large")]
        assert len(large) == COUNT
        assert all(f"/api/alerts/{each['id']} has the whole" in each["details"] for each in large)
        whole = client.get(f"/api/alerts/{large[0]['id']}")
        assert whole.json()["details"] == DETAILS
