"""What Prometheus is told of providers."""

from datetime import UTC, datetime, timedelta

from prometheus_client import Gauge

from services.notification import metrics
from services.notification.store.queue import Depth

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def shown(gauge: Gauge) -> dict[str, float]:
    return {
        each.labels["provider"]: each.value for family in gauge.collect() for each in family.samples
    }


def test_providers_of_a_family_are_measured_together() -> None:
    now = NOW + 9 * SECOND
    depths = [
        Depth("webhook:a", 3, NOW),
        Depth("webhook:b", 4, NOW + 5 * SECOND),
        Depth("smtp", 1, NOW + 8 * SECOND),
    ]
    metrics.tell_queue(depths, now)
    assert shown(metrics.QUEUE_DEPTH) == {"webhook": 7, "smtp": 1}
    assert shown(metrics.QUEUE_AGE) == {"webhook": 9, "smtp": 1}
    metrics.tell_queue([], now)
    assert shown(metrics.QUEUE_DEPTH) == shown(metrics.QUEUE_AGE) == {}

    metrics.tell_failing(["webhook:a", "webhook:b"])
    assert shown(metrics.FAILING) == {"webhook": 2}
    metrics.tell_failing([])
    assert shown(metrics.FAILING) == {}
