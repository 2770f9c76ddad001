"""Ten times what a stream may hold passes through a healthy suite, and nothing is refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.parts.suite import CHILDREN, running_suite
from tests.parts.waiting import until

MIB = 1024 * 1024
CAP = 4 * MIB
SIZE = 100_000
COUNT = 10 * CAP // SIZE + 1


def test_ten_times_the_cap_of_every_stream(tmp_path: Path) -> None:
    services = [child.upper() for child in CHILDREN if child not in ("nats", "envoy")]
    caps = {f"TOCSIN_{service}_STREAM_MAX_BYTES": str(CAP) for service in services}
    with running_suite(tmp_path, **caps) as suite:

        def send(number: int) -> int:
            answer = suite.send("ALERT", f"event {number}", alertKey="flow", details="x" * SIZE)
            return answer.status_code

        with ThreadPoolExecutor(4) as senders:
            assert set(senders.map(send, range(COUNT))) == {202}

        def all_came() -> bool:
            with suite.client() as client:
                alerts = client.get("/api/alerts").json()
            return bool(alerts) and alerts[0]["eventCount"] == COUNT

        until(all_came, within=60)
        logs = "".join(path.read_text() for path in (tmp_path / "data" / "logs").glob("*.log"))
    assert "is ready" in logs
    assert "refused" not in logs
